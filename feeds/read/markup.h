#pragma once
/// Telling markup from text, and turning XML elements into HTML.

#include <optional>
#include <string>
#include <string_view>

#include "feeds/read/scope.h"

namespace riverd::feeds::read {

struct HtmlTag {
  std::string_view name;  ///< in lower case; lives for ever
  bool is_end = false;
};

/// The tag that a text begins with: '<', perhaps '/', the name of an element that HTML has or had. Whether a '>' follows is
/// not looked at.
[[nodiscard]] std::optional<HtmlTag> html_tag(std::string_view text);

/// True where a text holds an HTML tag (html_tag) or a comment, and a '>' later. "1 < 2" and "std::vector<int>" are text.
[[nodiscard]] bool looks_like_markup(std::string_view text);

/// Likewise for a body, which is HTML by custom: also where it holds what nothing but markup has, though HTML knows no such
/// element. That is an end tag, a tag with attributes or of a custom or prefixed name (`<x-y>`, `<o:p>`), an empty tag
/// (`<x/>`), a declaration, a processing instruction, the start of a comment.
[[nodiscard]] bool holds_markup(std::string_view text);

/// An element's content as HTML: prefixes and xmlns gone, empty elements as HTML writes them, text escaped. URLs inside an
/// inner xml:base are made absolute; the others stay for whoever sanitises, against scope.base.
[[nodiscard]] std::string inner_html(Xml element, const Scope& scope);

/// Escapes '<' where it begins no markup, for a text that is HTML only by convention.
[[nodiscard]] std::string escape_less_than(std::string text);

/// RFC 4648 base64, white space ignored; empty where it is none.
[[nodiscard]] std::string decode_base64(std::string_view text);

}  // namespace riverd::feeds::read
