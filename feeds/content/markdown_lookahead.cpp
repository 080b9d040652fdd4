#include "feeds/content/markdown_lookahead.h"

#include <algorithm>

#include "feeds/content/attributes.h"
#include "feeds/content/images.h"

namespace riverd::feeds::content {
namespace {

constexpr std::size_t kMaxCells = 20'000;

}  // namespace

bool is_tight(Tokenizer tokens) {
  for (int i = 0; i < 4; ++i) {
    const Token token = tokens.next();
    if (token.kind == Token::Kind::text) {
      if (!std::all_of(token.text.begin(), token.text.end(), is_html_space)) return true;
    } else if (token.tag != Tag::li) {
      return token.kind == Token::Kind::start && !has(token.tag, kBlock);
    }
  }
  return true;
}

bool is_simple_table(Tokenizer tokens) {
  std::size_t columns = 0;
  std::size_t widest = 0;
  std::size_t cells = 0;
  for (;;) {
    const Token token = tokens.next();
    if (token.kind == Token::Kind::end_of_file) return false;
    const bool start = token.kind == Token::Kind::start;
    if (token.kind == Token::Kind::end && token.tag == Tag::table) break;
    if (!start) continue;
    if (token.tag == Tag::tr) columns = 0;
    if (token.tag == Tag::td || token.tag == Tag::th) {
      const auto span = pixels(Attributes(AttributeScanner(token.text, token.name_size)).raw(Name::colspan));
      columns += std::clamp<std::size_t>(span.value_or(1), 1, kMaxTableColumns + 1);
      widest = std::max(widest, columns);
      if (++cells > kMaxCells || columns > kMaxTableColumns) return false;
    } else if (has(token.tag, kBlock) && !has(token.tag, kTablePart) && token.tag != Tag::p &&
               token.tag != Tag::div && token.tag != Tag::br) {
      return false;
    }
  }
  return widest >= 2;
}

}  // namespace riverd::feeds::content
