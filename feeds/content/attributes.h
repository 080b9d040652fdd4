#pragma once
/// The attributes that sanitising looks at, found in one pass over a tag.

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "feeds/content/tokenizer.h"

namespace riverd::feeds::content {

enum class Name : std::uint8_t {
  align,
  alt,
  cite,
  class_,
  colspan,
  data,
  data_language,
  data_lazy,
  data_lazy_src,
  data_lazy_srcset,
  data_original,
  data_original_src,
  data_src,
  data_srcset,
  datetime,
  default_,
  dir,
  height,
  href,
  kind,
  label,
  lang,
  media,
  open,
  poster,
  reversed,
  rowspan,
  scope,
  sizes,
  src,
  srclang,
  srcset,
  start,
  style,
  title,
  type,
  value,
  width,
  xml_lang,
};
inline constexpr std::size_t kNames = static_cast<std::size_t>(Name::xml_lang) + 1;

class Attributes {
 public:
  explicit Attributes(AttributeScanner scanner);

  [[nodiscard]] bool has(Name name) const { return present_[static_cast<std::size_t>(name)]; }
  [[nodiscard]] bool none() const { return present_.none(); }
  /// As written: references not decoded.
  [[nodiscard]] std::string_view raw(Name name) const { return values_[static_cast<std::size_t>(name)]; }
  /// Decoded; empty where there is none.
  [[nodiscard]] std::string value(Name name) const;
  /// The same as a view: as written where that is what it means, else of `storage`.
  [[nodiscard]] std::string_view view(Name name, std::string& storage) const;

 private:
  std::bitset<kNames> present_;
  std::array<std::string_view, kNames> values_;
};

}  // namespace riverd::feeds::content
