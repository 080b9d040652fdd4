#pragma once
/// The blocks of Markdown: lines behind the prefixes of the quotes and list items around them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace riverd::feeds::content {

class MarkdownBlocks {
 public:
  explicit MarkdownBlocks(std::size_t expected_size) { out_.reserve(expected_size); }

  void open_quote();
  void open_list(bool ordered, long start, bool tight);
  void close_list();
  void open_item();
  void close_container();  ///< the quote or item opened last

  /// Lines of inline Markdown as a paragraph; what would start another kind of block there is escaped.
  void paragraph(std::string_view lines);
  void heading(unsigned level, std::string line);
  void rule();
  void code(std::string_view text, std::string_view language);
  /// A GFM table: rows of cells of inline Markdown, the first one the head; `aligns` holds 'l', 'c', 'r' or '
  /// '.
  void table(const std::vector<std::vector<std::string>>& rows, std::string_view aligns);

  [[nodiscard]] std::string finish();

 private:
  /// A quote or list item that lines stand in. Deeper ones than the bound count, but have no prefix.
  struct Container {
    bool quote = false;
    bool visible = true;
    bool fresh = true;   // nothing written in it yet: its marker is
    bool tight = false;  // no blank line before it
    std::string marker;
  };
  struct List {
    bool ordered = false;
    bool tight = false;
    bool first = true;
    bool joins = false;  // its first item follows a line of text without a blank line
    char delimiter = '-';
    long number = 1;
  };

  void begin_block();
  void line(std::string_view text);
  void append_prefix(std::size_t count, bool blank);
  void append_escaped_line(std::string_view text);

  std::string out_;
  std::vector<Container> containers_;
  std::vector<List> lists_;
  std::size_t visible_ = 0;
  std::size_t list_end_ = 0;  // size of out_ where a list ended, and what it was
  bool list_ordered_ = false;
  char list_delimiter_ = ' ';
  bool after_text_ = false;  // the last block was a paragraph
};

}  // namespace riverd::feeds::content
