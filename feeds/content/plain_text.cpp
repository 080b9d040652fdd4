// Words of HTML without its tree (html.h: plain_text).
#include <algorithm>

#include "feeds/content/byte_set.h"
#include "feeds/content/entities.h"
#include "feeds/content/html.h"
#include "feeds/content/text.h"
#include "feeds/content/tokenizer.h"
#include "feeds/content/utf8.h"

namespace riverd::feeds::content {
namespace {

constexpr ByteSet kMarkup("<&");

/// Elements whose raw text no reader sees. (A title or textarea inside a text is meant to be read.)
bool is_hidden(Tag tag) {
  return tag == Tag::script || tag == Tag::style || tag == Tag::iframe || tag == Tag::noembed ||
         tag == Tag::noframes;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Whether a number may be the exponent of what ends so.
bool is_raised(char c) {
  return is_digit(c) || is_html_letter(c) || c == ')';
}

bool starts_number(std::string_view text) {
  for (const std::string_view sign : {"+", "-", "\u2212"})
    if (text.starts_with(sign)) text.remove_prefix(sign.size());
  return !text.empty() && is_digit(text.front());
}

void append_words(std::string& out, std::string_view text, std::string& scratch) {
  if (text.find('&') == std::string_view::npos) {
    append_folded(out, text);
    return;
  }
  scratch.clear();
  append_decoded(scratch, text, false);
  append_folded(out, scratch);
}

/// What an inline element says by its looks: quotation marks, and a number above the line (10^9).
void append_looks(std::string& out, const Token& token, Tokenizer after) {
  if (token.tag == Tag::q) {
    append_folded(out, token.kind == Token::Kind::start ? "\u201C" : "\u201D");
  } else if (token.tag == Tag::sup && token.kind == Token::Kind::start && !out.empty() && is_raised(out.back())) {
    const Token raised = after.next();
    if (raised.kind == Token::Kind::text && starts_number(raised.text)) append_folded(out, "^");
  }
}

/// Passes over the content of a template, nested ones too.
void skip_template(Tokenizer& tokens) {
  for (unsigned depth = 1; depth > 0;) {
    const Token token = tokens.next();
    if (token.kind == Token::Kind::end_of_file) return;
    if (token.kind == Token::Kind::start && has(token.tag, kRawText)) (void)tokens.raw_text(token.tag);
    if (token.tag != Tag::template_) continue;
    if (token.kind == Token::Kind::start) ++depth;
    if (token.kind == Token::Kind::end) --depth;
  }
}

/// Counts the characters of a text that grows.
class Counter {
 public:
  [[nodiscard]] std::size_t count(const std::string& text) {
    for (; at_ < text.size(); ++at_)
      characters_ += (static_cast<unsigned char>(text[at_]) & 0xC0) != 0x80 ? 1 : 0;
    return characters_;
  }

 private:
  std::size_t at_ = 0;
  std::size_t characters_ = 0;
};

}  // namespace

std::string plain_text(std::string_view html, std::size_t enough) {
  if (kMarkup.find(html) == html.size()) return fold_space(html);
  std::string out;
  std::string scratch;
  out.reserve(std::min(html.size() / 2, enough));
  Counter counter;
  Tokenizer tokens(html);
  for (;;) {
    const Token token = tokens.next();
    if (token.kind == Token::Kind::end_of_file) break;
    if (token.kind == Token::Kind::text) {
      append_words(out, token.text, scratch);
      if (enough < html.size() && counter.count(out) > enough + 1)
        break;  // the last one may be a space that goes
      continue;
    }
    if (has(token.tag, kBlock)) append_folded(out, " ");
    append_looks(out, token, tokens);
    if (token.kind != Token::Kind::start) continue;
    if (token.tag == Tag::template_) {
      skip_template(tokens);
    } else if (is_hidden(token.tag)) {
      (void)tokens.raw_text(token.tag);
    } else if (token.tag == Tag::xmp || token.tag == Tag::plaintext) {
      append_folded(out, tokens.raw_text(token.tag));
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace riverd::feeds::content
