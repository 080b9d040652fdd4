#include <algorithm>
#include <array>
#include <optional>

#include "feeds/content/attributes.h"
#include "feeds/content/entities.h"
#include "feeds/content/html.h"
#include "feeds/content/images.h"
#include "feeds/content/markdown_blocks.h"
#include "feeds/content/markdown_inline.h"
#include "feeds/content/markdown_lookahead.h"
#include "feeds/content/text.h"
#include "feeds/content/tokenizer.h"

namespace riverd::feeds::content {
namespace {

using Style = MarkdownInline::Style;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kMaxContainers = 64;
constexpr std::size_t kMaxTableColumns = 64;

AttributeScanner attributes_of(const Token& token) {
  return AttributeScanner(token.text, token.name_size);
}

/// A table while its cells are read.
struct Table {
  Rows rows;
  std::string aligns;
  bool in_cell = false;
};

class MarkdownWriter {
 public:
  explicit MarkdownWriter(std::string_view html) : tokens_(html), blocks_(html.size()) {}
  std::string write();

 private:
  void start(const Token& token);
  bool start_inline(const Token& token);
  void start_block(const Token& token);
  void start_list(const Token& token);
  void start_link(const Token& token);
  void start_media(const Token& token);
  void start_source(const Token& token);
  void start_pre(const Token& token);
  void image(const Token& token);
  void end(const Token& token);
  bool end_inline(Tag tag);
  void end_media();
  void end_pre();
  void text(const Token& token);
  void words(std::string_view text);
  void flush();
  void open_container(bool quote);
  void close_container();
  void style(Style which, bool opens);

  bool start_in_table(const Token& token);
  bool end_in_table(const Token& token);
  void start_cell(const Token& token);
  void end_cell();

