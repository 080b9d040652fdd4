#include "feeds/read/markup.h"

#include <algorithm>
#include <array>

#include "feeds/content/images.h"
#include "feeds/content/text.h"

namespace riverd::feeds::read {
namespace {

constexpr auto npos = std::string_view::npos;

// Elements of HTML, past and present; sorted.
constexpr std::string_view kElements[] = {
    "a",        "abbr",     "acronym",  "address",    "applet",   "area",     "article",  "aside",    "audio",    "b",
    "base",     "basefont", "bdi",      "bdo",        "bgsound",  "big",      "blink",    "blockquote", "body",   "br",
    "button",   "canvas",   "caption",  "center",     "cite",     "code",     "col",      "colgroup", "data",     "datalist",
    "dd",       "del",      "details",  "dfn",        "dialog",   "dir",      "div",      "dl",       "dt",       "em",
    "embed",    "fieldset", "figcaption", "figure",   "font",     "footer",   "form",     "frame",    "frameset", "h1",
    "h2",       "h3",       "h4",       "h5",         "h6",       "head",     "header",   "hgroup",   "hr",       "html",
    "i",        "iframe",   "image",    "img",        "input",    "ins",      "isindex",  "kbd",      "keygen",   "label",
    "layer",    "legend",   "li",       "link",       "listing",  "main",     "map",      "mark",     "marquee",  "math",
    "menu",     "meta",     "meter",    "nav",        "nobr",     "noembed",  "noframes", "noscript", "object",   "ol",
    "optgroup", "option",   "output",   "p",          "param",    "picture",  "plaintext", "pre",     "progress", "q",
    "rb",       "rp",       "rt",       "rtc",        "ruby",     "s",        "samp",     "script",   "section",  "select",
    "small",    "source",   "span",     "strike",     "strong",   "style",    "sub",      "summary",  "sup",      "svg",
    "table",    "tbody",    "td",       "template",   "textarea", "tfoot",    "th",       "thead",    "time",     "title",
    "tr",       "track",    "tt",       "u",          "ul",       "var",      "video",    "wbr",      "xmp"};

constexpr std::string_view kVoid[] = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
                                      "source", "track", "wbr"};

bool is_void(std::string_view name) { return std::find(std::begin(kVoid), std::end(kVoid), name) != std::end(kVoid); }

bool is_url_attribute(std::string_view name) {
  for (const std::string_view url : {"href", "src", "cite", "poster", "action", "longdesc", "background", "data"}) {
    if (name == url) return true;
  }
  return false;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

void append_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else out += c;
  }
}

class HtmlWriter {
 public:
  HtmlWriter(const XmlTree& tree, std::string& out) : tree_(tree), out_(out) {}

  void children(Xml parent, const Scope& scope, bool rebased) {
    for (Xml child = parent.first_child(); child; child = child.next()) {
      if (child.is_element()) element(child, scope, rebased);
      else text(child);
    }
  }

 private:
  void text(Xml node) {
    if (node.node().kind == XmlNode::Kind::cdata) return append_text(out_, node.raw_text());
    const auto raw = node.raw_text();
    if (raw.find_first_of("&<>") == npos) {
      out_ += raw;
      return;
    }
    std::string decoded;
    append_decoded(decoded, raw, tree_);
    append_text(out_, decoded);
  }

  void element(Xml node, const Scope& outer, bool rebased) {
    Scope storage;
    const Scope& scope = enter(node, outer, storage);
    rebased = rebased || scope.base != outer.base;
    const std::string name = lower_case(node.local_name());
    out_ += '<';
    out_ += name;
    attributes(node, scope, rebased);
    out_ += '>';
    children(node, scope, rebased);
    if (is_void(name)) return;
    out_ += "</";
    out_ += name;
    out_ += '>';
  }

  void attributes(Xml node, const Scope& scope, bool rebased) {
    const XmlNode& n = node.node();
    for (std::size_t i = 0; i < n.attribute_count; ++i) {
      const XmlAttribute& attribute = tree_.attributes[n.attributes + i];
      if (attribute.prefix_length != 0) continue;
      const std::string name = lower_case(tree_.text.substr(attribute.name, attribute.name_length));
      if (name == "xmlns") continue;
      std::string value;
      append_decoded(value, tree_.text.substr(attribute.value, attribute.value_length), tree_);
      if (rebased && name == "srcset") value = content::resolve_srcset(value, scope.base);
      else if (rebased && is_url_attribute(name)) value = content::resolve_link(value, scope.base).value_or(value);
      out_ += ' ';
      out_ += name;
      out_ += "=\"";
      for (const char c : value) {
        if (c == '"') out_ += "&quot;";
        else if (c == '&') out_ += "&amp;";
        else out_ += c;
      }
      out_ += '"';
    }
  }

