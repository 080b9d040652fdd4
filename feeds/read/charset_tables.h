#pragma once
/// Charsets that glibc's iconv lacks. Private to charset.cpp; their names begin with '@'.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace riverd::feeds::read {

/// Text as UTF-8, and how many bytes could be made nothing of (each is U+FFFD).
struct Converted {
  std::string text;
  std::size_t invalid = 0;
};

/// Converts from one of: @mac-arabic, @mac-croatian, @mac-cyrillic, @mac-farsi, @mac-greek, @mac-iceland, @mac-romanian,
/// @mac-turkish (Apple's tables), @cp720, @cp1006 (IBM's). Nothing for any other name.
[[nodiscard]] std::optional<Converted> convert_by_table(std::string_view body, std::string_view charset);

/// HZ (RFC 1843) with its double bytes as in EUC-CN, which GB18030 reads.
[[nodiscard]] std::string euc_of_hz(std::string_view body);

}  // namespace riverd::feeds::read
