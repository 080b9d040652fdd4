#pragma once
/// The inline content of one block of Markdown: words, emphasis, links, images, code spans, line breaks.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/content/markdown_text.h"

namespace riverd::feeds::content {

/// Collects inline content and writes it so that a CommonMark renderer reads the same words and links: what
/// is text is escaped; emphasis that its neighbours would keep from being read as such is left out. Its only HTML are the
/// elements sup, sub and, for code that backticks do not hold, code.
class MarkdownInline {
 public:
  enum class Style : std::uint8_t { strong, emphasis, strike, superscript, subscript, link };

  void open(Style style);
  void open_link(std::string url, std::string title);
  /// Closes the style that was opened last and is still open; others of its kind stay.
  void close(Style style);

  /// Plain text; white space folds.
  void text(std::string_view text, bool in_heading = false);
  void space() { space_ = true; }
  void line_break();
  void code(std::string_view text);  ///< a piece of a code span; adjacent ones become one span
  void image(std::string_view url, std::string_view alt, std::string_view title);

  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::size_t size() const { return text_.size(); }
  /// Line breaks that nothing has followed yet.
  [[nodiscard]] unsigned pending_breaks() const { return breaks_; }

  /// The Markdown, lines apart by '\n'; styles still open are closed in it and open again for what follows.
  /// It may be changed, and lives until the next call of finish().
  ///   in_cell   it is for a table, where a '|' in code needs care
  [[nodiscard]] std::string& finish(bool in_cell = false);

 private:
  struct Mark {
    std::size_t at;    // in text_
    std::size_t pair;  // index in marks_ of the other end
    Style style;
    bool opens;
    bool dropped = false;
    char delimiter = '*';
    std::size_t link = 0;  // in links_
  };
  struct Active {
    Style style;
    std::size_t link;
    std::size_t mark;  // in marks_; kPending before anything was written inside
  };
  struct Link {
    std::string url;
    std::string title;
  };
  struct Code {
    std::size_t at;    // of the backtick that stands for it in text_
    std::size_t text;  // where it starts in code_texts_; it ends where the next one starts
    bool behind_address;
  };
  class Rendering;

  void begin_content();
  void end_code();
  void resolve_marks();
  bool resolve_round(Style style);
  [[nodiscard]] bool stands(std::size_t open, char delimiter) const;
  [[nodiscard]] int neighbour(std::size_t mark, bool before) const;
  [[nodiscard]] bool touches_its_like(std::size_t mark) const;
  [[nodiscard]] static char delimiter(const Mark& mark);
  void reopen(std::vector<Active> again);
  void render_mark(std::string& out, const Mark& mark) const;

  std::string text_;      // escaped
  std::string finished_;  // what finish() gave out
  std::vector<Mark> marks_;
  std::vector<Active> active_;
  std::vector<Link> links_;
  std::string code_;  // of a span that is being read
  std::vector<Code> codes_;
  std::string code_texts_;
  AddressWatch address_;  // of text_
  bool space_ = false;
  unsigned breaks_ = 0;
};

}  // namespace riverd::feeds::content
