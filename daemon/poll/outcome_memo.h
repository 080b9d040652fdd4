#pragma once
/// What settle() remembers of a source besides PollState's own fields: PollState::schedule as values.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/schedule/model.h"

namespace riverd::poll {

inline constexpr std::size_t kKnownEntries = 128;
inline constexpr std::size_t kLongestUrl = 200;

struct Memo {
  std::uint64_t validators_of = 0;  ///< url_key() of the URL that gave the validators; 0: none
  std::string validators_url;       ///< that URL where it is not the one asked; at most kLongestUrl bytes
  std::uint32_t fresh_left = 0;     ///< seconds the last response stayed fresh, by its cache fields,
  std::uint32_t fresh_stated = 0;   ///< and as stated, Age not subtracted
  std::uint32_t ttl = 0;            ///< seconds, of <ttl> and sy:
  std::uint32_t skip_hours = 0;
  std::uint8_t skip_days = 0;
  std::uint8_t restless = 0;        ///< changed bodies in a row, without validators and without news
  std::uint32_t healthy_gap = 0;    ///< seconds: the gap planned after the last success
  std::uint8_t known_next = 0;
  std::uint8_t known_count = 0;
  std::array<std::uint16_t, kKnownEntries> known{};  ///< short digests of the ids of the entries seen last
  schedule::SourceModel model;

  /// Opaque bytes, at most 1 KiB.
  [[nodiscard]] std::string encode() const;
  /// Anything else than encode() wrote gives an empty memo. Without the model: that stays fresh, whatever was written.
  enum class Part : std::uint8_t { all, without_model };
  [[nodiscard]] static Memo decode(std::string_view text, Part part = Part::all);

  /// Whether an entry's id is new here; it is known from now on.
  bool learn_entry(std::string_view id);
};

[[nodiscard]] std::uint64_t url_key(std::string_view url);

}  // namespace riverd::poll
