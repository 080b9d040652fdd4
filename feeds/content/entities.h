#pragma once
/// HTML character references (WHATWG HTML 13.2.5.72 and 13.5).

#include <cstddef>
#include <string>
#include <string_view>

namespace riverd::feeds::content {

/// The named references, sorted: "name=HEX[,HEX] " or, for a name that also counts without its semicolon,
/// "name~HEX ".
extern const std::string_view kEntityTable;

/// Appends UTF-8 of a code point; what is no Unicode scalar value becomes U+FFFD.
void append_code_point(std::string& out, char32_t code_point);

/// Decodes the reference at the start of `text`, which begins with '&', and appends what it stands for.
///   in_attribute   a legacy name without a semicolon does not count where '=' or an alphanumeric follows it
/// Returns the bytes consumed; 0, with nothing appended, where there is no reference. Looks at 64 bytes at
/// most, apart from the digits of a numeric reference.
std::size_t decode_reference(std::string_view text, bool in_attribute, std::string& out);

/// Where append_decoded() may have to do something, at or after `from`: the size of the text where nowhere.
[[nodiscard]] std::size_t find_encoded(std::string_view text, std::size_t from = 0);

/// Appends `text` with its references decoded, and CR LF and CR as LF.
void append_decoded(std::string& out, std::string_view text, bool in_attribute);

}  // namespace riverd::feeds::content
