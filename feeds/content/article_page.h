#pragma once
/// A page as a flat tree in document order. Private to the article extractor.
///
/// A node's descendants are the nodes behind it up to `end`, so every pass is a loop, whatever the depth.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace riverd::feeds::content {

/// The elements that the extractor tells apart.
enum class Tag : std::uint8_t {
  text, other,  // other: any element not listed
  // blocks
  address, article, aside, blockquote, body, center, dd, details, dialog, div, dl, dt, fieldset, figcaption, figure, footer, form,
  h1, h2, h3, h4, h5, h6, header, hr, html, li, main, nav, ol, p, pre, section, summary, table, tbody, td, tfoot, th, thead, tr, ul,
  caption,
  // inline
  a, abbr, b, br, button, cite, code, del, em, font, i, img, ins, kbd, label, mark, picture, q, s, samp, small, source, span, strong, sub, sup,
  time, tt, u, wbr,
  // head and machinery
  audio, base, canvas, embed, head, iframe, input, link, map, math, meta, noscript, object, option, script, select, style, svg, template_,
  textarea, title, track, video,
};

[[nodiscard]] inline bool is_block(Tag tag) { return tag >= Tag::address && tag <= Tag::caption; }
[[nodiscard]] inline bool is_heading(Tag tag) { return tag >= Tag::h1 && tag <= Tag::h6; }

struct PageAttribute {
  std::string_view name;
  std::string_view value;
};

struct PageNode {
  Tag tag = Tag::other;
  std::uint32_t parent = 0;
  std::uint32_t end = 0;              ///< one past the last descendant
  std::uint32_t attributes = 0;       ///< first of `attribute_count` in Page::attributes
  std::uint32_t attribute_count = 0;
  std::string_view text;              ///< of a text node; the name of an element
};

class Page {
 public:
  /// Parses UTF-8 HTML as a browser would. Deep nesting is flattened beyond a bound.
  explicit Page(std::string_view html);
  ~Page();
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  /// Node 0 is <html>.
  [[nodiscard]] const std::vector<PageNode>& nodes() const { return nodes_; }
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
  class Builder;
  struct Arena;
  std::unique_ptr<Arena> arena_;  // owns what the views point into
  std::vector<PageNode> nodes_;
  std::vector<PageAttribute> attributes_;
};

}  // namespace riverd::feeds::content
