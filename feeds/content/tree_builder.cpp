#include "feeds/content/tree_builder.h"

#include <algorithm>

#include "feeds/content/html.h"

namespace riverd::feeds::content {
namespace {

constexpr std::size_t kMaxDepth = 256;      // start tags beyond it are passed over; their words stay
constexpr std::size_t kMaxNodes = 600'000;  // 40 bytes each; the words beyond them become one text
constexpr std::size_t kMaxMoves = 4'000'000;

bool is_white_space(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_html_space);
}

/// Growing by doubling would hold a large tree one and a half times, so of a large text the tags are counted; room that is
/// never used takes no memory.
std::size_t expected_nodes(std::string_view html) {
  constexpr std::size_t kLarge = 256U << 10U;
  if (html.size() < kLarge) return html.size() / 32;
  return static_cast<std::size_t>(std::count(html.begin(), html.end(), '<'));
}

}  // namespace

TreeBuilder::TreeBuilder(Tree& tree, std::string_view html)
    : nodes_(tree.nodes_), rest_(tree.rest_), tokens_(html), moves_left_(kMaxMoves) {
  nodes_.reserve(std::min(expected_nodes(html), kMaxNodes) + 16);
  stack_.reserve(64);
  push(make(Tag::html));
}

void TreeBuilder::build() {
  for (;;) {
    if (nodes_.size() >= kMaxNodes) {
      finish_as_words();
      return;
    }
    const Token token = tokens_.next(current().name_space != Namespace::html);
    if (token.kind == Token::Kind::end_of_file) return;
    process(token);
  }
}

void TreeBuilder::finish_as_words() {
  rest_ = plain_text(tokens_.rest());
  Token text;
  text.kind = Token::Kind::raw_text;
  text.text = rest_;
  while (has(current().tag, kTablePart) || current().tag == Tag::table) pop();
  insert_text(text);
}

void TreeBuilder::process(const Token& token) {
  const bool start = token.kind == Token::Kind::start;
  if (is_foreign(token)) {
    foreign(token);
  } else if (start && token.tag == Tag::template_) {
    skip_template();
  } else if (!start || stack_.size() < kMaxDepth || has(token.tag, kVoid | kRawText)) {
    process_html(token);
  }
}

void TreeBuilder::process_html(const Token& token) {
  switch (mode_) {
    case Mode::body:
      in_body(token);
      return;
    case Mode::table:
      in_table(token);
      return;
    case Mode::caption:
      in_caption(token);
      return;
    case Mode::column_group:
      in_column_group(token);
      return;
    case Mode::table_body:
      in_table_body(token);
      return;
    case Mode::row:
      in_row(token);
      return;
    case Mode::cell:
      in_cell(token);
      return;
  }
}

void TreeBuilder::skip_template() {
  for (unsigned depth = 1; depth > 0;) {
    const Token token = tokens_.next();
    if (token.kind == Token::Kind::end_of_file) return;
    if (token.kind == Token::Kind::start && has(token.tag, kRawText)) (void)tokens_.raw_text(token.tag);
    if (token.tag != Tag::template_) continue;
    if (token.kind == Token::Kind::start) ++depth;
    if (token.kind == Token::Kind::end) --depth;
  }
}

// SVG and MathML (13.2.6.5)

bool TreeBuilder::is_integration_point(Index index) const {
  const Record& node = at(index);
  if (node.name_space == Namespace::svg) return is_scope_edge(index);
  if (node.name_space != Namespace::mathml || node.tag != Tag::annotation_xml) return false;
  AttributeScanner scanner(node.view(), node.name_size);
  Attribute attribute;
  for (unsigned i = 0; i < kMaxAttributes && scanner.next(attribute); ++i) {
    if (!equals_ignoring_case(attribute.name, "encoding")) continue;
    return equals_ignoring_case(attribute.value, "text/html") ||
           equals_ignoring_case(attribute.value, "application/xhtml+xml");
  }
  return false;
}

bool TreeBuilder::is_foreign(const Token& token) const {
  const Record& node = current();
  if (node.name_space == Namespace::html) return false;
  if (token.kind == Token::Kind::end) return true;
  const bool start = token.kind == Token::Kind::start;
  if (is_integration_point(stack_.back())) return false;
  if (node.name_space == Namespace::svg) return true;
  if (node.tag == Tag::annotation_xml) return !start || token.tag != Tag::svg;
  if (!is_scope_edge(stack_.back())) return true;
  return start && (token.tag == Tag::mglyph || token.tag == Tag::malignmark);
}

void TreeBuilder::foreign(const Token& token) {
  if (token.kind == Token::Kind::start) {
    foreign_start(token);
  } else if (token.kind == Token::Kind::end) {
    foreign_end(token);
  } else {
    insert_text(token);
  }
}

void TreeBuilder::foreign_start(const Token& token) {
  bool breaks_out = has(token.tag, kBreaksOut);
  if (token.tag == Tag::font) {
    AttributeScanner scanner(token.text, token.name_size);
    Attribute attribute;
    for (unsigned i = 0; i < kMaxAttributes && scanner.next(attribute); ++i) {
      breaks_out = breaks_out || equals_ignoring_case(attribute.name, "color") ||
                   equals_ignoring_case(attribute.name, "face") ||
                   equals_ignoring_case(attribute.name, "size");
    }
  }
  if (!breaks_out) {
    if (stack_.size() >= kMaxDepth && !token.self_closing) return;
    const Index node = make(token, current().name_space);
    insert_at({stack_.back(), kNone}, node);
    if (!token.self_closing) push(node);
    return;
  }
  while (current().name_space != Namespace::html && !is_integration_point(stack_.back()) &&
         !(current().name_space == Namespace::mathml && current().tag != Tag::annotation_xml &&
           is_scope_edge(stack_.back()))) {
    pop();
  }
  process_html(token);
}

void TreeBuilder::foreign_end(const Token& token) {
  if (token.tag == Tag::p || token.tag == Tag::br) {
    while (current().name_space != Namespace::html && !is_integration_point(stack_.back())) pop();
    process_html(token);
    return;
  }
  for (std::size_t i = stack_.size(); --i > 0;) {
    const Record& node = at(stack_[i]);
    if (node.name_space == Namespace::html) break;
    const bool same =
        node.tag == token.tag &&
        (node.tag != Tag::unknown ||
         std::equal(node.name().begin(), node.name().end(), token.name().begin(), token.name().end(),
                    [](char a, char b) { return (a | 0x20) == (b | 0x20); }));
    if (!same) continue;
    while (stack_.size() > i) pop();
    return;
  }
  process_html(token);
}

// Tables are in tree_tables.cpp, but for what a column group holds.

void TreeBuilder::in_column_group(const Token& token) {
  const bool start = token.kind == Token::Kind::start;
  const bool end = token.kind == Token::Kind::end;
  if (!start && !end && is_white_space(token.text)) {
    insert_text(token);
  } else if (start && token.tag == Tag::col) {
    insert_void(token);
  } else if (!end || token.tag != Tag::col) {
    if (current().tag != Tag::colgroup) return;
    pop();
    mode_ = Mode::table;
    if (!end || token.tag != Tag::colgroup) process_html(token);
  }
}

}  // namespace riverd::feeds::content
