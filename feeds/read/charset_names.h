#pragma once
/// Charset labels as feeds and servers write them.

#include <cstdint>
#include <string>
#include <string_view>

namespace riverd::feeds::read {

/// How a charset is decoded.
struct Charset {
  enum class Kind : std::uint8_t { none, utf8, wide, single_byte, multi_byte };
  Kind kind = Kind::none;
  std::string name;   ///< IANA name, lower case
  std::string iconv;  ///< what iconv calls the superset that is really meant; with '@', what charset_tables.h calls it
  std::string wider;  ///< the name of that superset where it differs and is used (windows-1252 for iso-8859-1), or empty
};

/// The charset of a label in any case, with or without punctuation; Kind::none for one that nobody knows.
[[nodiscard]] Charset charset_of(std::string_view label);

}  // namespace riverd::feeds::read
