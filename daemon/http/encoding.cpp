#include "daemon/http/encoding.h"

#include <zlib.h>

#include "daemon/http/text.h"

namespace riverd::http {
namespace {

/// The weight of one element, `gzip;q=0.5`; 0 for one that is malformed.
bool is_wanted(std::string_view parameters) {
  parameters = trim(parameters);
  if (parameters.empty()) return true;
  if (parameters.size() < 3 || lower(parameters[0]) != 'q' || parameters[1] != '=') return false;
  return parameters.substr(2).find_first_of("123456789") != std::string_view::npos;
}

}  // namespace

bool wants_gzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    std::string_view element = next_piece(accept_encoding, ',');
    const std::string_view name = trim(next_piece(element, ';'));
    if (equal_no_case(name, "gzip") || equal_no_case(name, "x-gzip")) return is_wanted(element);
    if (name == "*") any = is_wanted(element);
  }
  return any;
}

bool wants_html(std::string_view accept) {
  while (!accept.empty()) {
    std::string_view range = next_piece(accept, ',');
    if (equal_no_case(trim(next_piece(range, ';')), "text/html")) return is_wanted(range);
  }
  return false;
}

std::string gzip(std::string_view bytes) {
  constexpr int kLevel = 5;
  constexpr int kGzipWindow = 15 + 16;
  constexpr int kMemory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = deflate(&stream, Z_FINISH);
  out.resize(done == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  out.shrink_to_fit();
  return out;
}

}  // namespace riverd::http
