#include "feeds/read/xml_tree.h"

#include <algorithm>

#include "feeds/content/text.h"
#include "feeds/read/utf8.h"

namespace riverd::feeds::read {
namespace {

constexpr std::size_t kLongestEntityName = 40;

/// Appends with \r\n and \r as \n (XML 1.0, 2.11).
void append_lines(std::string& out, std::string_view text, const XmlTree& tree) {
  if (!tree.has_cr) {
    out.append(text);
    return;
  }
  std::size_t cr = text.find('\r');
  while (cr != std::string_view::npos) {
    out.append(text.substr(0, cr));
    out += '\n';
    text.remove_prefix(cr + 1);
    if (!text.empty() && text.front() == '\n') text.remove_prefix(1);
    cr = text.find('\r');
  }
  out.append(text);
}

/// The code point of "#123" or "#x7b"; 0 where it is none.
char32_t number_of(std::string_view reference) {
  reference.remove_prefix(1);
  const bool hex = !reference.empty() && lower(reference.front()) == 'x';
  if (hex) reference.remove_prefix(1);
  if (reference.empty() || reference.size() > 10) return 0;
  std::uint64_t value = 0;
  for (const char raw : reference) {
    const char c = lower(raw);
    unsigned digit = 16;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    else if (hex && c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (digit >= (hex ? 16U : 10U)) return 0;
    value = value * (hex ? 16 : 10) + digit;
  }
  return value > 0x10FFFF ? 0xFFFD : static_cast<char32_t>(value);
}

/// One of XML's own five references, which HTML in a feed is escaped with.
struct Builtin {
  char character = 0;
  std::size_t length = 0;  // of the reference; 0: it is none
};
Builtin builtin_at(std::string_view raw) {
  const auto is = [raw](std::string_view reference) { return raw.substr(0, reference.size()) == reference; };
  switch (raw.size() > 1 ? raw[1] : '\0') {
    case 'l': return is("&lt;") ? Builtin{'<', 4} : Builtin{};
    case 'g': return is("&gt;") ? Builtin{'>', 4} : Builtin{};
    case 'q': return is("&quot;") ? Builtin{'"', 6} : Builtin{};
    case 'a': return is("&amp;") ? Builtin{'&', 5} : is("&apos;") ? Builtin{'\'', 6} : Builtin{};
    default: return {};
  }
}

bool append_declared(std::string& out, std::string_view name, const XmlTree& tree) {
  const auto found = tree.entities.find(name);
  if (found == tree.entities.end()) return false;
  if (found->second.size() > tree.expansion_left) return true;
  tree.expansion_left -= found->second.size();
  out += found->second;
  return true;
}

/// Keeps the first place where something had to be repaired.
void note(std::size_t& first, std::string_view at, const XmlTree& tree) {
  if (at.data() < tree.text.data() || at.data() >= tree.text.data() + tree.text.size()) return;
  first = std::min(first, static_cast<std::size_t>(at.data() - tree.text.data()));
}

bool append_html_name(std::string& out, std::string_view reference, const XmlTree& tree) {
  std::string decoded = content::decode_entities(reference);
  if (decoded == reference) return false;
  note(tree.undeclared_entity, reference, tree);
  out += decoded;
  return true;
}

/// Where the name of a reference at the start of `raw` ends.
std::size_t end_of_name(std::string_view raw) {
  const std::size_t most = std::min(raw.size(), kLongestEntityName);
  std::size_t at = 1;
  while (at < most && raw[at] != ';' && raw[at] != '<' && raw[at] != '&' && !is_space(raw[at])) ++at;
  return at;
}

/// Appends what `&name;` means; false when it means nothing.
bool append_reference(std::string& out, std::string_view name, std::string_view reference, const XmlTree& tree) {
  if (name.empty()) return false;
  if (name.front() != '#') {
    return append_declared(out, name, tree) || append_html_name(out, reference, tree);
  }
  const char32_t point = number_of(name);
  const bool zero = name.back() == '0' && name.find_first_not_of("#0xX") == std::string_view::npos;  // "&#0;", dropped
  if (point == 0 && !zero) return false;
  append_character(out, point);
  return true;
}

}  // namespace

void append_decoded(std::string& out, std::string_view raw, const XmlTree& tree) {
  std::size_t amp = raw.find('&');
  while (amp != std::string_view::npos) {
    append_lines(out, raw.substr(0, amp), tree);
    raw.remove_prefix(amp);
    if (const Builtin found = builtin_at(raw); found.length != 0) {
      out += found.character;
      raw.remove_prefix(found.length);
      amp = raw.find('&');
      continue;
    }
    const std::size_t semicolon = end_of_name(raw);
    const bool closed = semicolon < raw.size() && raw[semicolon] == ';';
    if (closed && append_reference(out, raw.substr(1, semicolon - 1), raw.substr(0, semicolon + 1), tree)) {
      raw.remove_prefix(semicolon + 1);
    } else {
      note(tree.stray_ampersand, raw, tree);
      out += '&';
      raw.remove_prefix(1);
    }
    amp = raw.find('&');
  }
  append_lines(out, raw, tree);
}

std::size_t find_cdata_start(std::string_view text, std::size_t from) {
  constexpr std::string_view kStart = "<![CDATA[";
  constexpr std::size_t kBracket = 2;
  for (std::size_t at = text.find('[', from); at != std::string_view::npos; at = text.find('[', at + 1)) {
    if (at >= from + kBracket && text.compare(at - kBracket, kStart.size(), kStart) == 0) return at - kBracket;
  }
  return std::string_view::npos;
}

std::string_view Xml::local_name() const {
  const XmlNode& n = node();
  return tree_->text.substr(n.name + n.prefix_length, static_cast<std::size_t>(n.name_length - n.prefix_length));
}

bool Xml::has_child_elements() const {
  const XmlChildren all = children();
  return all.begin() != XmlChildren::end();
}

Xml Xml::child(Tag tag) const {
  for (const Xml element : children()) {
    if (element.tag() == tag) return element;
  }
  return {};
}

const XmlAttribute* Xml::find(std::string_view name) const {
  const XmlNode& n = node();
  const bool qualified = name.find(':') != std::string_view::npos;
  const XmlAttribute* prefixed = nullptr;
  for (std::size_t i = 0; i < n.attribute_count; ++i) {
    const XmlAttribute& attribute = tree_->attributes[n.attributes + i];
    const std::size_t skip = qualified ? 0 : attribute.prefix_length;
    const auto local = tree_->text.substr(attribute.name + skip, attribute.name_length - skip);
    if (local.size() != name.size() || !equals_ignoring_case(local, name)) continue;
    if (qualified || attribute.prefix_length == 0) return &attribute;
    if (prefixed == nullptr && !equals_ignoring_case(tree_->text.substr(attribute.name, 4), "xml:")) prefixed = &attribute;
  }
  return prefixed;
}

std::string_view Xml::raw_attribute(std::string_view name) const {
  const XmlAttribute* attribute = find(name);
  return attribute == nullptr ? std::string_view() : tree_->text.substr(attribute->value, attribute->value_length);
}

std::string Xml::attribute(std::string_view name) const {
  std::string value;
  const std::string_view raw = trim(raw_attribute(name));
  if (!raw.empty()) append_decoded(value, raw, *tree_);
  return value;
}

std::string Xml::text() const {
  std::string out;
  if (const Xml only = first_child(); only && !only.next()) out.reserve(only.source().size());
  // Depth first, without recursion: the way back up is kept here. The depth of a tree is bounded.
  std::vector<NodeIndex> up;
  NodeIndex at = node().first_child;
  while (at != kNoNode || !up.empty()) {
    if (at == kNoNode) {
      at = tree_->nodes[up.back()].next;
      up.pop_back();
      continue;
    }
    const XmlNode& n = tree_->nodes[at];
    const auto raw = tree_->text.substr(n.begin, n.end - n.begin);
    if (n.kind == XmlNode::Kind::element) {
      up.push_back(at);
      at = n.first_child;
      continue;
    }
    if (n.kind == XmlNode::Kind::text) append_decoded(out, raw, *tree_);
    else append_lines(out, raw, *tree_);
    at = n.next;
  }
  return out;
}

std::optional<std::string_view> Xml::verbatim_text() const {
  const Xml only = first_child();
  if (!only) return std::string_view();
  if (only.next() || only.is_element() || tree_->has_cr) return std::nullopt;
  const bool plain = only.node().kind == XmlNode::Kind::cdata || only.raw_text().find('&') == std::string_view::npos;
  return plain ? std::optional(only.raw_text()) : std::nullopt;
}

std::string Xml::trimmed_text() const {
  if (const auto plain = verbatim_text()) return std::string(trim(*plain));
  const std::string all = text();
  return std::string(trim(all));
}

}  // namespace riverd::feeds::read
