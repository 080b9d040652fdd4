#include "feeds/content/tree.h"

#include "feeds/content/entities.h"
#include "feeds/content/tree_builder.h"

namespace riverd::feeds::content {
namespace {

/// Appends text in which nothing is a reference, CR LF and CR as LF.
void append_lines(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
}

}  // namespace

void Tree::parse(std::string_view html) {
  nodes_.clear();
  rest_.clear();
  TreeBuilder(*this, html).build();
}

std::string Node::name() const {
  const Tree::Record& record = tree_->nodes_[index_];
  if (record.tag != Tag::unknown) return std::string(tag_name(record.tag));
  if (record.kind != Tree::Kind::element) return {};
  std::string name(record.name());
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return name;
}

Node Node::next(Node top) const {
  if (const Node child = first_child()) return child;
  return next_after(top);
}

Node Node::next_after(Node top) const {
  for (Node node = *this; node && !(node == top); node = node.parent()) {
    if (const Node sibling = node.next_sibling()) return sibling;
  }
  return {};
}

AttributeScanner Node::attributes() const {
  const Tree::Record& record = tree_->nodes_[index_];
  if (record.kind != Tree::Kind::element) return AttributeScanner({});
  return AttributeScanner(record.view(), record.name_size);
}

std::optional<std::string> Node::attribute(std::string_view name) const {
  AttributeScanner scanner = attributes();
  Attribute attribute;
  for (unsigned i = 0; i < kMaxAttributes && scanner.next(attribute); ++i) {
    if (!equals_ignoring_case(attribute.name, name)) continue;
    std::string value;
    append_decoded(value, attribute.value, true);
    return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Node::verbatim_text() const {
  const Tree::Record& record = tree_->nodes_[index_];
  const std::string_view text = record.view();
  const bool as_is = record.kind == Tree::Kind::text ? find_encoded(text) == text.size()
                                                     : text.find('\r') == std::string_view::npos;
  return as_is ? std::optional(text) : std::nullopt;
}

void Node::append_text(std::string& out) const {
  const Tree::Record& record = tree_->nodes_[index_];
  if (record.kind == Tree::Kind::text) append_decoded(out, record.view(), false);
  if (record.kind == Tree::Kind::raw_text) append_lines(out, record.view());
}

std::string Node::text() const {
  std::string out;
  if (tree_ == nullptr) return out;
  for (Node node = *this; node; node = node.next(*this)) node.append_text(out);
  return out;
}

}  // namespace riverd::feeds::content
