#pragma once
/// Small things about the text of HTTP.

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace riverd::http {

[[nodiscard]] constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

[[nodiscard]] constexpr bool equal_no_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

[[nodiscard]] constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts off and returns what stands before the next `separator`; the rest stays in `text`.
[[nodiscard]] constexpr std::string_view next_piece(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const std::string_view piece = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return piece;
}

/// A decimal number without sign, white space or anything else around it.
template <class Integer>
[[nodiscard]] std::optional<Integer> parse_number(std::string_view text) {
  Integer value{};
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// For a log line: control characters and non-ASCII as \xNN, at most 300 bytes.
[[nodiscard]] std::string printable(std::string_view text);

/// Whether the bytes are well-formed UTF-8 (RFC 3629).
[[nodiscard]] bool is_utf8(std::string_view text);

/// Well-formed UTF-8: each byte that is part of no character becomes U+FFFD.
[[nodiscard]] std::string repair_utf8(std::string_view text);

}  // namespace riverd::http
