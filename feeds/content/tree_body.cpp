// The "in body" insertion mode (tree_builder.h; WHATWG HTML 13.2.6.4.7).
#include <algorithm>

#include "feeds/content/tree_builder.h"

namespace riverd::feeds::content {

void TreeBuilder::in_body(const Token& token) {
  switch (token.kind) {
    case Token::Kind::start:
      start_in_body(token);
      return;
    case Token::Kind::end:
      end_in_body(token);
      return;
    case Token::Kind::end_of_file:
      return;
    case Token::Kind::text:
    case Token::Kind::raw_text:
      break;
  }
  reconstruct_formatting();
  insert_text(token);
}

void TreeBuilder::start_in_body(const Token& token) {
  if (start_block(token) || start_item(token) || start_raw(token) || start_inline(token)) return;
  reconstruct_formatting();
  insert(token);
}

/// Elements that end an open paragraph.
bool TreeBuilder::start_block(const Token& token) {
  switch (token.tag) {
    case Tag::form:
      if (form_ != kNone) return true;
      close_paragraph();
      form_ = insert(token);
      return true;
    case Tag::hr:
      close_paragraph();
      insert_void(token);
      return true;
    case Tag::table:
      close_paragraph();
      insert(token);
      mode_ = Mode::table;
      return true;
    case Tag::li:
    case Tag::dd:
    case Tag::dt:
      start_list_item(token);
      return true;
    case Tag::plaintext:
    case Tag::xmp:
      return false;
    default:
      break;
  }
  if (!has(token.tag, kClosesParagraph)) return false;
  close_paragraph();
  if (has(token.tag, kHeading) && current().name_space == Namespace::html && has(current().tag, kHeading))
    pop();
  insert(token);
  if (token.tag == Tag::pre || token.tag == Tag::listing) tokens_.skip_line_feed();
  return true;
}

void TreeBuilder::start_list_item(const Token& token) {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    const Index index = stack_[i];
    const Tag tag = at(index).name_space == Namespace::html ? at(index).tag : Tag::unknown;
    const bool same = token.tag == Tag::li ? tag == Tag::li : tag == Tag::dd || tag == Tag::dt;
    if (same) {
      close(tag);
      break;
    }
    if (is_special(index) && tag != Tag::address && tag != Tag::div && tag != Tag::p) break;
  }
  close_paragraph();
  insert(token);
}

/// Elements that end others of their kind, or that have no place here.
bool TreeBuilder::start_item(const Token& token) {
  switch (token.tag) {
    case Tag::html:
      if (at(0).size == 0) {
        at(0).data = token.text.data();
        at(0).size = static_cast<std::uint32_t>(token.text.size());
        at(0).name_size = static_cast<std::uint16_t>(token.name_size);
      }
      return true;
    case Tag::head:
    case Tag::body:
    case Tag::frame:
    case Tag::frameset:
    case Tag::caption:
    case Tag::col:
    case Tag::colgroup:
    case Tag::tbody:
    case Tag::td:
    case Tag::tfoot:
    case Tag::th:
    case Tag::thead:
    case Tag::tr:
      return true;
    case Tag::button:
      if (in_scope(Tag::button)) close(Tag::button);
      return false;
    case Tag::option:
    case Tag::optgroup:
      if (current().tag == Tag::option) pop();
      return false;
    case Tag::select:
      if (!in_scope(Tag::select)) return false;
      pop_until(Tag::select);
      return true;
    case Tag::rb:
    case Tag::rtc:
    case Tag::rt:
    case Tag::rp:
      if (in_scope(Tag::ruby)) {
        generate_implied_end_tags(token.tag == Tag::rt || token.tag == Tag::rp ? Tag::rtc : Tag::unknown);
      }
      insert(token);
      return true;
    default:
      return false;
  }
}

bool TreeBuilder::start_raw(const Token& token) {
  if (!has(token.tag, kRawText)) return false;
  if (token.tag == Tag::xmp || token.tag == Tag::plaintext) close_paragraph();
  if (token.tag == Tag::xmp) reconstruct_formatting();
  const bool decoded = token.tag == Tag::title || token.tag == Tag::textarea;
  insert_raw(token, decoded ? Tree::Kind::text : Tree::Kind::raw_text);
  return true;
}

