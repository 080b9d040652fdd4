#include "feeds/content/markdown_inline.h"

#include <algorithm>

#include "feeds/content/byte_vector.h"
#include "feeds/content/tokenizer.h"
#include "feeds/content/utf8.h"

namespace riverd::feeds::content {
namespace {

constexpr auto kPending = static_cast<std::size_t>(-1);
constexpr std::size_t kMaxStyles = 1000;  // in one block; more are left out

void append_title(std::string& out, std::string_view title) {
  if (title.empty()) return;
  out += " \"";
  append_markdown_value(out, title);
  out += '"';
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || is_html_letter(c);
}

/// What stands beside a delimiter, for CommonMark's flanking rules.
enum Neighbour : int { kSpace, kPunctuation, kWord, kUnclear };

/// Letters beyond ASCII that no table of punctuation holds; of others, this does not know.
bool is_surely_letter(char32_t c) {
  return (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7) || (c >= 0x388 && c <= 0x481) ||
         (c >= 0x48A && c <= 0x556) || (c >= 0x5D0 && c <= 0x5EA) || (c >= 0x620 && c <= 0x64A) ||
         (c >= 0x1E00 && c <= 0x1FBC) || (c >= 0x3041 && c <= 0x3096) || (c >= 0x30A1 && c <= 0x30FA) ||
         (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3);
}

int classify(char32_t c) {
  if (is_space(c)) return kSpace;
  if (c < 0x80) return is_alphanumeric(static_cast<char>(c)) ? kWord : kPunctuation;
  return is_surely_letter(c) ? kWord : kUnclear;
}

int classify_before(std::string_view text, std::size_t at) {
  if (at == 0) return kSpace;
  std::size_t start = at - 1;
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
  return classify(decode_utf8(text.substr(start)).value);
}

int classify_after(std::string_view text, std::size_t at) {
  return at >= text.size() ? kSpace : classify(decode_utf8(text.substr(at)).value);
}

/// Where words that are apart by single spaces end: at the white space behind the last of them.
std::size_t end_of_words(std::string_view text, std::size_t from) {
  const auto is_other_space = [](auto c) { return (c == '\n') | (c == '\t') | (c == '\r') | (c == '\f'); };
  return find_pair_where(text, from, [is_other_space](auto c, auto next) {
    return is_other_space(c) | ((c == ' ') & ((next == ' ') | is_other_space(next)));
  });
}

}  // namespace

void MarkdownInline::open(Style style) {
  end_code();
  active_.push_back({style, 0, kPending});
}

void MarkdownInline::open_link(std::string url, std::string title) {
  end_code();
  links_.push_back({std::move(url), std::move(title)});
  active_.push_back({Style::link, links_.size() - 1, kPending});
}

void MarkdownInline::close(Style style) {
  end_code();
  const auto found =
      std::find_if(active_.rbegin(), active_.rend(), [&](const Active& a) { return a.style == style; });
  if (found == active_.rend()) return;
  if (found->mark != kPending) {
    const std::size_t opening = found->mark;
    marks_.push_back({text_.size(), opening, style, false, false, '*', found->link});
    marks_[opening].pair = marks_.size() - 1;
  }
  active_.erase(std::next(found).base());
}

/// Writes what waited for content: a break or space, and the styles that open here.
void MarkdownInline::begin_content() {
  if (!text_.empty() && (breaks_ > 0 || space_)) {
    // Behind an address a backslash would be a part of it.
    text_ += breaks_ == 0 ? " " : address_.inside() ? "  \n" : "\\\n";
    address_.end_word();
  }
  breaks_ = 0;
  space_ = false;
  for (Active& active : active_) {
    if (active.mark != kPending || (active.style != Style::link && marks_.size() > kMaxStyles)) continue;
    marks_.push_back({text_.size(), kPending, active.style, true, false, '*', active.link});
    active.mark = marks_.size() - 1;
  }
}

void MarkdownInline::text(std::string_view text, bool in_heading) {
  std::size_t at = 0;
  while (at < text.size()) {
    end_code();
    if (is_html_space(text[at])) {
      space_ = true;
      ++at;
      continue;
    }
    const std::size_t end = end_of_words(text, at);
    begin_content();
    const bool in_link = std::any_of(active_.begin(), active_.end(),
                                     [](const Active& active) { return active.style == Style::link; });
    append_markdown_text(text_, text.substr(at, end - at), {in_link, in_heading}, address_);
    at = end;
  }
}

void MarkdownInline::line_break() {
  end_code();
  space_ = false;
  if (!text_.empty()) ++breaks_;
}

void MarkdownInline::code(std::string_view text) {
  for (const char c : text) code_ += c == '\n' || c == '\t' ? ' ' : c;
}

/// Leaves a mark in the text for a piece of a code span; how it is written, what is around it decides.
void MarkdownInline::end_code() {
  if (code_.empty()) return;
  if (code_.find_first_not_of(' ') == std::string::npos) {
    space_ = true;
  } else {
    begin_content();
    codes_.push_back({text_.size(), code_texts_.size(), address_.inside()});
    text_ += '`';
    code_texts_ += code_;
  }
  code_.clear();
}

void MarkdownInline::image(std::string_view url, std::string_view alt, std::string_view title) {
  end_code();
  begin_content();
  text_ += "![";
  append_markdown_value(text_, alt);
  text_ += "](";
  append_markdown_destination(text_, url);
  append_title(text_, title);
  text_ += ')';
}

/// What a reader of the Markdown sees beside a mark: another mark there, or text.
int MarkdownInline::neighbour(std::size_t mark, bool before) const {
  for (std::size_t i = mark; before ? i-- > 0 : ++i < marks_.size();) {
    if (marks_[i].at != marks_[mark].at) break;
    if (!marks_[i].dropped) return kPunctuation;
  }
  return before ? classify_before(text_, marks_[mark].at) : classify_after(text_, marks_[mark].at);
}

char MarkdownInline::delimiter(const Mark& mark) {
  switch (mark.style) {
    case Style::link:
      return '[';
    case Style::strike:
      return '~';
    case Style::superscript:
    case Style::subscript:
      return '<';
    case Style::strong:
    case Style::emphasis:
      break;
  }
  return mark.delimiter;
}

/// Whether another delimiter of the same character stands beside this mark: they would run together.
bool MarkdownInline::touches_its_like(std::size_t mark) const {
  const auto here = [&](std::size_t i) { return marks_[i].at == marks_[mark].at; };
  std::size_t left = mark;
  while (left > 0 && here(left - 1) && marks_[left - 1].dropped) --left;
  std::size_t right = mark + 1;
  while (right < marks_.size() && here(right) && marks_[right].dropped) ++right;
  const char own = delimiter(marks_[mark]);
  return (left > 0 && here(left - 1) && delimiter(marks_[left - 1]) == own) ||
         (right < marks_.size() && here(right) && delimiter(marks_[right]) == own);
}

/// Whether both ends are read as delimiters (CommonMark 6.2: left- and right-flanking).
bool MarkdownInline::stands(std::size_t open, char delimiter) const {
  const std::size_t close = marks_[open].pair;
  for (const bool opening : {true, false}) {
    const std::size_t mark = opening ? open : close;
    const int inner = neighbour(mark, !opening);
    const int outer = neighbour(mark, opening);
    const bool outer_apart = outer == kSpace || outer == kPunctuation;
    if (inner == kSpace) return false;
    if (inner != kWord && !outer_apart) return false;
    if (delimiter == '_' && !outer_apart) return false;
  }
  return true;
}

/// One look at the styles of a kind; true where one had to be left out or written otherwise.
bool MarkdownInline::resolve_round(Style style) {
  bool changed = false;
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    Mark& mark = marks_[i];
    if (!mark.opens || mark.dropped || mark.style != style) continue;
    Mark& end = marks_[mark.pair];
    if (style == Style::emphasis && mark.delimiter == '*' &&
        (touches_its_like(i) || touches_its_like(mark.pair))) {
      mark.delimiter = end.delimiter = '_';
      changed = true;
    }
    if (touches_its_like(i) || touches_its_like(mark.pair) || !stands(i, mark.delimiter)) {
      mark.dropped = end.dropped = true;
      changed = true;
    }
  }
  return changed;
}

