#pragma once
/// An XML document as a tree of views into its text. Nothing is copied or decoded until it is asked for.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/read/names.h"

namespace riverd::feeds::read {

using NodeIndex = std::uint32_t;
inline constexpr NodeIndex kNoNode = 0xFFFFFFFF;
inline constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);  ///< offset into the text

/// 32 bytes, offsets instead of pointers: the tree of a document takes at most four times its size.
struct XmlNode {
  enum class Kind : std::uint8_t { element, text, cdata };
  std::uint32_t begin = 0;         ///< of the source: '<' of the start tag, or the first character of text
  std::uint32_t end = 0;           ///< past the end tag, or past the text
  std::uint32_t name = 0;          ///< offset of the qualified name
  std::uint32_t attributes = 0;    ///< index of the first
  NodeIndex first_child = kNoNode;
  NodeIndex next = kNoNode;        ///< sibling
  std::uint16_t name_length = 0;
  std::uint8_t prefix_length = 0;  ///< with the colon
  std::uint8_t attribute_count = 0;
  Ns ns = Ns::none;
  Tag tag = Tag::other;
  Kind kind = Kind::element;
};

struct XmlAttribute {
  std::uint32_t name = 0;
  std::uint32_t value = 0;
  std::uint32_t value_length = 0;
  std::uint16_t name_length = 0;
  std::uint16_t prefix_length = 0;
};

/// The tree. Node 0 is the document itself; its children are the roots. Lives no longer than the text it views.
struct XmlTree {
  std::string_view text;
  std::vector<XmlNode> nodes;
  std::vector<XmlAttribute> attributes;
  std::map<std::string, std::string, std::less<>> entities;  ///< of the DOCTYPE's internal subset: small, not nested
  mutable std::size_t expansion_left = 0;                    ///< characters that entities may still expand to
  mutable std::size_t stray_ampersand = kNowhere;            ///< where the first was, of the text that was asked for
  mutable std::size_t undeclared_entity = kNowhere;          ///< likewise the first of HTML's names that no DTD declares
  bool has_cr = true;                                        ///< false: there are no line ends to normalise
  bool html_page = false;                                    ///< the root is <html>; reading stopped there
  bool breaks_off = false;                                   ///< the text ends inside the root, not just between its entries
  NodeIndex broken_entry = kNoNode;                          ///< the entry in which it does
};

class XmlChildren;

/// A node of a tree: cheap to copy, lives as long as the tree.
class Xml {
 public:
  Xml() = default;
  Xml(const XmlTree& tree, NodeIndex index) : tree_(&tree), index_(index) {}

  explicit operator bool() const { return tree_ != nullptr; }
  [[nodiscard]] const XmlTree& tree() const { return *tree_; }
  [[nodiscard]] const XmlNode& node() const { return tree_->nodes[index_]; }
  [[nodiscard]] NodeIndex index() const { return index_; }
  [[nodiscard]] Ns ns() const { return node().ns; }
  [[nodiscard]] Tag tag() const { return node().tag; }
  [[nodiscard]] bool is_element() const { return node().kind == XmlNode::Kind::element; }
  [[nodiscard]] bool is(Ns ns, Tag tag) const { return node().ns == ns && node().tag == tag; }

  /// The name without its prefix, as written.
  [[nodiscard]] std::string_view local_name() const;
  /// The bytes it was read from, tags included.
  [[nodiscard]] std::string_view source() const { return tree_->text.substr(node().begin, node().end - node().begin); }
  /// The characters of a text node as written, entities not decoded.
  [[nodiscard]] std::string_view raw_text() const { return source(); }

  /// Child elements, in order.
  [[nodiscard]] XmlChildren children() const;
  [[nodiscard]] Xml first_child() const { return at(node().first_child); }  ///< of any kind; false where none
  [[nodiscard]] Xml next() const { return at(node().next); }                ///< of any kind; false where none
  [[nodiscard]] bool has_child_elements() const;
  [[nodiscard]] Xml child(Tag tag) const;  ///< the first child element of that name in whatever namespace, or false

  /// An attribute's decoded value, trimmed; empty where absent. Names compare without case.
  ///   name   a local name: the attribute without prefix wins over one with; or a qualified one (`xml:base`)
  [[nodiscard]] std::string attribute(std::string_view name) const;
  [[nodiscard]] bool has_attribute(std::string_view name) const { return find(name) != nullptr; }
  /// The value as written.
  [[nodiscard]] std::string_view raw_attribute(std::string_view name) const;

  /// The characters of all text in it, entities decoded, CDATA taken as it is, line ends as \n.
  [[nodiscard]] std::string text() const;
  /// text() as it stands in the document, where it stands there in one piece and nothing in it is to be decoded.
  [[nodiscard]] std::optional<std::string_view> verbatim_text() const;
  /// text() without white space at its ends.
  [[nodiscard]] std::string trimmed_text() const;

 private:
  [[nodiscard]] Xml at(NodeIndex index) const { return index == kNoNode ? Xml() : Xml(*tree_, index); }
  [[nodiscard]] const XmlAttribute* find(std::string_view name) const;

  const XmlTree* tree_ = nullptr;
  NodeIndex index_ = 0;
};

/// Range over the child elements of a node.
class XmlChildren {
 public:
  explicit XmlChildren(Xml parent) : first_(parent.first_child()) {}
  class Iterator {
   public:
    explicit Iterator(Xml at) : at_(at) { skip_text(); }
    Xml operator*() const { return at_; }
    Iterator& operator++() {
      at_ = at_.next();
      skip_text();
      return *this;
    }
    bool operator!=(const Iterator& other) const { return static_cast<bool>(at_) != static_cast<bool>(other.at_); }

   private:
    void skip_text() {
      while (at_ && !at_.is_element()) at_ = at_.next();
    }
    Xml at_;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(first_); }
  [[nodiscard]] static Iterator end() { return Iterator(Xml()); }

 private:
  Xml first_;
};

inline XmlChildren Xml::children() const { return XmlChildren(*this); }

/// Where a CDATA section is opened at or after `from`, or npos. Looked for by its '[', as a '<' is what HTML is full of.
[[nodiscard]] std::size_t find_cdata_start(std::string_view text, std::size_t from = 0);

/// Decodes character and entity references of XML text as feeds use them: the five of XML, numbers (128 to 159 mean
/// windows-1252, as in browsers; controls are dropped), the document's own entities, HTML's names. A stray & stays.
void append_decoded(std::string& out, std::string_view raw, const XmlTree& tree);

}  // namespace riverd::feeds::read
