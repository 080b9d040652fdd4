#pragma once
/// Looking for the first of several bytes: a table look-up a byte, where string_view::find_first_of calls
/// memchr for each.

#include <array>
#include <cstddef>
#include <string_view>

namespace riverd::feeds::content {

class ByteSet {
 public:
  explicit constexpr ByteSet(std::string_view bytes) {
    for (const char c : bytes) in_[static_cast<unsigned char>(c)] = true;
  }

  [[nodiscard]] constexpr bool has(char c) const { return in_[static_cast<unsigned char>(c)]; }

  /// Where the first of them is at or after `from`; the size of the text where none is.
  [[nodiscard]] constexpr std::size_t find(std::string_view text, std::size_t from = 0) const {
    std::size_t at = from;
    while (at + 4 <= text.size()) {
      if (has(text[at])) return at;
      if (has(text[at + 1])) return at + 1;
      if (has(text[at + 2])) return at + 2;
      if (has(text[at + 3])) return at + 3;
      at += 4;
    }
    while (at < text.size() && !has(text[at])) ++at;
    return at;
  }

 private:
  std::array<bool, 256> in_{};
};

}  // namespace riverd::feeds::content
