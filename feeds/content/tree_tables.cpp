// The insertion modes of tables (tree_builder.h; WHATWG HTML 13.2.6.4.9 to 15).
#include <algorithm>

#include "feeds/content/tree_builder.h"

namespace riverd::feeds::content {
namespace {

bool is_section(Tag tag) {
  return tag == Tag::tbody || tag == Tag::thead || tag == Tag::tfoot;
}
bool is_cell(Tag tag) {
  return tag == Tag::td || tag == Tag::th;
}

bool is_text(const Token& token) {
  return token.kind == Token::Kind::text || token.kind == Token::Kind::raw_text;
}

}  // namespace

void TreeBuilder::in_body_fostered(const Token& token) {
  fostering_ = true;
  in_body(token);
  fostering_ = false;
}

/// Pops to what may hold a child of that mode: a table, a section, a row (or the root).
void TreeBuilder::clear_stack_to(Mode context) {
  for (;;) {
    const Tag tag = current().name_space == Namespace::html ? current().tag : Tag::unknown;
    if (tag == Tag::html) return;
    if (context == Mode::table && tag == Tag::table) return;
    if (context == Mode::table_body && is_section(tag)) return;
    if (context == Mode::row && tag == Tag::tr) return;
    pop();
  }
}

void TreeBuilder::leave_to(Mode mode, const Token& token) {
  mode_ = mode;
  process_html(token);
}

void TreeBuilder::in_table(const Token& token) {
  if (is_text(token)) {
    const Tag tag = current().tag;
    const bool table_like = tag == Tag::table || is_section(tag) || tag == Tag::tr;
    if (table_like && std::all_of(token.text.begin(), token.text.end(), is_html_space)) {
      insert_text(token);
    } else {
      in_body_fostered(token);
    }
    return;
  }
  if (token.kind == Token::Kind::start) {
    if (!start_in_table(token)) in_body_fostered(token);
    return;
  }
  if (token.tag == Tag::table) {
    if (!in_scope(Tag::table, Scope::table)) return;
    pop_until(Tag::table);
    reset_mode();
  } else if (token.tag != Tag::body && token.tag != Tag::html && !has(token.tag, kTablePart)) {
    in_body_fostered(token);
  }
}

bool TreeBuilder::start_in_table(const Token& token) {
  switch (token.tag) {
    case Tag::caption:
      clear_stack_to(Mode::table);
      add_marker();
      insert(token);
      mode_ = Mode::caption;
      return true;
    case Tag::colgroup:
      clear_stack_to(Mode::table);
      insert(token);
      mode_ = Mode::column_group;
      return true;
    case Tag::col:
      clear_stack_to(Mode::table);
      insert(Tag::colgroup);
      leave_to(Mode::column_group, token);
      return true;
    case Tag::tbody:
    case Tag::tfoot:
    case Tag::thead:
      clear_stack_to(Mode::table);
      insert(token);
      mode_ = Mode::table_body;
      return true;
    case Tag::td:
    case Tag::th:
    case Tag::tr:
      clear_stack_to(Mode::table);
      insert(Tag::tbody);
      leave_to(Mode::table_body, token);
      return true;
    case Tag::table:
      if (!in_scope(Tag::table, Scope::table)) return true;
      pop_until(Tag::table);
      reset_mode();
      process_html(token);
      return true;
    case Tag::style:
    case Tag::script:
      insert_raw(token, Tree::Kind::raw_text);
      return true;
    case Tag::form:
      if (form_ != kNone) return true;
      form_ = insert(token);
      pop();
      return true;
    default:
      return false;
  }
}

void TreeBuilder::in_table_body(const Token& token) {
  const bool start = token.kind == Token::Kind::start;
  const bool end = token.kind == Token::Kind::end;
  if (start && token.tag == Tag::tr) {
    clear_stack_to(Mode::table_body);
    insert(token);
    mode_ = Mode::row;
  } else if (start && is_cell(token.tag)) {
    clear_stack_to(Mode::table_body);
    insert(Tag::tr);
    leave_to(Mode::row, token);
  } else if (end && is_section(token.tag)) {
    if (!in_scope(token.tag, Scope::table)) return;
    clear_stack_to(Mode::table_body);
    pop();
    mode_ = Mode::table;
  } else if ((start && has(token.tag, kTablePart)) || (end && token.tag == Tag::table)) {
    if (!in_scope(Tag::tbody, Scope::table) && !in_scope(Tag::thead, Scope::table) &&
        !in_scope(Tag::tfoot, Scope::table)) {
      return;
    }
    clear_stack_to(Mode::table_body);
    pop();
    leave_to(Mode::table, token);
  } else if (!end || !has(token.tag, kTablePart)) {
    in_table(token);
  }
}

void TreeBuilder::in_row(const Token& token) {
  const bool start = token.kind == Token::Kind::start;
  const bool end = token.kind == Token::Kind::end;
  if (start && is_cell(token.tag)) {
    clear_stack_to(Mode::row);
    insert(token);
    mode_ = Mode::cell;
    add_marker();
    return;
  }
  const bool ends_row = end && token.tag == Tag::tr;
  const bool leaves =
      (start && has(token.tag, kTablePart)) || (end && (token.tag == Tag::table || is_section(token.tag)));
  if (ends_row || leaves) {
    if (end && is_section(token.tag) && !in_scope(token.tag, Scope::table)) return;
    if (!in_scope(Tag::tr, Scope::table)) return;
    clear_stack_to(Mode::row);
    pop();
    mode_ = Mode::table_body;
    if (!ends_row) process_html(token);
  } else if (!end || !has(token.tag, kTablePart)) {
    in_table(token);
  }
}

void TreeBuilder::leave_cell() {
  generate_implied_end_tags();
  while (stack_.size() > 1) {
    const bool found = current().name_space == Namespace::html && is_cell(current().tag);
    pop();
    if (found) break;
  }
  clear_to_marker();
  mode_ = Mode::row;
}

void TreeBuilder::in_cell(const Token& token) {
  const bool start = token.kind == Token::Kind::start;
  const bool end = token.kind == Token::Kind::end;
  if (end && is_cell(token.tag)) {
    if (!in_scope(token.tag, Scope::table)) return;
    generate_implied_end_tags();
    pop_until(token.tag);
    clear_to_marker();
    mode_ = Mode::row;
  } else if (start && has(token.tag, kTablePart)) {
    if (!in_scope(Tag::td, Scope::table) && !in_scope(Tag::th, Scope::table)) return;
    leave_cell();
    process_html(token);
  } else if (end && (token.tag == Tag::table || token.tag == Tag::tr || is_section(token.tag))) {
    if (!in_scope(token.tag, Scope::table)) return;
    leave_cell();
    process_html(token);
  } else if (!end || !has(token.tag, kTablePart)) {
    in_body(token);
  }
}

void TreeBuilder::leave_caption() {
  generate_implied_end_tags();
  pop_until(Tag::caption);
  clear_to_marker();
  mode_ = Mode::table;
}

void TreeBuilder::in_caption(const Token& token) {
  const bool start = token.kind == Token::Kind::start;
  const bool end = token.kind == Token::Kind::end;
  const bool ends = end && token.tag == Tag::caption;
  if (ends || (start && has(token.tag, kTablePart)) || (end && token.tag == Tag::table)) {
    if (!in_scope(Tag::caption, Scope::table)) return;
    leave_caption();
    if (!ends) process_html(token);
  } else if (!end || !has(token.tag, kTablePart)) {
    in_body(token);
  }
}

}  // namespace riverd::feeds::content
