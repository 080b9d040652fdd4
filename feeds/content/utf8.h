#pragma once
/// UTF-8 (RFC 3629), one code point at a time.

#include <cstddef>
#include <string_view>

namespace riverd::feeds::content {

struct CodePoint {
  char32_t value = 0xFFFD;
  std::size_t size =
      1;  ///< bytes it takes; of an invalid one, the bytes that one U+FFFD stands for (WHATWG Encoding)
  bool valid = false;
};

/// Decodes the code point at the start of `text`. Empty text gives an invalid one of size 0.
[[nodiscard]] inline CodePoint decode_utf8(std::string_view text) {
  if (text.empty()) return {0xFFFD, 0, false};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {};
  // The second byte alone rules out overlong forms, surrogates and what lies beyond U+10FFFF.
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  char32_t value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < low || byte(i) > high) return {0xFFFD, i, false};
    value = (value << 6) | (byte(i) & 0x3FU);
    low = 0x80;
    high = 0xBF;
  }
  return {value, length, true};
}

/// Unicode's White_Space property.
[[nodiscard]] bool is_space(char32_t code_point);

/// Whether no byte has its high bit set.
[[nodiscard]] bool is_ascii(std::string_view text);

/// Whether all of it is UTF-8; NUL counts as such here.
[[nodiscard]] bool is_valid_utf8(std::string_view text);

/// Appends as fold_space() would, so that pieces of one text can follow each other: at most one space
/// between, none at the start of `out`, perhaps one at its end.
void append_folded(std::string& out, std::string_view text);

}  // namespace riverd::feeds::content
