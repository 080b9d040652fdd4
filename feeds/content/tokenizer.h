#pragma once
/// HTML tokens (WHATWG HTML 13.2.5) as views into the input: nothing is copied, nothing decoded. Linear, no
/// recursion.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "feeds/content/tag.h"

namespace riverd::feeds::content {

/// Attributes beyond this many in one tag are not seen.
inline constexpr unsigned kMaxAttributes = 96;

struct Attribute {
  std::string_view name;   ///< as written, any case
  std::string_view value;  ///< as written, without its quotes: references are not decoded yet
};

/// Walks the attributes of a tag: what follows its name, up to and including '>' where there is one.
class AttributeScanner {
 public:
  explicit AttributeScanner(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  /// False at the end of the tag or of the text.
  bool next(Attribute& attribute);

  [[nodiscard]] std::size_t at() const { return at_; }               ///< where scanning stopped: after '>'
  [[nodiscard]] bool closed() const { return closed_; }              ///< '>' was seen
  [[nodiscard]] bool self_closing() const { return self_closing_; }  ///< it was "/>"

 private:
  void skip_space();
  std::string_view read_value();

  std::string_view text_;
  std::size_t at_;
  bool closed_ = false;
  bool self_closing_ = false;
};

struct Token {
  enum class Kind : std::uint8_t { text, raw_text, start, end, end_of_file };
  Kind kind = Kind::end_of_file;
  Tag tag = Tag::unknown;
  bool self_closing = false;
  std::size_t name_size = 0;
  std::string_view
      text;  ///< of a tag: its name and all that follows, '>' included; of raw_text: no references in it

  [[nodiscard]] std::string_view name() const { return text.substr(0, name_size); }
};

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view input) : input_(input) {}

  /// The next token; comments and the like are passed over. `cdata` says that the current node is SVG or
  /// MathML, where CDATA sections are text.
  Token next(bool cdata = false);

  /// The text up to the end tag of `tag`, a kRawText element whose start tag next() just gave; the end tag is
  /// consumed.
  std::string_view raw_text(Tag tag);

  /// Passes over a line feed that follows (the first one in pre, listing and textarea).
  void skip_line_feed();

  [[nodiscard]] std::string_view rest() const { return input_.substr(at_); }

 private:
  [[nodiscard]] bool is_markup(std::size_t at) const;
  bool read_markup(Token& token, bool cdata);
  bool read_tag(Token& token, std::size_t name_at, Token::Kind kind);
  bool read_declaration(Token& token, bool cdata);
  void skip_comment();
  void skip_past(std::string_view end, std::size_t from);
  [[nodiscard]] bool is_tag(std::size_t name_at, std::string_view name) const;
  [[nodiscard]] std::size_t raw_end(std::string_view name) const;
  [[nodiscard]] std::size_t script_end() const;

  std::string_view input_;
  std::size_t at_ = 0;
};

[[nodiscard]] inline bool is_html_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

[[nodiscard]] inline bool is_html_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/// ASCII case-insensitive; `lower` is in lower case already.
[[nodiscard]] bool equals_ignoring_case(std::string_view text, std::string_view lower);

}  // namespace riverd::feeds::content
