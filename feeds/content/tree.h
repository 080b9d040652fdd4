#pragma once
/// The tree of an HTML document or fragment, as a browser builds it (WHATWG HTML 13.2.6, no quirks, scripting
/// off), to be read only. Nodes live in one array and hold views into the input; nothing recurses, depth is
/// bounded, time and memory are linear: safe for hostile input.
///
/// Everything stands under one root, which is the body (or the whole document): html, head and body elements
/// are not nodes, what was in them is. Comments, doctypes and the content of templates are left out.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/content/tag.h"
#include "feeds/content/tokenizer.h"

namespace riverd::feeds::content {

class Tree;

enum class Namespace : std::uint8_t { html, svg, mathml };

/// A place in a tree: an element, a text, or none. Cheap to copy; lives as long as its tree.
class Node {
 public:
  Node() = default;

  explicit operator bool() const { return tree_ != nullptr; }
  bool operator==(const Node&) const = default;

  [[nodiscard]] bool is_text() const;
  [[nodiscard]] bool is_element() const { return tree_ != nullptr && !is_text(); }

  /// The element's tag (Tag::html for the root); Tag::unknown for other elements and for text.
  [[nodiscard]] Tag tag() const;
  /// The element's name in lower case, known or not.
  [[nodiscard]] std::string name() const;
  [[nodiscard]] Namespace name_space() const;

  /// A number of its own in [0, Tree::size()): an index for what a reader of the tree wants to note.
  [[nodiscard]] std::uint32_t index() const { return index_; }

  [[nodiscard]] Node parent() const;
  [[nodiscard]] Node first_child() const;
  [[nodiscard]] Node last_child() const;
  [[nodiscard]] Node next_sibling() const;
  [[nodiscard]] Node previous_sibling() const;

  /// The next node in document order inside `top`'s subtree, children first; none at the end.
  [[nodiscard]] Node next(Node top) const;
  /// The same, without this node's descendants.
  [[nodiscard]] Node next_after(Node top) const;

  /// The value of an attribute, references decoded; `name` in lower case. Scans the tag, at most
  /// kMaxAttributes.
  [[nodiscard]] std::optional<std::string> attribute(std::string_view name) const;
  [[nodiscard]] bool has_attributes() const;
  /// All attributes as written; of repeated ones the first counts.
  [[nodiscard]] AttributeScanner attributes() const;

  /// Of a text node: the text as written, where it is the text as it is: neither references nor CR in it.
  [[nodiscard]] std::optional<std::string_view> verbatim_text() const;
  /// Appends the text of a text node: references decoded, line ends as LF.
  void append_text(std::string& out) const;
  /// All text inside, in document order, scripts and styles included.
  [[nodiscard]] std::string text() const;

 private:
  friend class Tree;
  Node(const Tree* tree, std::uint32_t index) : tree_(tree), index_(index) {}
  [[nodiscard]] Node at(std::uint32_t index) const;

  const Tree* tree_ = nullptr;
  std::uint32_t index_ = 0;
};

class Tree {
 public:
  /// Parses at once. `html` must outlive the tree, be valid UTF-8 and shorter than 4 GiB.
  explicit Tree(std::string_view html) { parse(html); }
  Tree() = default;

  /// Parses anew in the memory of the former tree.
  void parse(std::string_view html);

  /// The root; of an empty Tree, none. Its attributes are those of the html tag, where there was one.
  [[nodiscard]] Node root() const { return nodes_.empty() ? Node() : Node(this, 0); }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

  /// Memory kept for the next parse, in nodes.
  [[nodiscard]] std::size_t capacity() const { return nodes_.capacity(); }

 private:
  friend class Node;
  friend class TreeBuilder;

  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  enum class Kind : std::uint8_t { element, text, raw_text };

  /// `data` is a text, or a tag from its name to its '>' (empty for an element that had no tag).
  struct Record {
    const char* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t parent = kNone;
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
    std::uint16_t name_size = 0;
    Tag tag = Tag::unknown;
    Kind kind : 2 = Kind::element;
    Namespace name_space : 2 = Namespace::html;
    bool open : 1 = false;  // on the builder's stack

    [[nodiscard]] std::string_view view() const { return {data, size}; }
    [[nodiscard]] std::string_view name() const { return view().substr(0, name_size); }
  };

  std::vector<Record> nodes_;
  std::string rest_;  // the words beyond the bound on nodes
};

inline Node Node::at(std::uint32_t index) const {
  return index == Tree::kNone ? Node() : Node(tree_, index);
}
inline bool Node::is_text() const {
  return tree_ != nullptr && tree_->nodes_[index_].kind != Tree::Kind::element;
}
inline Tag Node::tag() const {
  return tree_->nodes_[index_].tag;
}
inline Namespace Node::name_space() const {
  return tree_->nodes_[index_].name_space;
}
inline bool Node::has_attributes() const {
  return tree_->nodes_[index_].size > tree_->nodes_[index_].name_size + 1U;
}
inline Node Node::parent() const {
  return at(tree_->nodes_[index_].parent);
}
inline Node Node::first_child() const {
  return at(tree_->nodes_[index_].first);
}
inline Node Node::last_child() const {
  return at(tree_->nodes_[index_].last);
}
inline Node Node::next_sibling() const {
  return at(tree_->nodes_[index_].next);
}
inline Node Node::previous_sibling() const {
  return at(tree_->nodes_[index_].previous);
}

}  // namespace riverd::feeds::content
