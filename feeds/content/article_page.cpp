#include "feeds/content/article_page.h"

#include <algorithm>

#include "feeds/content/entities.h"
#include "feeds/content/text.h"

namespace riverd::feeds::content::extract {
namespace {

bool is_plain(std::string_view text) { return text.find_first_of("&\r") == std::string_view::npos; }

bool is_lower(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Tag tag_of(Node node) {
  if (node.name_space() == Namespace::svg) return Tag::svg;
  if (node.name_space() == Namespace::mathml) return Tag::math;
  return node.tag() == Tag::text ? Tag::unknown : node.tag();
}

}  // namespace

bool is_block(Tag tag) {
  switch (tag) {
    case Tag::address: case Tag::article: case Tag::aside: case Tag::blockquote: case Tag::body: case Tag::caption: case Tag::center:
    case Tag::dd: case Tag::details: case Tag::dialog: case Tag::div: case Tag::dl: case Tag::dt: case Tag::fieldset: case Tag::figcaption:
    case Tag::figure: case Tag::footer: case Tag::form: case Tag::h1: case Tag::h2: case Tag::h3: case Tag::h4: case Tag::h5: case Tag::h6:
    case Tag::header: case Tag::hgroup: case Tag::hr: case Tag::html: case Tag::li: case Tag::main: case Tag::nav: case Tag::ol: case Tag::p:
    case Tag::pre: case Tag::section: case Tag::summary: case Tag::table: case Tag::tbody: case Tag::td: case Tag::tfoot: case Tag::th:
    case Tag::thead: case Tag::tr: case Tag::ul: return true;
    default: return false;
  }
}

Page::Page(std::string_view html) : tree_(html) {
  nodes_.reserve(tree_.size());
  std::vector<Node> open;  // ancestors of the node to come
  std::vector<std::uint32_t> open_index;
  const Node root = tree_.root();
  for (Node node = root; node; node = node.next(root)) {
    while (!open.empty() && open.back() != node.parent()) {
      nodes_[open_index.back()].end = static_cast<std::uint32_t>(nodes_.size());
      open.pop_back();
      open_index.pop_back();
    }
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    add(node, open.empty() ? 0 : open_index.back());
    open.push_back(node);
    open_index.push_back(index);
  }
  for (const std::uint32_t index : open_index) nodes_[index].end = static_cast<std::uint32_t>(nodes_.size());
  if (nodes_.empty()) nodes_.push_back({.tag = Tag::html, .end = 1, .text = "html"});
}

void Page::add(Node node, std::uint32_t parent) {
  PageNode out;
  out.parent = parent;
  if (node.is_text()) {
    std::string text;
    node.append_text(text);
    out.tag = Tag::text;
    out.text = keep(text);
  } else {
    out.tag = tag_of(node);
    out.text = tag_name(node.tag());
    if (out.text.empty()) out.text = keep(node.name());
    add_attributes(node, out);
  }
  nodes_.push_back(out);
}

void Page::add_attributes(Node node, PageNode& out) {
  out.attributes = static_cast<std::uint32_t>(attributes_.size());
  AttributeScanner scanner = node.attributes();
  std::string decoded;
  for (Attribute a; attributes_.size() - out.attributes < kMaxAttributes && scanner.next(a);) {
    std::string_view name = a.name;
    if (!is_lower(name)) {
      decoded.assign(name);
      std::ranges::transform(decoded, decoded.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      name = keep(decoded);
    }
    std::string_view value = a.value;
    if (!is_plain(value)) {
      decoded.clear();
      append_decoded(decoded, value, true);
      value = keep(decoded);
    }
    attributes_.push_back({name, value});
  }
  out.attribute_count = static_cast<std::uint32_t>(attributes_.size() - out.attributes);
}

std::string_view Page::keep(std::string_view text) {
  if (pieces_.empty() || pieces_.back().capacity() - pieces_.back().size() < text.size()) {
    pieces_.emplace_back();
    pieces_.back().reserve(std::max(kPiece, text.size()));
  }
  std::string& piece = pieces_.back();
  const std::size_t at = piece.size();
  piece += text;
  return std::string_view(piece).substr(at);
}

std::string_view Page::attribute(std::size_t node, std::string_view name) const {
  for (const PageAttribute& a : attributes(node))
    if (a.name == name) return a.value;
  return {};
}

bool Page::has_attribute(std::size_t node, std::string_view name) const {
  return std::ranges::any_of(attributes(node), [name](const PageAttribute& a) { return a.name == name; });
}

std::string Page::text_of(std::size_t node) const {
  std::string out;
  for (std::size_t i = node; i < nodes_[node].end; ++i) {
    const PageNode& n = nodes_[i];
    if (n.tag == Tag::text) {
      out += n.text;
    } else if (n.tag == Tag::script || n.tag == Tag::style || n.tag == Tag::noscript || n.tag == Tag::svg) {
      i = n.end - 1;
    } else if (is_block(n.tag) || n.tag == Tag::br) {
      out += ' ';
    }
  }
  return fold_space(out);
}

}  // namespace riverd::feeds::content::extract