void MarkdownInline::resolve_marks() {
  for (int round = 0; round < 4; ++round) {
    bool changed = false;
    for (const Style style : {Style::emphasis, Style::strong, Style::strike})
      changed = resolve_round(style) || changed;
    if (!changed) return;
  }
  for (Mark& mark : marks_)
    mark.dropped = mark.style == Style::strong || mark.style == Style::emphasis || mark.style == Style::strike;
}

void MarkdownInline::render_mark(std::string& out, const Mark& mark) const {
  switch (mark.style) {
    case Style::strong:
      out += "**";
      return;
    case Style::emphasis:
      out += mark.delimiter;
      return;
    case Style::strike:
      out += "~~";
      return;
    case Style::superscript:
      out += mark.opens ? "<sup>" : "</sup>";
      return;
    case Style::subscript:
      out += mark.opens ? "<sub>" : "</sub>";
      return;
    case Style::link:
      break;
  }
  if (mark.opens) {
    if (out.ends_with('!')) out.replace(out.size() - 1, 1, "&#33;");  // else this were an image
    out += '[';
    return;
  }
  out += "](";
  append_markdown_destination(out, links_[mark.link].url);
  append_title(out, links_[mark.link].title);
  out += ')';
}

/// Writes text_ with its code spans and marks. Pieces of code that only dropped marks part are one span.
class MarkdownInline::Rendering {
 public:
  Rendering(const MarkdownInline& from, std::string& out, bool in_cell) : from_(from), out_(out) {
    around_.cell = in_cell;
  }

