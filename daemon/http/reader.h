#pragma once
/// Requests out of a stream of bytes (RFC 9112), strictly. Pure: knows no socket and no clock. Boost.Beast's parser does
/// the grammar; what it forgives (folded lines, odd encodings, missing or repeated Host) is refused here, because two
/// programs that read one request differently are how requests are smuggled.

#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/request.h"

namespace riverd::http {

/// Bounds on what a client may send; beyond: 414, 431, 413.
struct Limits {
  std::size_t request_line = 8 * 1024;
  std::size_t head = 32 * 1024;  ///< request line and fields
  std::size_t fields = 100;
  std::size_t body = 64 * 1024;
};

struct Field {
  boost::beast::http::field id;  ///< `unknown` for names that Beast has no number for
  std::string_view name;
  std::string_view value;
};

/// The head of a request, as views into the buffer it was read from.
struct Head {
  Method method = Method::other;
  std::string_view target;
  std::string_view host;  ///< of the Host field
  bool http11 = true;
  bool keep_alive = true;
  bool expects_continue = false;
  std::vector<Field> fields;

  /// The first value of a field, or empty.
  [[nodiscard]] std::string_view field(boost::beast::http::field id) const;
  /// By name, in any case: for fields that Beast has no number for.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

/// Why a request cannot be answered; after it the connection closes, because where the next request starts is not known.
struct Refusal {
  unsigned status = 400;
  std::string_view detail;
};

/// Reads one request: first its head, whole, from the start of a buffer; then its body, piece by piece.
class RequestReader : private boost::beast::http::basic_parser<true> {
 public:
  enum class Step : std::uint8_t { more, ready, refused };

  explicit RequestReader(const Limits& limits);

  /// Looks for a head at the start of `buffer`, which grows from call to call until the head is whole. When ready,
  /// head() views the buffer and head_size() bytes of it are used. Empty lines before it have to be skipped already.
  Step read_head(std::string_view buffer);
  [[nodiscard]] const Head& head() const { return head_; }
  [[nodiscard]] std::size_t head_size() const { return head_size_; }

  /// Whether a body follows the head that is ready.
  [[nodiscard]] bool has_body() const { return has_body_; }

  /// Takes body bytes from the start of `buffer`; `used` of them are consumed. Ready when the body is whole.
  Step read_body(std::string_view buffer, std::size_t& used);
  [[nodiscard]] std::string take_body() { return std::move(body_); }

  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

 private:
  using Parser = boost::beast::http::basic_parser<true>;
  using Code = boost::beast::error_code;
  using View = boost::beast::string_view;

  /// Walks over whole lines; ready when the empty line that ends the head was seen.
  Step scan_lines(std::string_view buffer);
  Step check_line_end(std::string_view buffer, std::size_t newline);
  Step refuse(unsigned status, std::string_view detail);
  Step refuse(const Code& error);
  Step check_head();
  Step check_framing();

  void on_request_impl(boost::beast::http::verb verb, View method, View target, int version, Code& error) override;
  void on_response_impl(int code, View reason, int version, Code& error) override;
  void on_field_impl(boost::beast::http::field id, View name, View value, Code& error) override;
  void on_header_impl(Code& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code& error) override;
  std::size_t on_body_impl(View bytes, Code& error) override;
  void on_chunk_header_impl(std::uint64_t size, View extensions, Code& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, View bytes, Code& error) override;
  void on_finish_impl(Code& error) override;

  const Limits limits_;
  Head head_;
  std::size_t scanned_ = 0;     ///< bytes of the buffer that scan_lines has walked over
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
  std::size_t head_size_ = 0;
  std::size_t body_wire_ = 0;   ///< bytes of the body with its framing
  bool head_done_ = false;
  bool has_body_ = false;
  bool finished_ = false;
  std::string body_;
  Refusal refusal_;
};

}  // namespace riverd::http
