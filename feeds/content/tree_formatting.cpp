// Active formatting elements and the adoption agency (tree_builder.h; WHATWG HTML 13.2.4.3, 13.2.6.4.7).
#include <algorithm>

#include "feeds/content/tree_builder.h"

namespace riverd::feeds::content {
namespace {

constexpr std::size_t kMaxFormatting = 64;
constexpr auto kNowhere = static_cast<std::size_t>(-1);

}  // namespace

void TreeBuilder::add_formatting(Index index) {
  const Record& added = at(index);
  unsigned same = 0;
  for (std::size_t i = formatting_.size(); i-- > 0 && formatting_[i] != kNone;) {
    const Record& entry = at(formatting_[i]);
    // Attributes are compared as written: enough, as only how often an element is opened again depends on it.
    if (entry.tag != added.tag ||
        entry.view().substr(entry.name_size) != added.view().substr(added.name_size))
      continue;
    if (++same < 3) continue;
    formatting_.erase(formatting_.begin() + static_cast<std::ptrdiff_t>(i));
    break;
  }
  if (formatting_.size() < kMaxFormatting) formatting_.push_back(index);
}

void TreeBuilder::add_marker() {
  formatting_.push_back(kNone);
}

void TreeBuilder::clear_to_marker() {
  while (!formatting_.empty()) {
    const bool marker = formatting_.back() == kNone;
    formatting_.pop_back();
    if (marker) return;
  }
}

void TreeBuilder::reconstruct_formatting() {
  std::size_t first = formatting_.size();
  while (first > 0 && formatting_[first - 1] != kNone && !at(formatting_[first - 1]).open) --first;
  for (; first < formatting_.size(); ++first) {
    const Place place = place_for(stack_.back());
    const Index copy = clone(formatting_[first]);
    insert_at(place, copy);
    push(copy);
    formatting_[first] = copy;
  }
}

std::size_t TreeBuilder::find_formatting(Tag tag) const {
  for (std::size_t i = formatting_.size(); i-- > 0 && formatting_[i] != kNone;) {
    if (at(formatting_[i]).tag == tag) return i;
  }
  return kNowhere;
}

std::size_t TreeBuilder::position_in_formatting(Index index) const {
  const auto found = std::find(formatting_.begin(), formatting_.end(), index);
  return found == formatting_.end() ? kNowhere : static_cast<std::size_t>(found - formatting_.begin());
}

void TreeBuilder::forget_formatting(Index index) {
  std::erase(formatting_, index);
}

void TreeBuilder::adopt(const Token& token) {
  if (is_html(stack_.back(), token.tag) && position_in_formatting(stack_.back()) == kNowhere) {
    pop();
    return;
  }
  for (int outer = 0; outer < 8; ++outer) {
    if (!adopt_once(token)) return;
  }
}

/// One turn of the outer loop; false when the algorithm is done.
bool TreeBuilder::adopt_once(const Token& token) {
  const std::size_t entry = find_formatting(token.tag);
  if (entry == kNowhere) {
    end_any_other(token);
    return false;
  }
  const Index formatting = formatting_[entry];
  if (!at(formatting).open) {
    forget_formatting(formatting);
    return false;
  }
  std::size_t furthest_at = kNowhere;
  std::size_t formatting_at = stack_.size();
  while (stack_[--formatting_at] != formatting) {
    if (is_scope_edge(stack_[formatting_at])) return false;
    if (is_special(stack_[formatting_at])) furthest_at = formatting_at;
  }
  if (furthest_at == kNowhere || moves_left_ == 0) {
    while (stack_.back() != formatting) pop();
    pop();
    forget_formatting(formatting);
    return false;
  }
  const Index furthest = stack_[furthest_at];
  const Index common = stack_[formatting_at - 1];
  std::size_t bookmark = entry;
  const Index last = rebuild_chain(formatting_at, furthest_at, bookmark);
  detach(last);
  insert_at(place_for(common), last);
  const Index copy = clone(formatting);
  move_children(furthest, copy);
  insert_at({furthest, kNone}, copy);
  const std::size_t old = position_in_formatting(formatting);
  formatting_.insert(formatting_.begin() + static_cast<std::ptrdiff_t>(bookmark), copy);
  formatting_.erase(formatting_.begin() + static_cast<std::ptrdiff_t>(old < bookmark ? old : old + 1));
  remove_from_stack(formatting);
  const auto below = std::find(stack_.begin(), stack_.end(), furthest);
  stack_.insert(below + 1, copy);
  at(copy).open = true;
  return true;
}

/// The inner loop: copies the formatting elements between the two, each around the last. Returns the
/// outermost node.
TreeBuilder::Index TreeBuilder::rebuild_chain(std::size_t formatting_at, std::size_t furthest_at,
                                              std::size_t& bookmark) {
  const Index furthest = stack_[furthest_at];
  Index last = furthest;
  unsigned inner = 0;
  for (std::size_t i = furthest_at; --i > formatting_at;) {
    const Index node = stack_[i];
    std::size_t entry = position_in_formatting(node);
    if (++inner > 3 && entry != kNowhere) {
      formatting_.erase(formatting_.begin() + static_cast<std::ptrdiff_t>(entry));
      if (entry < bookmark) --bookmark;
      entry = kNowhere;
    }
    if (entry == kNowhere) {
      at(node).open = false;
      stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(i));
      continue;
    }
    const Index copy = clone(node);
    formatting_[entry] = copy;
    at(node).open = false;
    stack_[i] = copy;
    at(copy).open = true;
    if (last == furthest) bookmark = entry + 1;
    detach(last);
    insert_at({copy, kNone}, last);
    last = copy;
  }
  return last;
}

}  // namespace riverd::feeds::content
