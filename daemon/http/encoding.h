#pragma once
/// Content encodings (RFC 9110, 8.4 and 12.5.3): identity and gzip.

#include <string>
#include <string_view>

namespace riverd::http {

/// Whether an Accept-Encoding field asks for gzip: named, or `*`, with a weight above 0. Absent or malformed: no.
[[nodiscard]] bool wants_gzip(std::string_view accept_encoding);

/// The gzip form (RFC 1952); the same bytes give the same bytes. Empty when memory runs out.
[[nodiscard]] std::string gzip(std::string_view bytes);

/// Whether an Accept field names HTML: a browser, to whom an error is a page; to all else it is problem+json.
[[nodiscard]] bool wants_html(std::string_view accept);

}  // namespace riverd::http