bool TreeBuilder::start_inline(const Token& token) {
  switch (token.tag) {
    case Tag::a:
      if (const std::size_t entry = find_formatting(Tag::a); entry != static_cast<std::size_t>(-1)) {
        const Index old = formatting_[entry];
        adopt(token);
        forget_formatting(old);
        if (at(old).open) remove_from_stack(old);
      }
      break;
    case Tag::nobr:
      reconstruct_formatting();
      if (in_scope(Tag::nobr)) adopt(token);
      break;
    case Tag::applet:
    case Tag::marquee:
    case Tag::object:
      reconstruct_formatting();
      insert(token);
      add_marker();
      return true;
    case Tag::svg:
    case Tag::math: {
      reconstruct_formatting();
      const Place place = place_for(stack_.back());
      const Index node = make(token, token.tag == Tag::svg ? Namespace::svg : Namespace::mathml);
      insert_at(place, node);
      if (!token.self_closing) push(node);
      return true;
    }
    case Tag::image: {
      Token img = token;
      img.tag = Tag::img;
      reconstruct_formatting();
      insert_void(img);
      return true;
    }
    default:
      break;
  }
  if (has(token.tag, kVoid)) {
    const bool renders = token.tag == Tag::area || token.tag == Tag::br || token.tag == Tag::embed ||
                         token.tag == Tag::img || token.tag == Tag::keygen || token.tag == Tag::wbr ||
                         token.tag == Tag::input;
    if (renders) reconstruct_formatting();
    insert_void(token);
    return true;
  }
  if (!has(token.tag, kFormatting)) return false;
  reconstruct_formatting();
  add_formatting(insert(token));
  return true;
}

void TreeBuilder::end_in_body(const Token& token) {
  if (end_block(token)) return;
  if (has(token.tag, kFormatting)) {
    adopt(token);
    return;
  }
  switch (token.tag) {
    case Tag::body:
    case Tag::html:
    case Tag::template_:
      return;
    case Tag::br: {
      Token br;
      br.tag = Tag::br;
      reconstruct_formatting();
      insert_void(br);
      return;
    }
    case Tag::applet:
    case Tag::marquee:
    case Tag::object:
      if (!in_scope(token.tag)) return;
      close(token.tag);
      clear_to_marker();
      return;
    default:
      end_any_other(token);
  }
}

bool TreeBuilder::end_block(const Token& token) {
  const Tag tag = token.tag;
  if (tag == Tag::p) {
    if (!in_scope(Tag::p, Scope::button)) insert(Tag::p);
    close(Tag::p);
    return true;
  }
  if (tag == Tag::li || tag == Tag::dd || tag == Tag::dt) {
    if (in_scope(tag, tag == Tag::li ? Scope::list_item : Scope::any)) close(tag);
    return true;
  }
  if (has(tag, kHeading)) {
    if (!heading_in_scope()) return true;
    generate_implied_end_tags();
    while (!has(current().tag, kHeading) || current().name_space != Namespace::html) pop();
    pop();
    return true;
  }
  if (tag == Tag::form) {
    const Index form = form_;
    form_ = kNone;
    if (form == kNone || !at(form).open || !in_scope(Tag::form)) return true;
    generate_implied_end_tags();
    remove_from_stack(form);
    return true;
  }
  const bool block = (has(tag, kClosesParagraph) && tag != Tag::table && tag != Tag::hr &&
                      tag != Tag::plaintext && tag != Tag::xmp) ||
                     tag == Tag::button || tag == Tag::select;
  if (!block) return false;
  if (in_scope(tag)) close(tag);
  return true;
}

void TreeBuilder::end_any_other(const Token& token) {
  for (std::size_t i = stack_.size(); --i > 0;) {
    const Record& node = at(stack_[i]);
    const bool same =
        node.name_space == Namespace::html && node.tag == token.tag &&
        (node.tag != Tag::unknown ||
         std::equal(node.name().begin(), node.name().end(), token.name().begin(), token.name().end(),
                    [](char a, char b) { return (a | 0x20) == (b | 0x20); }));
    if (same) {
      const Index found = stack_[i];
      generate_implied_end_tags(token.tag);
      while (at(found).open) pop();
      return;
    }
    if (is_special(stack_[i])) return;
  }
}

}  // namespace riverd::feeds::content
