#pragma once
/// XML as feeds hold it, well-formed or not, to a tree. One pass; never fails.

#include <cstddef>
#include <string_view>

#include "feeds/read/warnings.h"
#include "feeds/read/xml_tree.h"

namespace riverd::feeds::read {

struct XmlLimits {
  std::size_t depth = 256;            ///< elements within elements; deeper ones are left out, their text kept
  std::size_t attributes = 64;        ///< of one element; further ones are left out
  std::size_t nodes = 131072;         ///< plus one for eight bytes of text: reading stops there
  std::size_t bindings = 256;         ///< xmlns declarations in force at once
  bool stop_at_html = true;           ///< an <html> root ends reading, XmlTree::html_page is set
};

/// Reads a document. Namespaces are resolved; nothing external is ever read. What is not well-formed is repaired:
///   - junk before the root, declarations anywhere, several roots, text after the root
///   - a '<' or '&' that begins nothing is text; an attribute may lack quotes, a value, or its closing quote
///   - an end tag closes what is open inside its element; one without a start tag is ignored, in any case
///   - an <item> ends the item before it; a leaf such as <title> ends where the next element of an item begins
///   - CDATA in CDATA; CDATA, comments and tags that the document breaks off
///   - undeclared prefixes are taken for what they always mean
/// Each kind of repair is one warning with the line of its first place.
///   text   valid UTF-8 without controls; views into it are kept in the tree
[[nodiscard]] XmlTree parse_xml(std::string_view text, Warnings& warnings, const XmlLimits& limits = {});

/// What was repaired in references, which are decoded as they are asked for: call when all is read.
void report_references(const XmlTree& tree, Warnings& warnings);

}  // namespace riverd::feeds::read
