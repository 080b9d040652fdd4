#pragma once
/// Text in Markdown: what any renderer reads as that text, also one that takes apart what CommonMark keeps together.

#include <string>
#include <string_view>

namespace riverd::feeds::content {

/// Follows the words of a text. In a word that looks like an address, a renderer may make a link by itself of all that comes
/// until white space (GFM's autolinks): there a backslash is no escape but a part of the address.
class AddressWatch {
 public:
  void read(std::string_view text);
  void end_word();
  [[nodiscard]] bool inside() const { return inside_; }

 private:
  char last_ = ' ';
  bool inside_ = false;
};

/// Where text stands.
struct MarkdownPlace {
  bool link = false;     ///< in the words of a link, whose brackets marked reads once more without their backslashes
  bool heading = false;  ///< in a heading, whose words Hexo copies into an attribute, quotation marks as they are
};

/// Appends text so that it is read as that text anywhere inside a line. None of its '<', '>' and backticks stays in it.
///   watch   has read what the line holds before, and reads the text
void append_markdown_text(std::string& out, std::string_view text, const MarkdownPlace& place,
                          AddressWatch& watch);

/// Appends an image's alternative text or a title in quotation marks: character references for all that could end it.
void append_markdown_value(std::string& out, std::string_view text);

/// Appends a link's address, for parentheses.
void append_markdown_destination(std::string& out, std::string_view url);

/// What stands around a code span.
struct CodeSurroundings {
  bool address = false;  ///< right before it, an address that a renderer may make a link of
  bool nested = false;   ///< in emphasis or a link
  bool cell = false;     ///< in a table
};

/// Appends a code span: between backticks where nothing around it can take it apart, else a code element with references.
void append_markdown_code(std::string& out, std::string_view text, const CodeSurroundings& around);

}  // namespace riverd::feeds::content
