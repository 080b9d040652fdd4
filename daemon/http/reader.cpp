#include "daemon/http/reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>

#include "daemon/http/text.h"

namespace riverd::http {

namespace beast_http = boost::beast::http;
using beast_http::field;

namespace {

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

Method to_method(beast_http::verb verb) {
  switch (verb) {
    case beast_http::verb::get: return Method::get;
    case beast_http::verb::head: return Method::head;
    case beast_http::verb::post: return Method::post;
    case beast_http::verb::options: return Method::options;
    default: return Method::other;
  }
}

/// A Host field's value: a name, an address or a bracketed address, with or without a port.
bool is_host(std::string_view host) {
  if (host.empty()) return false;
  for (const char c : host) {
    const bool known = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
                       std::string_view("-._~!$&'()*+;=%:[]").find(c) != std::string_view::npos;
    if (!known) return false;
  }
  return true;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "HTTP/2.0" and the like at the end of a request line: a version we know the form of but do not speak.
bool names_a_version(std::string_view line) {
  const auto space = line.rfind(' ');
  if (space == std::string_view::npos) return false;
  const std::string_view word = line.substr(space + 1);
  return word.size() == 8 && word.starts_with("HTTP/") && is_digits(word.substr(5, 1)) && word[6] == '.' &&
         is_digits(word.substr(7, 1));
}

}  // namespace

std::string_view Head::field(beast_http::field id) const {
  for (const auto& each : fields)
    if (each.id == id) return each.value;
  return {};
}

std::string_view Head::field(std::string_view name) const {
  for (const auto& each : fields)
    if (equal_no_case(each.name, name)) return each.value;
  return {};
}

RequestReader::RequestReader(const Limits& limits) : limits_(limits) {
  header_limit(static_cast<std::uint32_t>(limits.head + 16));
  body_limit(limits.body);
}

RequestReader::Step RequestReader::refuse(unsigned status, std::string_view detail) {
  refusal_ = {status, detail};
  return Step::refused;
}

RequestReader::Step RequestReader::refuse(const Code& error) {
  if (error == beast_http::error::body_limit) return refuse(413, "the request body is larger than 64 KiB");
  if (error == beast_http::error::header_limit) return refuse(431, "the request head is too large");
  if (error == beast_http::error::bad_method) return refuse(400, "the method is not a token");
  if (error == beast_http::error::bad_target) return refuse(400, "the request target is malformed");
  if (error == beast_http::error::bad_version) return refuse(400, "the request line is malformed");
  if (error == beast_http::error::bad_content_length || error == beast_http::error::multiple_content_length)
    return refuse(400, "Content-Length is malformed, repeated, or sent with Transfer-Encoding");
  if (error == beast_http::error::bad_transfer_encoding)
    return refuse(400, "Transfer-Encoding is repeated, or sent with Content-Length");
  if (error == beast_http::error::bad_chunk || error == beast_http::error::bad_chunk_extension)
    return refuse(400, "a chunk of the body is malformed");
  return refuse(400, "a header field is malformed");
}

RequestReader::Step RequestReader::check_line_end(std::string_view buffer, std::size_t newline) {
  if (newline == line_start_ || buffer[newline - 1] != '\r') return refuse(400, "a line ends without CR");
  const std::string_view line = buffer.substr(line_start_, newline - 1 - line_start_);
  if (lines_ == 0 && line.size() > limits_.request_line) return refuse(414, "the request line is longer than 8 KiB");
  if (lines_ == 0 && names_a_version(line) && !line.ends_with("HTTP/1.1") && !line.ends_with("HTTP/1.0"))
    return refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  if (!line.empty() && (line.front() == ' ' || line.front() == '\t'))
    return refuse(400, "a header field is folded over two lines");
  if (++lines_ > limits_.fields + 2) return refuse(431, "more than 100 header fields");
  line_start_ = newline + 1;
  scanned_ = line_start_;
  if (!line.empty()) return Step::more;
  head_size_ = line_start_;
  return Step::ready;
}

RequestReader::Step RequestReader::scan_lines(std::string_view buffer) {
  while (scanned_ < buffer.size()) {
    const void* found = std::memchr(buffer.data() + scanned_, '\n', buffer.size() - scanned_);
    if (found == nullptr) {
      scanned_ = buffer.size();
      break;
    }
    const auto newline = static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data());
    if (newline >= limits_.head) break;
    const Step step = check_line_end(buffer, newline);
    if (step != Step::more) return step;
  }
  if (lines_ == 0 && buffer.size() > limits_.request_line) return refuse(414, "the request line is longer than 8 KiB");
  if (buffer.size() >= limits_.head) return refuse(431, "the request head is larger than 32 KiB");
  return Step::more;
}

RequestReader::Step RequestReader::read_head(std::string_view buffer) {
  if (const Step step = scan_lines(buffer); step != Step::ready) return step;
  if (buffer.substr(0, head_size_).find('\0') != std::string_view::npos) return refuse(400, "a NUL character");
  Code error;
  put(boost::asio::buffer(buffer.data(), head_size_), error);
  head_done_ = true;
  if (error) return refuse(error);
  if (!is_header_done()) return refuse(400, "the request head is malformed");
  return check_head();
}

RequestReader::Step RequestReader::check_head() {
  std::size_t hosts = 0;
  for (const auto& each : head_.fields) {
    if (each.id != field::host) continue;
    ++hosts;
    head_.host = each.value;
  }
  if (hosts > 1) return refuse(400, "more than one Host field");
  if (hosts == 0 && head_.http11) return refuse(400, "no Host field");
  if (hosts == 1 && !is_host(head_.host)) return refuse(400, "the Host field is malformed");
  head_.keep_alive = keep_alive();
  return check_framing();
}

RequestReader::Step RequestReader::check_framing() {
  std::size_t lengths = 0;
  std::size_t encodings = 0;
  for (const auto& each : head_.fields) {
    if (each.id == field::content_length) {
      if (++lengths > 1 || !is_digits(each.value)) return refuse(400, "Content-Length is malformed or repeated");
    } else if (each.id == field::transfer_encoding) {
      if (++encodings > 1) return refuse(400, "Transfer-Encoding is repeated");
      if (!equal_no_case(each.value, "chunked")) return refuse(501, "the only Transfer-Encoding known here is chunked");
      if (!head_.http11) return refuse(400, "Transfer-Encoding does not belong into HTTP/1.0");
    } else if (each.id == field::expect) {
      if (!equal_no_case(each.value, "100-continue")) return refuse(417, "the only expectation known here is 100-continue");
      head_.expects_continue = head_.http11;
    }
  }
  if (lengths > 0 && encodings > 0) return refuse(400, "Content-Length is sent with Transfer-Encoding");
  has_body_ = !finished_;
  return Step::ready;
}

RequestReader::Step RequestReader::read_body(std::string_view buffer, std::size_t& used) {
  used = 0;
  // The shortest end of a chunked body is 5 bytes; Beast asserts that much where it has seen the last chunk before.
  const std::size_t least = chunked() ? 5 : 1;
  while (!finished_ && used + least <= buffer.size()) {
    Code error;
    const std::size_t taken = put(boost::asio::buffer(buffer.data() + used, buffer.size() - used), error);
    used += taken;
    body_wire_ += taken;
    if (error == beast_http::error::need_more) break;
    if (error) return refuse(error);
  }
  // Chunks of a byte with long extensions, or trailers without end: the framing is bounded too.
  if (!finished_ && body_wire_ + (buffer.size() - used) > 2 * limits_.body)
    return refuse(413, "the request body is larger than 64 KiB");
  return finished_ ? Step::ready : Step::more;
}

void RequestReader::on_request_impl(beast_http::verb verb, View, View target, int version, Code&) {
  head_.method = to_method(verb);
  head_.target = view(target);
  head_.http11 = version == 11;
}

void RequestReader::on_response_impl(int, View, int, Code&) {}

void RequestReader::on_field_impl(field id, View name, View value, Code&) {
  if (!head_done_) head_.fields.push_back({id, view(name), view(value)});  // trailers are dropped
}

void RequestReader::on_header_impl(Code&) {}
void RequestReader::on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) {}

std::size_t RequestReader::on_body_impl(View bytes, Code&) {
  body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

void RequestReader::on_chunk_header_impl(std::uint64_t, View, Code&) {}

std::size_t RequestReader::on_chunk_body_impl(std::uint64_t, View bytes, Code&) {
  body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

void RequestReader::on_finish_impl(Code&) { finished_ = true; }

}  // namespace riverd::http
