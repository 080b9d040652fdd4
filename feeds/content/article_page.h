#pragma once
/// A page as a flat tree in document order. Private to the article extractor.
///
/// A node's descendants are the nodes behind it up to `end`, so every pass is a loop, whatever the depth.

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/content/tag.h"
#include "feeds/content/tree.h"

namespace riverd::feeds::content::extract {

/// Elements that stand on lines of their own; inline text belongs to the nearest of them.
[[nodiscard]] bool is_block(Tag tag);
[[nodiscard]] inline bool is_heading(Tag tag) { return has(tag, kHeading); }

struct PageAttribute {
  std::string_view name;   ///< lower case
  std::string_view value;  ///< references decoded
};

struct PageNode {
  Tag tag = Tag::unknown;             ///< Tag::text for a text; Tag::svg and Tag::math for all that is inside them
  std::uint32_t parent = 0;
  std::uint32_t end = 0;              ///< one past the last descendant
  std::uint32_t attributes = 0;       ///< first of `attribute_count` of the page's
  std::uint32_t attribute_count = 0;
  std::string_view text;              ///< of a text, decoded; the name of an element, lower case
};

class Page {
 public:
  /// Parses UTF-8 HTML as a browser would; `html` must outlive the page.
  explicit Page(std::string_view html);
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  /// Node 0 is the root: the whole document, as Tag::html.
  [[nodiscard]] const PageNode& operator[](std::size_t i) const { return nodes_[i]; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

  [[nodiscard]] std::span<const PageAttribute> attributes(std::size_t node) const {
    return std::span(attributes_).subspan(nodes_[node].attributes, nodes_[node].attribute_count);
  }
  /// An attribute's value; empty where it is absent.
  [[nodiscard]] std::string_view attribute(std::size_t node, std::string_view name) const;
  [[nodiscard]] bool has_attribute(std::size_t node, std::string_view name) const;

  /// The words below a node, white space folded.
  [[nodiscard]] std::string text_of(std::size_t node) const;

 private:
  void add(Node node, std::uint32_t parent);
  void add_attributes(Node node, PageNode& out);
  std::string_view keep(std::string_view text);

  static constexpr std::size_t kPiece = 64 * 1024;

  Tree tree_;
  std::vector<PageNode> nodes_;
  std::vector<PageAttribute> attributes_;
  std::deque<std::string> pieces_;  // what decoded views point into; none of them grows beyond what it reserved
};

}  // namespace riverd::feeds::content::extract
