#pragma once
/// Plain text: white space, cuts, entities, UTF-8.

#include <string>
#include <string_view>

namespace riverd::feeds::content {

/// Runs of white space (Unicode's too) become one space, ends trimmed; C0 and C1 controls are dropped.
[[nodiscard]] std::string fold_space(std::string_view text);

/// At most `limit` Unicode characters, cut at a word, with "…" where something was cut (counted in the
/// limit).
[[nodiscard]] std::string excerpt(std::string_view text, std::size_t limit = 500);

/// Decodes HTML character references (WHATWG 13.5: the whole table, with and without semicolon as HTML allows
/// in text).
[[nodiscard]] std::string decode_entities(std::string_view text);

/// Bytes that are no UTF-8 (RFC 3629), surrogates and NUL become U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// Escapes & < > " ' for HTML and XML text and attributes; drops what XML 1.0 cannot hold.
void append_escaped(std::string& out, std::string_view text);

}  // namespace riverd::feeds::content
