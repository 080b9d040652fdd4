#include "feeds/read/double_encoding.h"

#include <algorithm>

#include "feeds/read/utf8.h"

namespace riverd::feeds::read {
namespace {

char32_t code_point(std::string_view sequence) {
  char32_t point = static_cast<unsigned char>(sequence[0]) & (0xFFU >> (sequence.size() + 1));
  for (const char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  return point;
}

/// Takes the characters beyond ASCII that start at `at` back to the bytes they were made of; false where they were made of
/// none, or of bytes that are no UTF-8. Moves `at` behind what it took.
bool take_back(std::string_view text, std::size_t& at, std::string& bytes) {
  bytes.clear();
  while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80) {
    const std::size_t length = std::max<std::size_t>(utf8_sequence(text, at), 1);
    const char32_t point = code_point(text.substr(at, length));
    if (point > 0xFF) return false;
    bytes += static_cast<char>(static_cast<unsigned char>(point));
    at += length;
  }
  return scan_utf8(bytes).valid();
}

bool is_encoded_twice(std::string_view text) {
  std::string run;
  std::size_t at = next_high(text, 0, text.size());
  if (at == text.size()) return false;
  for (; at < text.size(); at = next_high(text, at, text.size())) {
    if (!take_back(text, at, run)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> undo_double_encoding(std::string_view text) {
  if (!is_encoded_twice(text)) return std::nullopt;
  std::string out;
  std::string run;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t high = next_high(text, at, text.size());
    out += text.substr(at, high - at);
    at = high;
    if (take_back(text, at, run)) out += run;
  }
  return out;
}

}  // namespace riverd::feeds::read
