#pragma once
/// The tree under construction: which elements are open, which namespaces are in force, what implies an end tag.

#include <array>
#include <string_view>
#include <vector>

#include "feeds/read/xml_parser.h"
#include "feeds/read/xml_repairs.h"

namespace riverd::feeds::read {

class XmlBuilder {
 public:
  XmlBuilder(std::string_view text, const XmlLimits& limits, Repairs& repairs);

  /// A new element whose attributes are those appended to the tree since `first_attribute`.
  void start(std::size_t begin, std::size_t end, std::string_view name, std::size_t first_attribute, bool self_closing);
  void end(std::size_t begin, std::size_t end, std::string_view name);
  void text(std::size_t begin, std::size_t end, XmlNode::Kind kind);
  /// The text has ended: notes whether the document breaks off there.
  ///   in_tag   it ends in the middle of a tag
  void end_of_text(bool in_tag);
  /// Ends whatever is still open.
  void finish();

  void add_attribute(std::string_view name, std::string_view value, std::size_t first_attribute);
  [[nodiscard]] std::size_t attribute_count() const { return tree_.attributes.size(); }
  [[nodiscard]] bool full() const { return tree_.nodes.size() >= most_nodes_; }
  [[nodiscard]] bool at_document() const { return open_.size() == 1; }
  [[nodiscard]] std::string_view open_name() const;  ///< qualified name of the innermost open element
  [[nodiscard]] bool saw_root() const { return saw_root_; }
  [[nodiscard]] XmlTree& tree() { return tree_; }

 private:
  struct Open {
    NodeIndex node;
    NodeIndex last_child;
    Ns default_ns;
    std::size_t bindings;   ///< how many were in force outside
    bool structural;        ///< white space between its children means nothing
  };
  struct Binding {
    std::string_view prefix;
    Ns ns;
  };

  XmlNode make_element(std::size_t begin, std::string_view name, std::size_t first_attribute);
  NodeIndex append(const XmlNode& node);
  void bind(const XmlNode& node, Ns& default_ns);
  Ns resolve(std::string_view prefix, std::size_t at);
  void close_implied(Tag tag, Ns ns, std::size_t at);
  void close_top(std::size_t end);
  [[nodiscard]] bool ends_with_root() const;
  [[nodiscard]] std::string_view name_of(NodeIndex node) const;
  [[nodiscard]] std::uint32_t offset(std::string_view part) const {
    return static_cast<std::uint32_t>(part.data() - tree_.text.data());
  }

  const XmlLimits limits_;
  const std::size_t most_nodes_;
  Repairs& repairs_;
  XmlTree tree_;
  std::vector<Open> open_;
  std::vector<Binding> bindings_;
  std::array<std::uint16_t, 256> open_names_{};  ///< how many open elements have a name of this name_slot
  std::size_t too_deep_ = 0;  ///< start tags left out whose end tags are still to come
  bool saw_root_ = false;     ///< a feed's root element has begun
};

}  // namespace riverd::feeds::read
