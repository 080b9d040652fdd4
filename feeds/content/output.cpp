#include "feeds/content/output.h"

#include <algorithm>

#include "feeds/content/byte_vector.h"
#include "feeds/content/tokenizer.h"

namespace riverd::feeds::content {
namespace {

/// Less than what the tree allows, so that no element of the result is beyond it.
constexpr std::size_t kMaxDepth = 160;

bool is_section(Tag tag) {
  return tag == Tag::tbody || tag == Tag::thead || tag == Tag::tfoot;
}

/// What holds nothing but parts of a table.
bool is_table_like(Tag tag) {
  return tag == Tag::table || is_section(tag) || tag == Tag::tr || tag == Tag::colgroup;
}

bool belongs_in(Tag part, Tag parent) {
  switch (part) {
    case Tag::caption:
    case Tag::colgroup:
    case Tag::tbody:
    case Tag::thead:
    case Tag::tfoot:
      return parent == Tag::table;
    case Tag::tr:
      return is_section(parent);
    case Tag::td:
    case Tag::th:
      return parent == Tag::tr;
    case Tag::col:
      return parent == Tag::colgroup;
    default:
      return false;
  }
}

/// Elements that say nothing when they hold nothing.
bool is_idle_when_empty(Tag tag) {
  if (has(tag, kFormatting)) return true;
  switch (tag) {
    case Tag::abbr:
    case Tag::bdi:
    case Tag::bdo:
    case Tag::cite:
    case Tag::del:
    case Tag::dfn:
    case Tag::ins:
    case Tag::kbd:
    case Tag::mark:
    case Tag::picture:
    case Tag::q:
    case Tag::samp:
    case Tag::span:
    case Tag::sub:
    case Tag::sup:
    case Tag::time:
    case Tag::var:
      return true;
    default:
      return false;
  }
}

/// What stands for such a byte: a control character is dropped.
std::string_view escape(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\f':
      return " ";
    default:
      return {};
  }
}

/// Where the first byte is that cannot stay as it is in text; in an attribute, quotes neither.
std::size_t find_stop(std::string_view text, std::size_t from, bool quotes) {
  const auto stops = [](auto c) {
    return ((c < 0x20) & (c != '\t') & (c != '\n')) | (c == '&') | (c == '<') | (c == '>') | (c == 0x7F);
  };
  if (!quotes) return find_where(text, from, stops);
  return find_where(text, from, [stops](auto c) { return stops(c) | (c == '"'); });
}

void append_escaped_html(std::string& out, std::string_view text, bool quotes) {
  std::size_t done = 0;
  for (std::size_t i = find_stop(text, 0, quotes); i < text.size(); i = find_stop(text, i + 1, quotes)) {
    out.append(text, done, i - done).append(escape(text[i]));
    done = i + 1;
  }
  out.append(text, done);
}

}  // namespace

void append_html_text(std::string& out, std::string_view text) {
  append_escaped_html(out, text, false);
}

void append_html_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "=\"";
  append_escaped_html(out, value, true);
  out += '"';
}

Output::Handle Output::open(Tag tag, std::string_view attributes) {
  const Tag wanted = tag;
  if (stack_.size() >= kMaxDepth || !make_room(tag)) return 0;
  const std::size_t start = html_.size();
  write_tag(tag, tag == wanted ? attributes : std::string_view());
  stack_.push_back({tag, ++last_handle_, start, html_.size()});
  ++open_count_[static_cast<std::size_t>(tag)];
  after_pre_ = tag == Tag::pre;
  return last_handle_;
}

void Output::add_void(Tag tag, std::string_view attributes) {
  if (make_room(tag)) write_tag(tag, attributes);
}

void Output::write_tag(Tag tag, std::string_view attributes) {
  after_pre_ = false;
  html_ += '<';
  html_ += tag_name(tag);
  html_ += attributes;
  html_ += '>';
}

void Output::close(Handle handle) {
  if (handle == 0) return;
  const auto found =
      std::find_if(stack_.rbegin(), stack_.rend(), [&](const Open& open) { return open.handle <= handle; });
  if (found == stack_.rend() || found->handle != handle) return;
  close_down_to(static_cast<std::size_t>(stack_.rend() - found) - 1);
}

void Output::close_down_to(std::size_t size) {
  while (stack_.size() > size) close_top();
}

void Output::close_top() {
  const Open top = stack_.back();
  stack_.pop_back();
  --open_count_[static_cast<std::size_t>(top.tag)];
  after_pre_ = false;
  if (html_.size() == top.content && is_idle_when_empty(top.tag)) {
    html_.resize(top.start);
    after_pre_ = !stack_.empty() && stack_.back().tag == Tag::pre && stack_.back().content == html_.size();
    return;
  }
  html_ += "</";
  html_ += tag_name(top.tag);
  html_ += '>';
}

void Output::text(std::string_view text) {
  if (text.empty()) return;
  if (is_table_like(current())) {
    if (std::all_of(text.begin(), text.end(), is_html_space)) return;
    leave_table();
  }
  const std::size_t before = html_.size();
  append_html_text(html_, text);
  if (html_.size() == before) return;
  if (after_pre_ && html_[before] == '\n') html_.insert(before, 1, '\n');
  after_pre_ = false;
}

void Output::space() {
  if (!html_.empty() && !is_html_space(html_.back())) text(" ");
}

/// Makes the current node one that a parser would put the element into; false where nothing can.
bool Output::make_room(Tag& tag) {
  if ((is_table_like(current()) || has(tag, kTablePart)) && !make_room_in_table(tag)) return false;
  if (has(tag, kFormatting) && is_open(tag)) return false;
  switch (tag) {
    case Tag::li:
    case Tag::dd:
    case Tag::dt:
      make_room_for_item(tag);
      break;
    case Tag::rb:
    case Tag::rt:
    case Tag::rtc:
    case Tag::rp:
      if (!is_open(Tag::ruby)) return false;
      while (has(current(), kImpliedEnd)) close_top();
      break;
    default:
      break;
  }
  if (has(tag, kClosesParagraph)) close_paragraph();
  if (has(tag, kHeading) && has(current(), kHeading)) close_top();
  return true;
}

bool Output::make_room_in_table(Tag& tag) {
  if (belongs_in(tag, current())) return true;
  if (tag == Tag::col || tag == Tag::colgroup) return false;
  if (is_table_like(current())) leave_table();
  if (has(tag, kTablePart)) tag = Tag::div;  // out of place: a block like others
  return true;
}

/// A parser ends an open item (of this list) before the next.
void Output::make_room_for_item(Tag tag) {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    const Tag open = stack_[i].tag;
    if (tag == Tag::li ? open == Tag::li : open == Tag::dd || open == Tag::dt) {
      close_down_to(i);
      return;
    }
    if (has(open, kSpecial) && open != Tag::address && open != Tag::div && open != Tag::p) return;
  }
}

void Output::close_paragraph() {
  if (!is_open(Tag::p)) return;
  for (std::size_t i = stack_.size(); i-- > 0;) {
    if (has(stack_[i].tag, kScopeEdge)) return;
    if (stack_[i].tag != Tag::p) continue;
    close_down_to(i);
    return;
  }
}

void Output::leave_table() {
  while (is_table_like(current())) {
    const bool table = current() == Tag::table;
    close_top();
    if (table) return;
  }
}

std::string Output::finish() {
  close_down_to(0);
  return std::move(html_);
}

}  // namespace riverd::feeds::content
