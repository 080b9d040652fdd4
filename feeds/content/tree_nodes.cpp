// Nodes and the stack of open elements (tree_builder.h).
#include <algorithm>

#include "feeds/content/tree_builder.h"

namespace riverd::feeds::content {

bool TreeBuilder::is_html(Index index, Tag tag) const {
  return at(index).tag == tag && at(index).name_space == Namespace::html;
}

bool TreeBuilder::is_special(Index index) const {
  const Record& node = at(index);
  if (node.name_space == Namespace::html) return has(node.tag, kSpecial);
  return is_scope_edge(index);
}

bool TreeBuilder::is_scope_edge(Index index) const {
  const Record& node = at(index);
  switch (node.name_space) {
    case Namespace::html:
      return has(node.tag, kScopeEdge);
    case Namespace::svg:
      return node.tag == Tag::foreignobject || node.tag == Tag::desc || node.tag == Tag::title;
    case Namespace::mathml:
      break;
  }
  return node.tag == Tag::mi || node.tag == Tag::mo || node.tag == Tag::mn || node.tag == Tag::ms ||
         node.tag == Tag::mtext || node.tag == Tag::annotation_xml;
}

TreeBuilder::Index TreeBuilder::make(const Token& token, Namespace name_space) {
  Record node;
  node.data = token.text.data();
  node.size = static_cast<std::uint32_t>(token.text.size());
  node.name_size = static_cast<std::uint16_t>(std::min<std::size_t>(token.name_size, 0xFFFF));
  node.tag = token.tag;
  node.name_space = name_space;
  nodes_.push_back(node);
  return static_cast<Index>(nodes_.size() - 1);
}

TreeBuilder::Index TreeBuilder::make(Tag tag) {
  Token token;
  token.tag = tag;
  return make(token);
}

TreeBuilder::Index TreeBuilder::clone(Index index) {
  Record node;
  node.data = at(index).data;
  node.size = at(index).size;
  node.name_size = at(index).name_size;
  node.tag = at(index).tag;
  nodes_.push_back(node);
  return static_cast<Index>(nodes_.size() - 1);
}

void TreeBuilder::detach(Index index) {
  Record& node = at(index);
  if (node.parent == kNone) return;
  (node.previous == kNone ? at(node.parent).first : at(node.previous).next) = node.next;
  (node.next == kNone ? at(node.parent).last : at(node.next).previous) = node.previous;
  node.parent = node.previous = node.next = kNone;
}

void TreeBuilder::insert_at(Place place, Index index) {
  Record& node = at(index);
  Record& parent = at(place.parent);
  node.parent = place.parent;
  node.next = place.before;
  node.previous = place.before == kNone ? parent.last : at(place.before).previous;
  (node.previous == kNone ? parent.first : at(node.previous).next) = index;
  (node.next == kNone ? parent.last : at(node.next).previous) = index;
}

void TreeBuilder::move_children(Index from, Index to) {
  for (Index child = at(from).first; child != kNone; child = at(child).next) {
    at(child).parent = to;
    if (moves_left_ > 0) --moves_left_;
  }
  at(to).first = at(from).first;
  at(to).last = at(from).last;
  at(from).first = at(from).last = kNone;
}

/// The appropriate place for inserting a node: foster parenting puts before the table what may not be in it.
TreeBuilder::Place TreeBuilder::place_for(Index target) const {
  const Tag tag = at(target).tag;
  const bool table_like =
      tag == Tag::table || tag == Tag::tbody || tag == Tag::tfoot || tag == Tag::thead || tag == Tag::tr;
  if (!fostering_ || !table_like || at(target).name_space != Namespace::html) return {target, kNone};
  for (std::size_t i = stack_.size(); i-- > 1;) {
    if (!is_html(stack_[i], Tag::table)) continue;
    const Index parent = at(stack_[i]).parent;
    return parent != kNone ? Place{parent, stack_[i]} : Place{stack_[i - 1], kNone};
  }
  return {stack_.front(), kNone};
}

void TreeBuilder::push(Index index) {
  stack_.push_back(index);
  at(index).open = true;
}

void TreeBuilder::pop() {
  if (stack_.size() == 1) return;  // the root stays
  at(stack_.back()).open = false;
  stack_.pop_back();
}

void TreeBuilder::remove_from_stack(Index index) {
  at(index).open = false;
  std::erase(stack_, index);
}

TreeBuilder::Index TreeBuilder::insert(const Token& token) {
  const Place place = place_for(stack_.back());
  const Index node = make(token);
  insert_at(place, node);
  push(node);
  return node;
}

TreeBuilder::Index TreeBuilder::insert(Tag tag) {
  Token token;
  token.tag = tag;
  return insert(token);
}

void TreeBuilder::insert_void(const Token& token) {
  const Place place = place_for(stack_.back());
  insert_at(place, make(token));
}

void TreeBuilder::insert_text(const Token& token) {
  if (token.text.empty()) return;
  const Place place = place_for(stack_.back());
  const Index node = make(token);
  at(node).kind = token.kind == Token::Kind::raw_text ? Tree::Kind::raw_text : Tree::Kind::text;
  insert_at(place, node);
}

/// An element whose content is text, with that text, closed at once.
void TreeBuilder::insert_raw(const Token& token, Tree::Kind kind) {
  if (token.tag == Tag::textarea) tokens_.skip_line_feed();
  Token text;
  text.text = tokens_.raw_text(token.tag);
  const Place place = place_for(stack_.back());
  const Index element = make(token);
  insert_at(place, element);
  if (text.text.empty()) return;
  const Index child = make(text);
  at(child).kind = kind;
  insert_at({element, kNone}, child);
}

bool TreeBuilder::in_scope(Tag tag, Scope scope) const {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    const Index index = stack_[i];
    if (is_html(index, tag)) return true;
    if (scope == Scope::table) {
      if (is_html(index, Tag::table) || is_html(index, Tag::html)) return false;
      continue;
    }
    if (is_scope_edge(index)) return false;
    if (scope == Scope::button && is_html(index, Tag::button)) return false;
    if (scope == Scope::list_item && (is_html(index, Tag::ol) || is_html(index, Tag::ul))) return false;
  }
  return false;
}