  const XmlTree& tree_;
  std::string& out_;
};

constexpr std::size_t kLongestOddTag = 256;  // bytes of a tag that are looked at

bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_name_character(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; }

std::string_view take_name(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_name_character);
  const auto name = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(name.size());
  return name;
}

/// What stands behind a tag's name: an attribute with a value, or the end of an empty tag.
bool is_rest_of_tag(std::string_view text) {
  const auto tag = text.substr(0, text.find('>'));
  if (tag.size() == text.size()) return false;
  if (!tag.empty() && tag.back() == '/') return true;
  if (tag.empty() || !is_space(tag.front())) return false;
  std::string_view attribute = trim(tag);
  return !take_name(attribute).empty() && trim(attribute).substr(0, 1) == "=";
}

/// Whether `text`, which begins with '<', begins with something that is markup whatever its name (see holds_markup).
bool is_odd_markup(std::string_view text) {
  text.remove_prefix(1);
  if (text.substr(0, 3) == "!--") return true;
  const char first = text.empty() ? '\0' : text.front();
  if (first == '!' || first == '?' || first == '/') {
    text.remove_prefix(1);
    if (first == '!' && text.substr(0, 1) == "[") return true;
    if (text.empty() || !is_letter(text.front())) return false;
    (void)take_name(text);
    return first != '/' || (!text.empty() && (text.front() == '>' || text.front() == ':'));
  }
  if (!is_letter(first)) return false;
  const std::string_view name = take_name(text);
  const bool prefixed = text.size() > 1 && text.front() == ':' && is_letter(text[1]);
  if (prefixed) {
    text.remove_prefix(1);
    (void)take_name(text);
  }
  const bool custom = prefixed || name.find('-') != npos;
  return is_rest_of_tag(text) || (custom && !text.empty() && text.front() == '>');
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

}  // namespace

std::optional<HtmlTag> html_tag(std::string_view text) {
  const bool is_end = text.substr(1, 1) == "/";
  std::size_t at = is_end ? 2 : 1;
  std::array<char, 11> name{};
  std::size_t length = 0;
  while (at < text.size() && length < name.size()) {
    const char c = lower(text[at]);
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) break;
    name[length++] = c;
    ++at;
  }
  const bool ends = at < text.size() && (is_space(text[at]) || text[at] == '>' || text[at] == '/' || text[at] == '<');
  if (!ends || length == 0) return std::nullopt;
  const std::string_view found(name.data(), length);
  const auto* element = std::lower_bound(std::begin(kElements), std::end(kElements), found);
  if (element == std::end(kElements) || *element != found) return std::nullopt;
  return HtmlTag{*element, is_end};
}

bool looks_like_markup(std::string_view text) {
  const std::size_t last_gt = text.rfind('>');
  if (last_gt == npos) return false;
  for (std::size_t lt = text.find('<'); lt != npos && lt < last_gt; lt = text.find('<', lt + 1)) {
    if (text.compare(lt, 4, "<!--") == 0) return true;
    if (html_tag(text.substr(lt))) return true;
  }
  return false;
}

bool holds_markup(std::string_view text) {
  if (looks_like_markup(text)) return true;
  for (std::size_t lt = text.find('<'); lt != npos; lt = text.find('<', lt + 1)) {
    if (is_odd_markup(text.substr(lt, kLongestOddTag))) return true;
  }
  return false;
}

std::string inner_html(Xml element, const Scope& scope) {
  std::string out;
  HtmlWriter(element.tree(), out).children(element, scope, false);
  return out;
}

std::string escape_less_than(std::string text) {
  if (text.find('<') == npos) return text;
  std::string out;
  out.reserve(text.size() + 16);
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else out += c;
  }
  return out;
}

std::string decode_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    if (is_space(c) || c == '=') continue;
    const int digit = base64_digit(c);
    if (digit < 0) return {};
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xFFFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(static_cast<unsigned char>(bits >> count));
  }
  return out;
}

}  // namespace riverd::feeds::read
