#pragma once
/// Tokens to a tree: the tree construction stage of WHATWG HTML 13.2.6 for a fragment in <body>.
///
/// Left out, as no reader of ours sees the difference: comments, frames, the content of templates, the "in
/// select" modes (a select is an element like others), CDATA outside SVG and MathML. Bounded beyond the
/// standard: depth, the list of active formatting elements, the nodes in all, and the children that the
/// adoption agency may move.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "feeds/content/tag.h"
#include "feeds/content/tokenizer.h"
#include "feeds/content/tree.h"

namespace riverd::feeds::content {

class TreeBuilder {
 public:
  TreeBuilder(Tree& tree, std::string_view html);
  void build();

 private:
  using Index = std::uint32_t;
  using Record = Tree::Record;
  static constexpr Index kNone = Tree::kNone;

  enum class Mode : std::uint8_t { body, table, caption, column_group, table_body, row, cell };
  enum class Scope : std::uint8_t { any, list_item, button, table };

  struct Place {
    Index parent;
    Index before;  // kNone: at the end
  };

  // nodes (tree_nodes.cpp)
  Record& at(Index index) { return nodes_[index]; }
  [[nodiscard]] const Record& at(Index index) const { return nodes_[index]; }
  [[nodiscard]] const Record& current() const { return nodes_[stack_.back()]; }
  [[nodiscard]] bool is_html(Index index, Tag tag) const;
  [[nodiscard]] bool is_special(Index index) const;
  [[nodiscard]] bool is_scope_edge(Index index) const;
  Index make(const Token& token, Namespace name_space = Namespace::html);
  Index make(Tag tag);
  Index clone(Index index);
  void detach(Index index);
  void insert_at(Place place, Index index);
  void move_children(Index from, Index to);
  [[nodiscard]] Place place_for(Index target) const;
  void push(Index index);
  void pop();
  void remove_from_stack(Index index);
  Index insert(const Token& token);
  Index insert(Tag tag);
  void insert_void(const Token& token);
  void insert_text(const Token& token);
  void insert_raw(const Token& token, Tree::Kind kind);

  // the stack of open elements (tree_nodes.cpp)
  [[nodiscard]] bool in_scope(Tag tag, Scope scope = Scope::any) const;
  [[nodiscard]] bool heading_in_scope() const;
  void generate_implied_end_tags(Tag except = Tag::unknown);
  void pop_until(Tag tag);
  void close(Tag tag);  // implied end tags, then pop_until
  void close_paragraph();
  void reset_mode();

  // active formatting elements (tree_formatting.cpp)
  void add_formatting(Index index);
  void add_marker();
  void clear_to_marker();
  void reconstruct_formatting();
  [[nodiscard]] std::size_t find_formatting(Tag tag) const;
  [[nodiscard]] std::size_t position_in_formatting(Index index) const;
  void adopt(const Token& token);
  bool adopt_once(const Token& token);
  Index rebuild_chain(std::size_t formatting_at, std::size_t furthest_at, std::size_t& bookmark);
  void forget_formatting(Index index);

  // tokens by insertion mode (tree_builder.cpp, tree_body.cpp, tree_tables.cpp)
  void process(const Token& token);
  void process_html(const Token& token);
  [[nodiscard]] bool is_foreign(const Token& token) const;
  void foreign(const Token& token);
  void foreign_start(const Token& token);
  void foreign_end(const Token& token);
  [[nodiscard]] bool is_integration_point(Index index) const;
  void skip_template();
  void finish_as_words();

  void in_body(const Token& token);
  void start_in_body(const Token& token);
  bool start_block(const Token& token);
  bool start_item(const Token& token);
  bool start_inline(const Token& token);
  bool start_raw(const Token& token);
  void start_list_item(const Token& token);
  void end_in_body(const Token& token);
  bool end_block(const Token& token);
  void end_any_other(const Token& token);

  void in_table(const Token& token);
  bool start_in_table(const Token& token);
  void in_caption(const Token& token);
  void in_column_group(const Token& token);
  void in_table_body(const Token& token);
  void in_row(const Token& token);
  void in_cell(const Token& token);
  void in_body_fostered(const Token& token);
  void clear_stack_to(Mode context);
  void leave_caption();
  void leave_cell();
  void leave_to(Mode mode, const Token& token);

  std::vector<Record>& nodes_;
  std::string& rest_;
  Tokenizer tokens_;
  std::vector<Index> stack_;
  std::vector<Index> formatting_;  // kNone is a marker
  Mode mode_ = Mode::body;
  bool fostering_ = false;
  Index form_ = kNone;
  std::size_t moves_left_;
};

}  // namespace riverd::feeds::content