bool TreeBuilder::heading_in_scope() const {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    const Record& node = at(stack_[i]);
    if (node.name_space == Namespace::html && has(node.tag, kHeading)) return true;
    if (is_scope_edge(stack_[i])) return false;
  }
  return false;
}

void TreeBuilder::generate_implied_end_tags(Tag except) {
  while (current().name_space == Namespace::html && has(current().tag, kImpliedEnd) &&
         current().tag != except)
    pop();
}

void TreeBuilder::pop_until(Tag tag) {
  while (stack_.size() > 1) {
    const bool found = is_html(stack_.back(), tag);
    pop();
    if (found) return;
  }
}

void TreeBuilder::close(Tag tag) {
  generate_implied_end_tags(tag);
  pop_until(tag);
}

void TreeBuilder::close_paragraph() {
  if (in_scope(Tag::p, Scope::button)) close(Tag::p);
}

void TreeBuilder::reset_mode() {
  for (std::size_t i = stack_.size(); i-- > 1;) {
    if (at(stack_[i]).name_space != Namespace::html) continue;
    switch (at(stack_[i]).tag) {
      case Tag::td:
      case Tag::th:
        mode_ = Mode::cell;
        return;
      case Tag::tr:
        mode_ = Mode::row;
        return;
      case Tag::tbody:
      case Tag::thead:
      case Tag::tfoot:
        mode_ = Mode::table_body;
        return;
      case Tag::caption:
        mode_ = Mode::caption;
        return;
      case Tag::colgroup:
        mode_ = Mode::column_group;
        return;
      case Tag::table:
        mode_ = Mode::table;
        return;
      default:
        break;
    }
  }
  mode_ = Mode::body;
}

}  // namespace riverd::feeds::content
