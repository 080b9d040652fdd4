#include "feeds/read/text_construct.h"

#include <algorithm>

#include "feeds/content/html.h"
#include "feeds/content/text.h"
#include "feeds/read/markup.h"
#include "feeds/read/title_markup.h"
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

/// A text while it is decided what it is: its views are of the document, of the scope, or of what is stored here.
struct Draft {
  Kind kind = Kind::plain;
  std::string_view value;
  std::string_view base;
  std::string language;
  std::string storage;
  std::string inner_base;

  void set(std::string text) { value = storage = std::move(text); }
};

void set_xhtml(Draft& text, Xml element, const Scope& scope) {
  text.kind = Kind::html;
  const Xml inner = without_div(element);
  if (inner.index() == element.index()) {
    text.set(inner_html(element, scope));
    return;
  }
  Scope storage;
  const Scope& inside = enter(inner, scope, storage);
  text.base = text.inner_base = inside.base;
  text.language = inside.language;
  text.set(inner_html(inner, inside));
}

/// CDATA that was escaped, or put into CDATA, is no markup of HTML: the marks go, their text stays.
void drop_cdata_marks(Draft& draft) {
  constexpr std::size_t kStart = std::string_view("<![CDATA[").size();
  const std::string_view text = draft.value;
  std::size_t at = find_cdata_start(text);
  if (at == npos) return;
  std::string out;
  std::size_t done = 0;
  for (; at != npos; at = find_cdata_start(text, done)) {
    out.append(text, done, at - done);
    const std::size_t begin = at + kStart;
    const std::size_t end = std::min(text.find("]]>", begin), text.size());
    out.append(text, begin, end - begin);
    done = std::min(end + 3, text.size());
  }
  out.append(text, done);
  draft.set(std::move(out));
}

/// "&lt;p&gt;...&lt;/p&gt;": HTML that was escaped once too often.
bool escaped_twice(std::string_view text) {
  text = trim(text);
  return text.substr(0, 4) == "&lt;" && ends_with(text, "&gt;") && text.find('<') == npos;
}

void set_rss_body(Draft& text) {
  text.kind = Kind::html;
  if (escaped_twice(text.value)) {
    std::string once = content::decode_entities(text.value);
    if (looks_like_markup(once)) {
      text.set(std::move(once));
      return;
    }
  }
  if (text.value.find('<') != npos && !holds_markup(text.value)) text.set(escape_less_than(std::string(text.value)));
}

/// A whole body of HTML whose `type` was forgotten.
bool is_wrapped_in_tags(std::string_view text) {
  text = trim(text);
  return !text.empty() && text.front() == '<' && text.back() == '>' && looks_like_markup(text);
}

void set_base64(Draft& text, Xml element) {
  const std::string encoded = element.text();
  std::string decoded = decode_base64(encoded);
  text.set(decoded.empty() ? encoded : clean_utf8(decoded));
  text.kind = lower_attribute(element, "type") == "text/plain" || !looks_like_markup(text.value) ? Kind::plain : Kind::html;
}

void set_text(Draft& text, Xml element) {
  if (const auto verbatim = element.verbatim_text()) text.value = *verbatim;
  else text.set(element.text());
}

/// Settles every form but `undeclared` without child elements, which the caller's dialect decides. True when settled.
bool set_declared(Draft& text, Xml element, const Scope& scope, Form form) {
  if (form == Form::xhtml || form == Form::xml || (element.has_child_elements() && form != Form::base64)) {
    if (form == Form::xhtml && !element.has_child_elements()) {
      set_text(text, element);  // xhtml that was escaped
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
  set_text(text, element);
  if (form != Form::text) drop_cdata_marks(text);
  text.kind = form == Form::html ? Kind::html : Kind::plain;
  return form != Form::undeclared;
}

void set_title(Draft& text, Xml element, const Scope& scope, Dialect dialect) {
  if (set_declared(text, element, scope, declared_form(element))) {
    if (text.kind == Kind::html) text.set(without_hiding_tags(text.value));
    return;
  }
  auto html = dialect == Dialect::rss ? title_as_html(text.value) : std::nullopt;
  if (html) {
    text.kind = Kind::html;
    text.set(std::move(*html));
  } else if (text.value.find('&') != npos) {
    text.set(content::decode_entities(text.value));
  }
}

void set_body(Draft& text, Xml element, const Scope& scope, Dialect dialect) {
  if (set_declared(text, element, scope, declared_form(element))) return;
  if (dialect == Dialect::rss) set_rss_body(text);
  else if (is_wrapped_in_tags(text.value)) text.kind = Kind::html;
}

Text kept(Draft& draft, TextArena& texts) {
  Text text;
  text.kind = draft.kind;
  text.value = texts.keep(draft.value);
  text.base = texts.keep_repeated(draft.base);
  text.language = std::move(draft.language);
  return text;
}

}  // namespace

Text read_title(Xml element, const Scope& outer, Dialect dialect, TextArena& texts) {
  Scope storage;
  const Scope& scope = enter(element, outer, storage);
  Draft draft;
  draft.language = scope.language;
  set_title(draft, element, scope, dialect);
  draft.base = {};
  return kept(draft, texts);
}

Text read_body(Xml element, const Scope& outer, Dialect dialect, TextArena& texts) {
  Scope storage;
  const Scope& scope = enter(element, outer, storage);
  Draft draft;
  draft.base = scope.base;
  draft.language = scope.language;
  set_body(draft, element, scope, dialect);
  return kept(draft, texts);
}

bool is_binary(Xml element) {
  if (declared_form(element) != Form::base64) return false;
  const std::string type = std::string(trim(lower_attribute(element, "type")));
  const auto family = std::string_view(type).substr(0, type.find('/'));
  for (const std::string_view binary : {"image", "audio", "video", "font", "model"}) {
    if (family == binary) return true;
  }
  if (family != "application") return false;
  const Utf8Scan scan = scan_utf8(decode_base64(element.text()));
  return !scan.valid() || scan.controls;
}

std::string plain(const Text& text, std::size_t enough) {
  return text.kind == Kind::html ? content::plain_text(text.value, enough) : content::fold_space(text.value);
}

}  // namespace riverd::feeds::read
