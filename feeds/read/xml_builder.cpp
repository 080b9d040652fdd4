#include "feeds/read/xml_builder.h"

#include <algorithm>

namespace riverd::feeds::read {
namespace {

bool is_vocabulary(Ns ns) { return ns == Ns::none || ns == Ns::atom || ns == Ns::atom03; }

/// Elements that hold elements only.
bool is_structural(Tag tag) {
  switch (tag) {
    case Tag::rss: case Tag::rdf: case Tag::feed: case Tag::channel: case Tag::item: case Tag::entry: case Tag::items:
    case Tag::image: case Tag::textinput: case Tag::author: case Tag::source: case Tag::group: return true;
    default: return false;
  }
}

/// Elements whose content is text or markup of another vocabulary, never an element of a feed.
bool is_leaf(Tag tag) {
  switch (tag) {
    case Tag::title: case Tag::link: case Tag::guid: case Tag::pubdate: case Tag::comments: case Tag::description:
    case Tag::category: case Tag::lastbuilddate: case Tag::language: case Tag::copyright: case Tag::generator:
    case Tag::docs: case Tag::ttl: case Tag::webmaster: case Tag::managingeditor: case Tag::id: case Tag::published:
    case Tag::updated: case Tag::issued: case Tag::modified: case Tag::created: case Tag::summary: case Tag::subtitle:
    case Tag::tagline: return true;
    default: return false;
  }
}

/// Elements that HTML has too: they do not end a description.
bool is_html_name(Tag tag) { return tag == Tag::title || tag == Tag::link || tag == Tag::source || tag == Tag::summary; }

bool holds_markup(Tag tag) { return tag == Tag::description || tag == Tag::summary || tag == Tag::subtitle; }

/// Elements of an item or a channel, whose start shows that a leaf before them has ended.
bool begins_anew(Tag tag) {
  switch (tag) {
    case Tag::item: case Tag::entry: case Tag::enclosure: case Tag::source: case Tag::author: case Tag::content:
    case Tag::textinput: return true;
    default: return is_leaf(tag);
  }
}

bool is_entry(const XmlNode& node) { return is_vocabulary(node.ns) && (node.tag == Tag::item || node.tag == Tag::entry); }

/// Elements that entries stand in: a document that ends in them may have all its entries.
bool holds_entries(Tag tag) {
  return tag == Tag::rss || tag == Tag::rdf || tag == Tag::feed || tag == Tag::channel || tag == Tag::items;
}

/// Equal for equal names in any case: an end tag whose slot is empty needs no search.
std::size_t name_slot(std::string_view name) {
  const auto first = static_cast<unsigned char>(lower(name.front()));
  const auto last = static_cast<unsigned char>(lower(name.back()));
  return (name.size() * 31 + first * 7U + last) % 256;
}

bool is_feed_root(Tag tag, Ns ns) {
  return (tag == Tag::rss && ns == Ns::none) || (tag == Tag::rdf && ns == Ns::rdf) || (tag == Tag::feed && is_vocabulary(ns));
}

}  // namespace

XmlBuilder::XmlBuilder(std::string_view text, const XmlLimits& limits, Repairs& repairs)
    : limits_(limits), most_nodes_(limits.nodes + text.size() / 8), repairs_(repairs) {
  tree_.text = text;
  tree_.has_cr = text.find('\r') != std::string_view::npos;
  tree_.expansion_left = text.size() + 65536;
  tree_.nodes.reserve(text.size() / 64 + 16);
  tree_.attributes.reserve(text.size() / 256 + 16);
  XmlNode document;
  document.end = static_cast<std::uint32_t>(text.size());
  tree_.nodes.push_back(document);
  open_.push_back({0, kNoNode, Ns::none, 0, true});
}

std::string_view XmlBuilder::name_of(NodeIndex node) const {
  return tree_.text.substr(tree_.nodes[node].name, tree_.nodes[node].name_length);
}

std::string_view XmlBuilder::open_name() const { return name_of(open_.back().node); }

void XmlBuilder::add_attribute(std::string_view name, std::string_view value, std::size_t first_attribute) {
  if (tree_.attributes.size() - first_attribute >= limits_.attributes || name.size() > 0xFFFF) {
    repairs_.note(Repair::too_many_attributes, offset(name));
    return;
  }
  XmlAttribute attribute;
  attribute.name = offset(name);
  attribute.name_length = static_cast<std::uint16_t>(name.size());
  const std::size_t colon = name.find(':');
  attribute.prefix_length = colon == std::string_view::npos ? std::uint16_t{0} : static_cast<std::uint16_t>(colon + 1);
  attribute.value = value.empty() ? attribute.name : offset(value);
  attribute.value_length = static_cast<std::uint32_t>(value.size());
  tree_.attributes.push_back(attribute);
}

NodeIndex XmlBuilder::append(const XmlNode& node) {
  const auto index = static_cast<NodeIndex>(tree_.nodes.size());
  tree_.nodes.push_back(node);
  Open& parent = open_.back();
  if (parent.last_child == kNoNode) tree_.nodes[parent.node].first_child = index;
  else tree_.nodes[parent.last_child].next = index;
  parent.last_child = index;
  return index;
}

XmlNode XmlBuilder::make_element(std::size_t begin, std::string_view name, std::size_t first_attribute) {
  XmlNode node;
  node.begin = static_cast<std::uint32_t>(begin);
  node.name = offset(name);
  name = name.substr(0, 0xFFFF);
  node.name_length = static_cast<std::uint16_t>(name.size());
  node.attributes = static_cast<std::uint32_t>(first_attribute);
  node.attribute_count = static_cast<std::uint8_t>(tree_.attributes.size() - first_attribute);
  const std::size_t colon = name.substr(0, 200).find(':');
  if (colon != std::string_view::npos && colon + 1 < name.size()) node.prefix_length = static_cast<std::uint8_t>(colon + 1);
  node.tag = tag_of(name.substr(node.prefix_length));
  return node;
}

/// Takes the xmlns attributes of an element. An unknown default namespace on an element of a feed is RSS's own, as
/// feeds declare all sorts of URIs there; a conventional prefix keeps its meaning under an unknown URI.
void XmlBuilder::bind(const XmlNode& node, Ns& default_ns) {
  for (std::size_t i = 0; i < node.attribute_count; ++i) {
    const XmlAttribute& attribute = tree_.attributes[node.attributes + i];
    const auto name = tree_.text.substr(attribute.name, attribute.name_length);
    if (name.size() < 5 || name.substr(0, 5) != "xmlns") continue;
    const auto uri = tree_.text.substr(attribute.value, attribute.value_length);
    Ns ns = namespace_of(uri);
    if (name.size() == 5) {
      default_ns = ns == Ns::unknown && (is_structural(node.tag) || is_leaf(node.tag)) ? Ns::none : ns;
    } else if (name[5] == ':' && bindings_.size() < limits_.bindings) {
      if (ns == Ns::unknown) ns = conventional_namespace(name.substr(6));
      bindings_.push_back({name.substr(6), ns});
    }
  }
}

Ns XmlBuilder::resolve(std::string_view prefix, std::size_t at) {
  for (auto binding = bindings_.rbegin(); binding != bindings_.rend(); ++binding) {
    if (binding->prefix == prefix) return binding->ns;
  }
  if (prefix == "xml") return Ns::xml;
  repairs_.note(Repair::undeclared_prefix, at);
  return conventional_namespace(prefix);
}

void XmlBuilder::close_top(std::size_t end) {
  --open_names_[name_slot(open_name())];
  tree_.nodes[open_.back().node].end = static_cast<std::uint32_t>(end);
  bindings_.resize(open_.back().bindings);
  open_.pop_back();
}

void XmlBuilder::close_implied(Tag tag, Ns ns, std::size_t at) {
  if (!is_vocabulary(ns) || !begins_anew(tag)) return;
  while (open_.size() > 1) {
    const XmlNode& top = tree_.nodes[open_.back().node];
    const bool leaf = top.ns == ns && is_leaf(top.tag) && !(holds_markup(top.tag) && is_html_name(tag));
    const bool item = top.ns == ns && top.tag == tag && (tag == Tag::item || tag == Tag::entry);
    if (!leaf && !item) return;
    repairs_.note(Repair::implied_end, at);
    close_top(at);
    if (item) return;
  }
}

void XmlBuilder::start(std::size_t begin, std::size_t end, std::string_view name, std::size_t first_attribute,
                       bool self_closing) {
  if (open_.size() > limits_.depth) {
    repairs_.note(Repair::too_deep, begin);
    too_deep_ += self_closing ? 0 : 1;
    tree_.attributes.resize(first_attribute);
    return;
  }
  XmlNode node = make_element(begin, name, first_attribute);
  const std::size_t bindings = bindings_.size();
  Ns default_ns = open_.back().default_ns;
  if (node.attribute_count != 0) bind(node, default_ns);
  node.ns = node.prefix_length == 0
                ? default_ns
                : resolve(name.substr(0, static_cast<std::size_t>(node.prefix_length - 1)), begin);
  std::vector<Binding> own;  // in force inside it, where closing others must not take them away
  if (bindings_.size() != bindings) {
    own.assign(bindings_.begin() + static_cast<std::ptrdiff_t>(bindings), bindings_.end());
    bindings_.resize(bindings);
  }
  if (!saw_root_ && is_feed_root(node.tag, node.ns)) {
    saw_root_ = true;
    if (open_.size() > 1 || open_.back().last_child != kNoNode) repairs_.note(Repair::junk_before_root, begin);
    while (open_.size() > 1) close_top(begin);
  }
  close_implied(node.tag, node.ns, begin);
  if (open_.size() == 1 && !saw_root_ && node.tag == Tag::html) tree_.html_page = true;
  node.end = static_cast<std::uint32_t>(end);
  const NodeIndex index = append(node);
  if (self_closing) return;
  open_.push_back({index, kNoNode, default_ns, bindings_.size(), node.ns != Ns::xhtml && is_structural(node.tag)});
  ++open_names_[name_slot(open_name())];
  bindings_.insert(bindings_.end(), own.begin(), own.end());
}

void XmlBuilder::end(std::size_t begin, std::size_t end, std::string_view name) {
  if (too_deep_ > 0) {
    --too_deep_;
    return;
  }
  std::size_t match = open_names_[name_slot(name)] == 0 ? 0 : open_.size() - 1;
  while (match > 0 && !equals_ignoring_case(name_of(open_[match].node), name)) --match;
  if (match == 0) {
    repairs_.note(Repair::stray_end_tag, begin);
    return;
  }
  while (open_.size() - 1 > match) {
    repairs_.note(Repair::unclosed_element, tree_.nodes[open_.back().node].begin);
    close_top(begin);
  }
  close_top(end);
}

void XmlBuilder::text(std::size_t begin, std::size_t end, XmlNode::Kind kind) {
  if (begin >= end) return;
  const auto view = tree_.text.substr(begin, end - begin);
  const bool blank_matters = !open_.back().structural;
  if (at_document() || !blank_matters) {
    std::size_t i = 0;
    while (i < view.size() && is_space(view[i])) ++i;
    if (i == view.size()) return;
    if (at_document()) {
      repairs_.note(saw_root_ ? Repair::text_outside_root : Repair::junk_before_root, begin + i);
      return;
    }
  }
  XmlNode node;
  node.kind = kind;
  node.begin = static_cast<std::uint32_t>(begin);
  node.end = static_cast<std::uint32_t>(end);
  append(node);
}

/// True where the last end tag is the root's: then the root is only open because something in it was not closed.
bool XmlBuilder::ends_with_root() const {
  const std::size_t last = tree_.text.rfind("</");
  const auto root = name_of(open_[1].node);
  return last != std::string_view::npos && equals_ignoring_case(tree_.text.substr(last + 2, root.size()), root);
}

void XmlBuilder::end_of_text(bool in_tag) {
  if (at_document() || ends_with_root()) return;
  const XmlNode& root = tree_.nodes[open_[1].node];
  if (!holds_entries(root.tag) && !is_entry(root)) return;  // something behind the feed
  tree_.breaks_off = in_tag || std::none_of(tree_.nodes.begin(), tree_.nodes.end(), is_entry);
  for (auto open = open_.begin() + 1; open != open_.end(); ++open) {
    const XmlNode& node = tree_.nodes[open->node];
    if (!holds_entries(node.tag)) tree_.breaks_off = true;
    if (is_entry(node) && tree_.broken_entry == kNoNode) tree_.broken_entry = open->node;
  }
  if (tree_.breaks_off) repairs_.note(Repair::truncated, tree_.text.size());
}

void XmlBuilder::finish() {
  while (open_.size() > 1) {
    repairs_.note(Repair::unclosed_element, tree_.nodes[open_.back().node].begin);
    close_top(tree_.text.size());
  }
}

}  // namespace riverd::feeds::read
