#include "feeds/content/markdown_blocks.h"

#include <algorithm>

namespace riverd::feeds::content {
namespace {

constexpr std::size_t kMaxContainers =
    8;  // prefixes are written on every line: this bounds what a line costs
constexpr long kLargestNumber = 999'999'999;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool ends_word(std::string_view line, std::size_t at) {
  return at >= line.size() || line[at] == ' ';
}

/// Where a backslash keeps a line of text from being read as another block; npos where it is none anyway.
std::size_t escape_at(std::string_view line) {
  constexpr auto kNone = std::string_view::npos;
  if (line.empty()) return kNone;
  const char next = line.size() > 1 ? line[1] : ' ';
  switch (line[0]) {
    case '|':
    case '=':
      return 0;
    case '#':
      return next == '#' || next == ' ' ? 0 : kNone;
    case '+':
      return next == ' ' ? 0 : kNone;
    case '-':
    case ':':
      return next == ' ' || next == '-' || next == ':' || next == '|' ? 0 : kNone;
    default:
      break;
  }
  std::size_t digits = 0;
  while (digits < line.size() && is_digit(line[digits])) ++digits;
  if (digits == 0 || digits > 9 || digits == line.size()) return kNone;
  return (line[digits] == '.' || line[digits] == ')') && ends_word(line, digits + 1) ? digits : kNone;
}

}  // namespace

void MarkdownBlocks::open_quote() {
  Container container;
  container.quote = true;
  container.visible = visible_ < kMaxContainers;
  container.marker = "> ";
  if (container.visible) ++visible_;
  containers_.push_back(std::move(container));
}

void MarkdownBlocks::open_list(bool ordered, long start, bool tight) {
  List list;
  list.ordered = ordered;
  list.number = start >= 0 && start < kLargestNumber ? start : 1;
  list.delimiter = ordered ? '.' : '-';
  // A list right behind another of its kind takes the other delimiter: else they were one.
  if (list_end_ == out_.size() && !out_.empty() && list_ordered_ == ordered &&
      list_delimiter_ == list.delimiter) {
    list.delimiter = ordered ? ')' : '+';
  }
  const bool in_item = !containers_.empty() && !containers_.back().quote && !containers_.back().fresh;
  list.joins =
      in_item && after_text_ && !lists_.empty() && lists_.back().tight && (!ordered || list.number == 1);
  list.tight = tight;
  lists_.push_back(list);
}

void MarkdownBlocks::close_list() {
  if (lists_.empty()) return;
  list_end_ = out_.size();
  list_ordered_ = lists_.back().ordered;
  list_delimiter_ = lists_.back().delimiter;
  lists_.pop_back();
}

void MarkdownBlocks::open_item() {
  List bullets;
  List& list = lists_.empty() ? bullets : lists_.back();
  Container container;
  container.visible = visible_ < kMaxContainers;
  if (container.visible) ++visible_;
  container.tight = list.first ? list.joins : list.tight;
  if (list.ordered) container.marker = std::to_string(std::min(list.number, kLargestNumber));
  container.marker += list.delimiter;
  container.marker += ' ';
  containers_.push_back(std::move(container));
}

void MarkdownBlocks::close_container() {
  if (containers_.empty()) return;
  const Container& last = containers_.back();
  if (last.visible) --visible_;
  if (!last.quote && !last.fresh && !lists_.empty()) {  // an item without content was not written
    lists_.back().first = false;
    ++lists_.back().number;
  }
  after_text_ = false;
  containers_.pop_back();
}

/// The prefix of a line inside the first `count` containers, their markers where they are fresh.
void MarkdownBlocks::append_prefix(std::size_t count, bool blank) {
  const std::size_t start = out_.size();
  for (std::size_t i = 0; i < count; ++i) {
    Container& container = containers_[i];
    if (!container.visible) continue;
    if (container.quote || (container.fresh && !blank)) {
      out_ += container.marker;
    } else {
      out_.append(container.marker.size(), ' ');
    }
  }
  if (!blank) return;
  while (out_.size() > start && out_.back() == ' ') out_.pop_back();
}

/// Parts a block from the one before it.
void MarkdownBlocks::begin_block() {
  const auto fresh =
      std::find_if(containers_.begin(), containers_.end(), [](const Container& c) { return c.fresh; });
  if (out_.empty() || (fresh != containers_.end() && fresh->tight)) return;
  append_prefix(static_cast<std::size_t>(fresh - containers_.begin()), true);
  out_ += '\n';
}

void MarkdownBlocks::line(std::string_view text) {
  append_prefix(containers_.size(), text.empty() && std::none_of(containers_.begin(), containers_.end(),
                                                                 [](const Container& c) { return c.fresh; }));
  for (Container& container : containers_) container.fresh = false;
  out_ += text;
  out_ += '\n';
}

void MarkdownBlocks::paragraph(std::string_view lines) {
  begin_block();
  for (;;) {
    const std::size_t end = lines.find('\n');
    append_escaped_line(lines.substr(0, end));
    if (end == std::string_view::npos) break;
    lines.remove_prefix(end + 1);
  }
  after_text_ = true;
}

void MarkdownBlocks::append_escaped_line(std::string_view text) {
  const std::size_t at = escape_at(text);
  if (at == std::string_view::npos) {
    line(text);
    return;
  }
  std::string escaped(text);
  line(escaped.insert(at, 1, '\\'));
}

void MarkdownBlocks::heading(unsigned level, std::string text) {
  if (text.ends_with('#')) text.insert(text.size() - 1, 1, '\\');
  begin_block();
  line(std::string(level, '#') + " " + text);
  after_text_ = false;
}

void MarkdownBlocks::rule() {
  begin_block();
  line("***");
  after_text_ = false;
}

void MarkdownBlocks::code(std::string_view text, std::string_view language) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  begin_block();
  line(fence + std::string(language));
  if (text.ends_with('\n')) text.remove_suffix(1);
  for (;;) {
    const std::size_t end = text.find('\n');
    line(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  line(fence);
  after_text_ = false;
}

void MarkdownBlocks::table(const std::vector<std::vector<std::string>>& rows, std::string_view aligns) {
  begin_block();
  const auto row = [&](const std::vector<std::string>& cells, std::size_t columns) {
    std::string text = "|";
    for (std::size_t i = 0; i < std::max(cells.size(), columns); ++i) {
      text += ' ';
      for (const char c : i < cells.size() ? std::string_view(cells[i]) : std::string_view()) {
        if (c == '|') text += '\\';
        text += c;
      }
      text += " |";
    }
    line(text);
  };
  row(rows.front(), aligns.size());
  std::string rule = "|";
  for (const char align : aligns) {
    rule += align == 'c' ? " :-: |" : align == 'l' ? " :-- |" : align == 'r' ? " --: |" : " --- |";
  }
  line(rule);
  for (std::size_t i = 1; i < rows.size(); ++i) row(rows[i], 0);
  after_text_ = false;
}

std::string MarkdownBlocks::finish() {
  return std::move(out_);
}

}  // namespace riverd::feeds::content
