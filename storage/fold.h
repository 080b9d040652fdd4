#pragma once
/// Text made comparable: case folded, cut, taken apart.

#include <cstdint>
#include <string>
#include <string_view>

namespace riverd::storage {

/// Decodes the character at the front and removes it from `text`; U+FFFD, and one byte, for bytes that are no UTF-8.
[[nodiscard]] char32_t next_character(std::string_view& text);
void append_utf8(std::string& out, char32_t character);

/// Lower case by character (Latin, Greek, Cyrillic, Armenian, full-width), one to one: for comparing names and tags.
[[nodiscard]] char32_t fold_case(char32_t character);
[[nodiscard]] std::string fold_case(std::string_view text);

/// At most `bytes` bytes, cut between characters.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t bytes);

/// Whether two headlines are one, edited: most words of the shorter are in the longer, and neither has a number that the
/// other replaces ("Episode 12" and "Episode 13" are two). Languages without spaces are compared by pairs of characters.
[[nodiscard]] bool similar_titles(std::string_view a, std::string_view b);

}  // namespace riverd::storage
