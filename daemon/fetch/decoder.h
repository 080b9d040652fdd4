#pragma once
/// Content codings (RFC 9110, 8.4.1), bounded and checked to their end: a coding that was cut short is an error.

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace riverd::fetch {

/// What Accept-Encoding names: what a Decoder really decodes.
inline constexpr std::string_view kAcceptEncoding = "gzip, br, zstd";

enum class Decoded : std::uint8_t { ok, too_large, broken };

/// Takes decoded bytes; false when there may be no more (too large).
using Sink = std::function<bool(std::string_view)>;

class Decoder {
 public:
  virtual ~Decoder() = default;
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Decodes some bytes as they come from the wire.
  virtual Decoded write(std::string_view bytes, const Sink& sink) = 0;
  /// The wire has no more: broken unless the coding is at its end.
  virtual Decoded finish(const Sink& sink) = 0;
  /// Whether finish() does all of the work, and needs much memory while it does.
  [[nodiscard]] virtual bool deferred() const { return false; }
};

/// The decoder for a Content-Encoding field; null where there is nothing to decode: none, identity, or a word that is no
/// coding at all (servers write charsets there; what is not readable then fails as a feed).
///   max_input   bytes of wire that a deferred decoder holds at most
[[nodiscard]] std::unique_ptr<Decoder> make_decoder(std::string_view content_encoding, std::uint64_t max_input);

}  // namespace riverd::fetch