  void write() {
    for (const Mark& mark : from_.marks_) {
      write_until(mark.at);
      if (mark.dropped) continue;
      end_span();
      from_.render_mark(out_, mark);
      depth_ += mark.opens ? 1 : -1;
    }
    write_until(from_.text_.size());
    end_span();
  }

 private:
  void write_until(std::size_t end) {
    for (; code_ < from_.codes_.size() && from_.codes_[code_].at < end; ++code_) {
      write_words(from_.codes_[code_].at);
      ++done_;
      add_to_span(code_);
    }
    write_words(end);
  }

  void write_words(std::size_t end) {
    if (end > done_) {
      end_span();
      out_.append(from_.text_, done_, end - done_);
    }
    done_ = end;
  }

  void add_to_span(std::size_t code) {
    const auto& codes = from_.codes_;
    if (span_.empty()) around_.address = codes[code].behind_address;
    const std::size_t end = code + 1 < codes.size() ? codes[code + 1].text : from_.code_texts_.size();
    span_.append(from_.code_texts_, codes[code].text, end - codes[code].text);
  }

  void end_span() {
    if (span_.empty()) return;
    around_.nested = depth_ > 0;
    append_markdown_code(out_, span_, around_);
    span_.clear();
  }

  const MarkdownInline& from_;
  std::string& out_;
  CodeSurroundings around_;
  std::size_t done_ = 0;  // of text_
  std::size_t code_ = 0;  // in codes_
  int depth_ = 0;         // open marks
  std::string span_;
};

/// Opens styles again that a block ended while they were open.
void MarkdownInline::reopen(std::vector<Active> again) {
  std::vector<Link> kept;
  for (Active& active : again) {
    active.mark = kPending;
    if (active.style != Style::link) continue;
    kept.push_back(std::move(links_[active.link]));
    active.link = kept.size() - 1;
  }
  active_ = std::move(again);
  links_ = std::move(kept);
}

std::string& MarkdownInline::finish(bool in_cell) {
  end_code();
  std::vector<Active> again = active_;
  while (!active_.empty()) close(active_.back().style);
  resolve_marks();
  if (marks_.empty() && codes_.empty()) {
    text_.swap(finished_);
  } else {
    finished_.clear();
    finished_.reserve(text_.size() + code_texts_.size() + (marks_.size() + codes_.size()) * 8);
    Rendering(*this, finished_, in_cell).write();
  }
  if (again.empty())
    links_.clear();
  else
    reopen(std::move(again));
  text_.clear();
  marks_.clear();
  codes_.clear();
  code_texts_.clear();
  address_.end_word();
  space_ = false;
  breaks_ = 0;
  return finished_;
}

}  // namespace riverd::feeds::content
