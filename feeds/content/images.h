#pragma once
/// Images of content: which address is the real one, and which are no images at all.

#include <optional>
#include <string>
#include <string_view>

#include "feeds/content/attributes.h"

namespace riverd::feeds::content {

/// Whether an img is there to count readers: at most one pixel wide and high, or of a counter's address.
[[nodiscard]] bool is_tracking_pixel(const Attributes& attributes, std::string_view url);

/// The address of an img: what lazy loading keeps in data attributes, else src, else the largest of srcset.
/// Absolute http(s), or a data: URL of a small raster image; nothing where there is none.
[[nodiscard]] std::optional<std::string> image_url(const Attributes& attributes, std::string_view base);

/// The srcset of an img or source, also where lazy loading hides it: every URL absolute. Empty where none is
/// left.
[[nodiscard]] std::string image_srcset(const Attributes& attributes, std::string_view base);

/// A srcset with every URL absolute; what cannot be used is left out.
[[nodiscard]] std::string resolve_srcset(std::string_view srcset, std::string_view base);

/// A number of pixels: digits, perhaps with "px". Nothing for all else.
[[nodiscard]] std::optional<unsigned> pixels(std::string_view text);

/// The value of a property in a style attribute, lower case, up to its semicolon; empty where it is not
/// there.
[[nodiscard]] std::string style_property(std::string_view style, std::string_view property);

}  // namespace riverd::feeds::content
