#include "feeds/read/text_construct.h"

#include <algorithm>

#include "feeds/content/html.h"
#include "feeds/content/text.h"
#include "feeds/read/markup.h"
#include "feeds/read/utf8.h"

namespace riverd::feeds::read {
namespace {

using Kind = Text::Kind;
constexpr auto npos = std::string_view::npos;

enum class Form { undeclared, text, html, xhtml, xml, base64 };

std::string lower_attribute(Xml element, std::string_view name) {
  std::string value = element.attribute(name);
  std::transform(value.begin(), value.end(), value.begin(), lower);
  return value.substr(0, value.find(';'));
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// What `type` and `mode` declare.
Form declared_form(Xml element) {
  if (element.node().attribute_count == 0) return Form::undeclared;
  const std::string type = std::string(trim(lower_attribute(element, "type")));
  const std::string mode = lower_attribute(element, "mode");
  if (mode == "base64") return Form::base64;
  if (type.empty()) return Form::undeclared;
  if (type == "html" || type == "text/html") return Form::html;
  if (type == "xhtml" || type == "application/xhtml+xml" || type == "text/xhtml") return Form::xhtml;
  if (type == "text" || type == "plain" || type.compare(0, 5, "text/") == 0) return ends_with(type, "/xml") ? Form::xml : Form::text;
  if (ends_with(type, "/xml") || ends_with(type, "+xml")) return Form::xml;
  return type.find('/') == npos || type.compare(0, 10, "multipart/") == 0 ? Form::undeclared : Form::base64;
}

/// The div that Atom's xhtml demands, and that is no part of the content.
Xml without_div(Xml element) {
  Xml only;
  for (Xml child = element.first_child(); child; child = child.next()) {
    if (!child.is_element()) {
      if (!trim(child.raw_text()).empty()) return element;
    } else if (only) {
      return element;
    } else {
      only = child;
    }
  }
  return only && only.tag() == Tag::div ? only : element;
}

void set_xhtml(Text& text, Xml element, const Scope& scope) {
  text.kind = Kind::html;
  const Xml inner = without_div(element);
  if (inner.index() == element.index()) {
    text.value = inner_html(element, scope);
    return;
  }
  Scope storage;
  const Scope& inside = enter(inner, scope, storage);
  text.base = inside.base;
  text.language = inside.language;
  text.value = inner_html(inner, inside);
}

/// CDATA that was escaped, or put into CDATA, is no markup of HTML: the marks go, their text stays.
std::string without_cdata_marks(std::string text) {
  constexpr std::string_view kStart = "<![CDATA[";
  std::size_t at = text.find(kStart);
  if (at == npos) return text;
  std::string out;
  std::size_t done = 0;
  for (; at != npos; at = text.find(kStart, done)) {
    out.append(text, done, at - done);
    const std::size_t begin = at + kStart.size();
    const std::size_t end = std::min(text.find("]]>", begin), text.size());
    out.append(text, begin, end - begin);
    done = std::min(end + 3, text.size());
  }
  return out.append(text, done);
}

/// "&lt;p&gt;...&lt;/p&gt;": HTML that was escaped once too often.
bool escaped_twice(std::string_view text) {
  text = trim(text);
  return text.substr(0, 4) == "&lt;" && ends_with(text, "&gt;") && text.find('<') == npos;
}

void set_rss_body(Text& text) {
  text.kind = Kind::html;
  if (escaped_twice(text.value)) {
    std::string once = content::decode_entities(text.value);
    if (looks_like_markup(once)) {
      text.value = std::move(once);
      return;
    }
  }
  if (!holds_markup(text.value)) text.value = escape_less_than(std::move(text.value));
}

/// A whole body of HTML whose `type` was forgotten.
bool is_wrapped_in_tags(std::string_view text) {
  text = trim(text);
  return !text.empty() && text.front() == '<' && text.back() == '>' && looks_like_markup(text);
}

void set_base64(Text& text, Xml element) {
  const std::string encoded = element.text();
  std::string decoded = decode_base64(encoded);
  text.value = decoded.empty() ? encoded : clean_utf8(decoded);
  text.kind = lower_attribute(element, "type") == "text/plain" || !looks_like_markup(text.value) ? Kind::plain : Kind::html;
}

/// Settles every form but `undeclared` without child elements, which the caller's dialect decides. True when settled.
bool set_declared(Text& text, Xml element, const Scope& scope, Form form) {
  if (form == Form::xhtml || form == Form::xml || (element.has_child_elements() && form != Form::base64)) {
    if (form == Form::xhtml && !element.has_child_elements()) {
      text.value = element.text();  // xhtml that was escaped
      text.kind = looks_like_markup(text.value) ? Kind::html : Kind::plain;
    } else {
      set_xhtml(text, element, scope);
    }
    return true;
  }
  if (form == Form::base64) {
    set_base64(text, element);
    return true;
  }
  text.value = element.text();
  if (form != Form::text) text.value = without_cdata_marks(std::move(text.value));
  text.kind = form == Form::html ? Kind::html : Kind::plain;
  return form != Form::undeclared;
}

}  // namespace

Text read_title(Xml element, const Scope& outer, Dialect dialect) {
  Scope storage;
  const Scope& scope = enter(element, outer, storage);
  Text text;
  text.language = scope.language;
  if (set_declared(text, element, scope, declared_form(element))) return text;
  if (dialect == Dialect::rss && looks_like_markup(text.value)) text.kind = Kind::html;
  else if (text.value.find('&') != npos) text.value = content::decode_entities(text.value);
  return text;
}

Text read_body(Xml element, const Scope& outer, Dialect dialect) {
  Scope storage;
  const Scope& scope = enter(element, outer, storage);
  Text text;
  text.base = scope.base;
  text.language = scope.language;
  if (set_declared(text, element, scope, declared_form(element))) return text;
  if (dialect == Dialect::rss) set_rss_body(text);
  else if (is_wrapped_in_tags(text.value)) text.kind = Kind::html;
  return text;
}

std::string plain(const Text& text, std::size_t enough) {
  return text.kind == Kind::html ? content::plain_text(text.value, enough) : content::fold_space(text.value);
}

}  // namespace riverd::feeds::read
