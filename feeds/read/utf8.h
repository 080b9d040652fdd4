#pragma once
/// UTF-8 (RFC 3629): fast checks over whole documents, and writing single characters.

#include <cstddef>
#include <string>
#include <string_view>

namespace riverd::feeds::read {

/// What one pass over a document found.
struct Utf8Scan {
  std::size_t multibyte = 0;  ///< valid sequences of two to four bytes
  std::size_t invalid = 0;    ///< bytes that are part of none
  bool controls = false;      ///< C0 controls (other than tab, line feed, carriage return), DEL, or C1 controls
  [[nodiscard]] bool valid() const { return invalid == 0; }
  [[nodiscard]] bool ascii() const { return multibyte == 0 && invalid == 0; }
};
[[nodiscard]] Utf8Scan scan_utf8(std::string_view text);

/// The first byte of 0x80 or above in [at, stop), or `stop`.
[[nodiscard]] std::size_t next_high(std::string_view text, std::size_t at, std::size_t stop);

/// The length of the valid sequence that starts at `at`, or 0.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text, std::size_t at);

/// Appends a code point; surrogates and beyond become U+FFFD.
void append_utf8(std::string& out, char32_t point);

/// Appends a character as feeds mean it: 128 to 159 are windows-1252's, controls and non-characters are nothing.
void append_character(std::string& out, char32_t point);

/// Valid UTF-8 without controls: invalid bytes become U+FFFD, C1 controls what windows-1252 has there, others go.
[[nodiscard]] std::string clean_utf8(std::string_view text);

}  // namespace riverd::feeds::read
