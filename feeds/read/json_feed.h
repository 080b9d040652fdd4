#pragma once
/// JSON Feed 1.0 and 1.1 (jsonfeed.org), as tolerant of wrong types as the XML readers are of wrong markup.

#include <optional>
#include <string_view>

#include "feeds/read/feed.h"
#include "feeds/read/read.h"
#include "feeds/read/warnings.h"

namespace riverd::feeds::read {

/// True where a text can only be JSON: its first character is '{' or '['.
[[nodiscard]] bool looks_like_json(std::string_view text);

/// Nothing when the text is no JSON, or JSON of something else. Nesting is bounded to 64, values by the size of the text.
/// Precedence: url, then external_url, then an id that is a URL; content_html, then content_text, then summary; image, then
/// banner_image; authors, then author; the item's language and authors, then the feed's. Trailing junk, comments, trailing
/// commas and line breaks in strings are forgiven, numbers and booleans are read where text is due.
[[nodiscard]] std::optional<Feed> read_json_feed(std::string_view text, const Hints& hints, Warnings& warnings);

}  // namespace riverd::feeds::read
