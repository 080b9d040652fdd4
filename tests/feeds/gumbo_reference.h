#pragma once
/// What an HTML5 parser that is not ours (gumbo) makes of a fragment in <body>: the reference for content::Tree, and the
/// browser of the promise that safe HTML parses to the same tree.

#include <gumbo.h>

#include <string>
#include <string_view>
#include <vector>

#include "feeds/content/output.h"
#include "feeds/content/tree.h"

namespace riverd::feeds::content::reference {

class Gumbo {
 public:
  explicit Gumbo(const std::string& html) : options_(kGumboDefaultOptions) {
    options_.fragment_context = GUMBO_TAG_BODY;
    options_.max_errors = 0;
    output_ = gumbo_parse_with_options(&options_, html.data(), html.size());
  }
  ~Gumbo() { gumbo_destroy_output(&options_, output_); }
  Gumbo(const Gumbo&) = delete;
  Gumbo& operator=(const Gumbo&) = delete;

  /// The tree written as safe HTML is: any difference in structure, attributes or text shows.
  [[nodiscard]] std::string serialised() const {
    std::string out;
    children(out, output_->root, true);
    return out;
  }

  /// Elements as "<name>" and "</name>" and text between, neither attributes nor comments nor templates.
  [[nodiscard]] std::string outline() const {
    std::string out;
    children(out, output_->root, false);
    return out;
  }

 private:
  static std::string name(const GumboElement& element) {
    if (element.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(element.tag);
    GumboStringPiece piece = element.original_tag;
    gumbo_tag_from_original_text(&piece);
    std::string text(piece.data, piece.length);
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return text;
  }

  static void children(std::string& out, const GumboNode* node, bool attributes) {
    const GumboVector& all = node->v.element.children;
    for (unsigned i = 0; i < all.length; ++i) write(out, static_cast<const GumboNode*>(all.data[i]), attributes);
  }

  static void write(std::string& out, const GumboNode* node, bool attributes) {
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE || node->type == GUMBO_NODE_CDATA) {
      append_html_text(out, node->v.text.text);
    }
    if (node->type != GUMBO_NODE_ELEMENT) return;
    const std::string tag = name(node->v.element);
    out += "<" + tag;
    for (unsigned i = 0; attributes && i < node->v.element.attributes.length; ++i) {
      const auto* attribute = static_cast<const GumboAttribute*>(node->v.element.attributes.data[i]);
      append_html_attribute(out, attribute->name, attribute->value);
    }
    out += ">";
    if (has(find_tag(tag), kVoid)) return;
    const std::size_t content = out.size();
    children(out, node, attributes);
    if (attributes && tag == "pre" && content < out.size() && out[content] == '\n') out.insert(content, 1, '\n');
    out += "</" + tag + ">";
  }

  GumboOptions options_;
  GumboOutput* output_;
};

/// The outline of a tree of ours.
inline std::string outline(const Tree& tree) {
  std::string out;
  std::vector<Node> open;
  for (Node node = tree.root().first_child(); node;) {
    bool inside = false;
    if (node.is_text()) {
      std::string text;
      node.append_text(text);
      append_html_text(out, text);
    } else {
      out += "<" + node.name() + ">";
      inside = !has(node.tag(), kVoid) || node.name_space() != Namespace::html;
    }
    if (inside && node.first_child()) {
      open.push_back(node);
      node = node.first_child();
      continue;
    }
    if (inside) out += "</" + node.name() + ">";
    while (!node.next_sibling() && !open.empty()) {
      node = open.back();
      open.pop_back();
      out += "</" + node.name() + ">";
    }
    node = node.next_sibling();
  }
  return out;
}

}  // namespace riverd::feeds::content::reference
