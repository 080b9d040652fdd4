#pragma once
/// Building XML text: the few shapes that Atom, RSS and OPML documents are made of.

#include <string>
#include <string_view>
#include <utility>
#include <initializer_list>

#include "feeds/content/text.h"

namespace riverd::feeds::write {

using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// `<name a="v">`; attributes with an empty value are left out.
inline void open_element(std::string& out, std::string_view name, Attributes attributes = {}, bool empty = false) {
  out += '<';
  out += name;
  for (const auto& [key, value] : attributes) {
    if (value.empty()) continue;
    out += ' ';
    out += key;
    out += "=\"";
    content::append_escaped(out, value);
    out += '"';
  }
  out += empty ? "/>\n" : ">";
}

inline void close_element(std::string& out, std::string_view name) {
  out += "</";
  out += name;
  out += ">\n";
}

/// A media type (RFC 6838) that a document may state, else empty: what feeds say is not always one.
inline std::string_view media_type(std::string_view type) {
  const auto slash = type.find('/');
  const bool usable = slash != std::string_view::npos && slash > 0 && slash + 1 < type.size();
  return usable ? type : std::string_view();
}

/// `<name a="v"/>`
inline void empty_element(std::string& out, std::string_view name, Attributes attributes) {
  open_element(out, name, attributes, true);
}

/// `<name a="v">text</name>`, the text escaped.
inline void text_element(std::string& out, std::string_view name, std::string_view text, Attributes attributes = {}) {
  open_element(out, name, attributes);
  content::append_escaped(out, text);
  close_element(out, name);
}

}  // namespace riverd::feeds::write