  Tokenizer tokens_;
  MarkdownBlocks blocks_;
  MarkdownInline inline_;
  std::array<unsigned, 5> styles_{};  // how often each style but links is open
  std::vector<bool> containers_;      // whether each open quote and item is one of blocks_
  unsigned heading_ = 0;
  unsigned code_ = 0;  // open code elements
  bool in_link_ = false;
  std::optional<std::string> pre_;  // the text of a code block that is being read
  std::string language_;
  std::string media_;  // the address of the audio or video that is open, written as a link
  bool in_media_ = false;
  std::size_t media_size_ = 0;
  std::optional<Table> table_;
  std::size_t cell_at_ = 0;
  std::string scratch_;
};

std::string MarkdownWriter::write() {
  for (;;) {
    const Token token = tokens_.next();
    switch (token.kind) {
      case Token::Kind::start:
        start(token);
        break;
      case Token::Kind::end:
        end(token);
        break;
      case Token::Kind::text:
      case Token::Kind::raw_text:
        text(token);
        break;
      case Token::Kind::end_of_file:
        if (pre_) end_pre();
        flush();
        return blocks_.finish();
    }
  }
}

void MarkdownWriter::text(const Token& token) {
  std::string_view text = token.text;
  if (find_encoded(text) < text.size()) {
    scratch_.clear();
    append_decoded(scratch_, text, false);
    text = scratch_;
  }
  words(text);
}

void MarkdownWriter::words(std::string_view text) {
  if (pre_) {
    *pre_ += text;
  } else if (code_ > 0) {
    inline_.code(text);
  } else {
    inline_.text(text, heading_ > 0);
  }
}

/// Ends a paragraph or heading, where there is one.
void MarkdownWriter::flush() {
  if (table_) {
    inline_.space();
    return;
  }
  std::string& lines = inline_.finish();
  if (lines.empty()) return;
  if (heading_ == 0) {
    blocks_.paragraph(lines);
    return;
  }
  for (std::size_t at = lines.find("\\\n"); at != std::string::npos; at = lines.find("\\\n", at))
    lines.replace(at, 2, " ");
  blocks_.heading(heading_, lines);
}

void MarkdownWriter::style(Style which, bool opens) {
  unsigned& open = styles_[static_cast<std::size_t>(which)];
  if (opens && open++ == 0) inline_.open(which);
  if (!opens && open > 0 && --open == 0) inline_.close(which);
}

void MarkdownWriter::start(const Token& token) {
  if (has(token.tag, kRawText)) {
    (void)tokens_.raw_text(token.tag);  // not in sanitised HTML
  } else if (pre_) {
    if (token.tag == Tag::br) *pre_ += '\n';
    if (token.tag == Tag::code && language_.empty())
      language_ = Attributes(attributes_of(token)).value(Name::class_);
    if (token.tag == Tag::pre) *pre_ += '\n';
  } else if (!(table_ && start_in_table(token)) && !start_inline(token)) {
    start_block(token);
  }
}

bool MarkdownWriter::start_inline(const Token& token) {
  switch (token.tag) {
    case Tag::b:
    case Tag::strong:
      style(Style::strong, true);
      return true;
    case Tag::i:
    case Tag::em:
      style(Style::emphasis, true);
      return true;
    case Tag::s:
    case Tag::del:
      style(Style::strike, true);
      return true;
    case Tag::sup:
      style(Style::superscript, true);
      return true;
    case Tag::sub:
      style(Style::subscript, true);
      return true;
    case Tag::q:
      words("\u201C");
      return true;
    case Tag::code:
      ++code_;
      return true;
    case Tag::a:
      start_link(token);
      return true;
    case Tag::img:
      image(token);
      return true;
    case Tag::audio:
    case Tag::video:
      start_media(token);
      return true;
    case Tag::source:
      start_source(token);
      return true;
    case Tag::br:
      if (table_ || heading_ > 0) {
        inline_.space();
      } else if (inline_.pending_breaks() > 0) {
        flush();
      } else {
        inline_.line_break();
      }
      return true;
    default:
      return false;
  }
}

void MarkdownWriter::start_block(const Token& token) {
  if (!has(token.tag, kBlock)) return;
  flush();
  switch (token.tag) {
    case Tag::h1:
    case Tag::h2:
    case Tag::h3:
    case Tag::h4:
    case Tag::h5:
    case Tag::h6:
      heading_ = static_cast<unsigned>(token.tag) - static_cast<unsigned>(Tag::h1) + 1;
      return;
    case Tag::hr:
      if (!table_) blocks_.rule();
      return;
    case Tag::ul:
    case Tag::ol:
    case Tag::dl:
      start_list(token);
      return;
    case Tag::li:
    case Tag::dd:
      open_container(false);
      return;
    case Tag::blockquote:
      open_container(true);
      return;
    case Tag::pre:
      start_pre(token);
      return;
    case Tag::dt:
    case Tag::summary:
      style(Style::strong, true);
      return;
    case Tag::table:
      if (!table_ && is_simple_table(tokens_)) table_.emplace();
      return;
    default:
      return;
  }
}

void MarkdownWriter::start_list(const Token& token) {
  const bool ordered = token.tag == Tag::ol;
  long number = 1;
  if (ordered) {
    const auto start = pixels(Attributes(attributes_of(token)).raw(Name::start));
    if (start) number = *start;
  }
  blocks_.open_list(ordered, number, token.tag != Tag::dl && is_tight(tokens_));
}

void MarkdownWriter::open_container(bool quote) {
  const bool real = !table_ && containers_.size() < kMaxContainers;
  containers_.push_back(real);
  if (real) quote ? blocks_.open_quote() : blocks_.open_item();
}

void MarkdownWriter::close_container() {
  if (containers_.empty()) return;
  if (containers_.back()) blocks_.close_container();
  containers_.pop_back();
}

void MarkdownWriter::start_link(const Token& token) {
  if (in_link_ || in_media_) return;
  const Attributes attributes(attributes_of(token));
  inline_.open_link(attributes.value(Name::href), fold_space(attributes.value(Name::title)));
  in_link_ = true;
}

void MarkdownWriter::image(const Token& token) {
  const Attributes attributes(attributes_of(token));
  inline_.image(attributes.value(Name::src), fold_space(attributes.value(Name::alt)),
                fold_space(attributes.value(Name::title)));
}

/// Markdown has no players: a link to what they play, around the words that stand in for them.
void MarkdownWriter::start_media(const Token& token) {
  if (in_link_ || in_media_) return;
  in_media_ = true;
  media_ = Attributes(attributes_of(token)).value(Name::src);
  if (!media_.empty()) inline_.open_link(media_, "");
  media_size_ = inline_.size();
}

void MarkdownWriter::start_source(const Token& token) {
  if (!in_media_ || !media_.empty()) return;
  media_ = Attributes(attributes_of(token)).value(Name::src);
  if (!media_.empty()) inline_.open_link(media_, "");
  media_size_ = inline_.size();
}

void MarkdownWriter::end_media() {
  if (!in_media_) return;
  in_media_ = false;
  if (media_.empty()) return;
  if (inline_.size() == media_size_) {
    const std::string_view path = std::string_view(media_).substr(0, media_.find_first_of("?#"));
    const std::string_view file = path.substr(path.rfind('/') + 1);
    inline_.text(file.empty() ? std::string_view(media_) : file);
  }
  inline_.close(Style::link);
}

void MarkdownWriter::start_pre(const Token& token) {
  if (table_) return;
  pre_.emplace();
  language_ = Attributes(attributes_of(token)).value(Name::class_);
  tokens_.skip_line_feed();
}

void MarkdownWriter::end_pre() {
  std::string_view language = language_;
  if (language.starts_with("language-")) language.remove_prefix(9);
  const bool name = std::all_of(language.begin(), language.end(),
                                [](char c) { return c > ' ' && c != '`' && c != '\x7F'; });
  if (pre_->find_first_not_of(" \n\t") != std::string::npos) {
    blocks_.code(*pre_, name ? language : std::string_view());
  }
  pre_.reset();
}

void MarkdownWriter::end(const Token& token) {
  if (pre_) {
    if (token.tag == Tag::pre) end_pre();
    return;
  }
  if ((table_ && end_in_table(token)) || end_inline(token.tag) || !has(token.tag, kBlock)) return;
  flush();
  switch (token.tag) {
    case Tag::ul:
    case Tag::ol:
    case Tag::dl:
      blocks_.close_list();
      return;
    case Tag::li:
    case Tag::dd:
    case Tag::blockquote:
      close_container();
      return;
    case Tag::dt:
    case Tag::summary:
      style(Style::strong, false);
      return;
    default:
      break;
  }
  if (has(token.tag, kHeading)) heading_ = 0;
}

bool MarkdownWriter::end_inline(Tag tag) {
  switch (tag) {
    case Tag::b:
    case Tag::strong:
      style(Style::strong, false);
      return true;
    case Tag::i:
    case Tag::em:
      style(Style::emphasis, false);
      return true;
    case Tag::s:
    case Tag::del:
      style(Style::strike, false);
      return true;
    case Tag::sup:
      style(Style::superscript, false);
      return true;
    case Tag::sub:
      style(Style::subscript, false);
      return true;
    case Tag::q:
      words("\u201D");
      return true;
    case Tag::code:
      if (code_ > 0) --code_;
      return true;
    case Tag::a:
      if (in_link_) inline_.close(Style::link);
      in_link_ = false;
      return true;
    case Tag::audio:
    case Tag::video:
      end_media();
      return true;
    default:
      return false;
  }
}

// Tables whose cells are lines of words. Between cells inline_ is empty, but for a caption, which is a
// paragraph.

bool MarkdownWriter::start_in_table(const Token& token) {
  const bool opens = token.tag == Tag::td || token.tag == Tag::th || token.tag == Tag::tr;
  if (opens && table_->in_cell) end_cell();  // what is not sanitised may leave its end out
  if (token.tag == Tag::td || token.tag == Tag::th) {
    start_cell(token);
    return true;
  }
  if (token.tag == Tag::tr) table_->rows.emplace_back();
  return has(token.tag, kTablePart);
}

void MarkdownWriter::start_cell(const Token& token) {
  const Attributes attributes(attributes_of(token));
  if (table_->rows.empty()) table_->rows.emplace_back();
  const std::size_t span =
      std::clamp<std::size_t>(pixels(attributes.raw(Name::colspan)).value_or(1), 1, kMaxTableColumns);
  auto& row = table_->rows.back();
  table_->in_cell = true;
  row.resize(row.size() + span);
  if (table_->aligns.size() < row.size()) table_->aligns.resize(row.size(), ' ');
  const std::string_view align = attributes.raw(Name::align);
  if (table_->rows.size() == 1 && !align.empty()) table_->aligns[row.size() - span] = align.front();
  cell_at_ = row.size() - span;
}

void MarkdownWriter::end_cell() {
  std::string& cell = inline_.finish(true);
  std::replace(cell.begin(), cell.end(), '\n', ' ');
  if (table_->in_cell) table_->rows.back()[cell_at_] = cell;
  table_->in_cell = false;
}

bool MarkdownWriter::end_in_table(const Token& token) {
  switch (token.tag) {
    case Tag::td:
    case Tag::th:
      end_cell();
      return true;
    case Tag::caption: {
      const std::string& caption = inline_.finish();
      if (!caption.empty()) blocks_.paragraph(caption);
      return true;
    }
    case Tag::table: {
      if (table_->in_cell) end_cell();
      const Table table = *std::move(table_);
      table_.reset();
      if (!table.rows.empty()) blocks_.table(table.rows, table.aligns);
      return true;
    }
    default:
      return has(token.tag, kTablePart);
  }
}

}  // namespace

std::string markdown(std::string_view sanitised_html) {
  return MarkdownWriter(sanitised_html).write();
}

}  // namespace riverd::feeds::content
