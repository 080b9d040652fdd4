#pragma once
/// Bytes to what the document says.

#include <string>
#include <string_view>

#include "base/result.h"
#include "feeds/read/feed.h"

namespace riverd::feeds::read {

/// What the transport knew of the document. Both may be empty.
struct Hints {
  std::string charset;  ///< the charset parameter of Content-Type
  std::string base;     ///< the URL the document came from (RFC 3986, 5.1): relative URLs resolve against it
};

/// Reads one feed document. Pure: the same bytes and hints give the same feed.
///   body   as received, any charset; the caller has bounded its size
/// Returns entries in document order; what was repaired is in Feed::warnings, at most 100 of them.
/// Errors: not_a_feed, when nothing looks like RSS, Atom (RFC 4287), JSON Feed or CDF; its message names the feeds
/// that an HTML page links to.
[[nodiscard]] Result<Feed> read(std::string_view body, const Hints& hints);

/// The absolute URLs of the feeds that an HTML page names by <link rel="alternate">, in document order, at most 20.
[[nodiscard]] std::vector<std::string> linked_feeds(std::string_view html, const std::string& base);

}  // namespace riverd::feeds::read
