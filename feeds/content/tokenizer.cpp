#include "feeds/content/tokenizer.h"

#include <algorithm>
#include <cstring>

namespace riverd::feeds::content {
namespace {

constexpr auto kNone = std::string_view::npos;

/// How text is looked for: memchr is several times faster than string_view::find of a set.
std::size_t find(std::string_view text, char c, std::size_t from) {
  if (from >= text.size()) return kNone;
  const void* hit = std::memchr(text.data() + from, c, text.size() - from);
  return hit == nullptr ? kNone : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

}  // namespace

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
  });
}

void AttributeScanner::skip_space() {
  while (at_ < text_.size() && is_html_space(text_[at_])) ++at_;
}

bool AttributeScanner::next(Attribute& attribute) {
  bool slash = false;  // right before where we are; one in an unquoted value does not count
  for (; at_ < text_.size() && (is_html_space(text_[at_]) || text_[at_] == '/'); ++at_)
    slash = text_[at_] == '/';
  if (at_ >= text_.size()) return false;
  if (text_[at_] == '>') {
    ++at_;
    closed_ = true;
    self_closing_ = slash;
    return false;
  }
  const std::size_t start = at_++;  // a leading '=' belongs to the name
  while (at_ < text_.size() && !is_html_space(text_[at_]) && text_[at_] != '/' && text_[at_] != '>' &&
         text_[at_] != '=')
    ++at_;
  attribute.name = text_.substr(start, at_ - start);
  attribute.value = {};
  skip_space();
  if (at_ < text_.size() && text_[at_] == '=') {
    ++at_;
    attribute.value = read_value();
  }
  return true;
}

std::string_view AttributeScanner::read_value() {
  skip_space();
  if (at_ >= text_.size() || text_[at_] == '>') return {};
  const char quote = text_[at_];
  std::size_t start = at_;
  if (quote == '"' || quote == '\'') {
    ++start;
    const std::size_t end = std::min(find(text_, quote, start), text_.size());
    at_ = std::min(end + 1, text_.size());
    return text_.substr(start, end - start);
  }
  while (at_ < text_.size() && !is_html_space(text_[at_]) && text_[at_] != '>') ++at_;
  return text_.substr(start, at_ - start);
}

bool Tokenizer::is_markup(std::size_t at) const {
  if (at + 1 >= input_.size()) return false;
  const char next = input_[at + 1];
  return is_html_letter(next) || next == '!' || next == '?' || (next == '/' && at + 2 < input_.size());
}

Token Tokenizer::next(bool cdata) {
  Token token;
  while (at_ < input_.size()) {
    if (input_[at_] == '<' && is_markup(at_)) {
      if (read_markup(token, cdata)) return token;
      continue;
    }
    const std::size_t start = at_;
    at_ = find(input_, '<', at_ + 1);
    while (at_ != kNone && !is_markup(at_)) at_ = find(input_, '<', at_ + 1);
    at_ = std::min(at_, input_.size());
    token.kind = Token::Kind::text;
    token.text = input_.substr(start, at_ - start);
    return token;
  }
  return token;
}

/// Reads what starts with '<' here; false where it is no token (a comment, say). Always moves on.
bool Tokenizer::read_markup(Token& token, bool cdata) {
  const char next = input_[at_ + 1];
  if (is_html_letter(next)) return read_tag(token, at_ + 1, Token::Kind::start);
  if (next == '!') return read_declaration(token, cdata);
  if (next == '/' && is_html_letter(input_[at_ + 2])) return read_tag(token, at_ + 2, Token::Kind::end);
  skip_past(">", at_ + 2);  // "<?", "</" and no letter: a comment to browsers
  return false;
}

bool Tokenizer::read_tag(Token& token, std::size_t name_at, Token::Kind kind) {
  std::size_t end = name_at;
  while (end < input_.size() && !is_html_space(input_[end]) && input_[end] != '/' && input_[end] != '>')
    ++end;
  AttributeScanner scanner(input_, end);
  if (end < input_.size() && input_[end] == '>') {
    at_ = end + 1;
  } else {
    Attribute ignored;
    while (scanner.next(ignored)) {
    }
    at_ = scanner.at();
    if (!scanner.closed()) return false;
  }
  token.kind = kind;
  token.text = input_.substr(name_at, at_ - name_at);
  token.name_size = end - name_at;
  token.tag = find_tag(token.name());
  token.self_closing = scanner.self_closing();
  return true;
}

bool Tokenizer::read_declaration(Token& token, bool cdata) {
  const std::string_view here = rest();
  if (here.starts_with("<!--")) {
    skip_comment();
    return false;
  }
  if (!cdata || !here.starts_with("<![CDATA[")) {
    skip_past(">", at_ + 2);
    return false;
  }
  const std::size_t start = at_ + 9;
  const std::size_t end = std::min(input_.find("]]>", start), input_.size());
  at_ = std::min(end + 3, input_.size());
  token.kind = Token::Kind::raw_text;
  token.text = input_.substr(start, end - start);
  return end > start;
}

void Tokenizer::skip_comment() {
  const std::string_view content = rest().substr(4);
  if (content.starts_with(">") || content.starts_with("->")) {
    skip_past(">", at_ + 4);
    return;
  }
  for (std::size_t dash = input_.find("--", at_ + 4); dash != kNone; dash = input_.find("--", dash + 1)) {
    const std::string_view after = input_.substr(dash + 2, 2);
    if (after.starts_with(">") || after == "!>") {
      skip_past(">", dash + 2);
      return;
    }
  }
  at_ = input_.size();
}

void Tokenizer::skip_past(std::string_view end, std::size_t from) {
  const std::size_t hit = input_.find(end, from);
  at_ = hit == kNone ? input_.size() : hit + end.size();
}

bool Tokenizer::is_tag(std::size_t name_at, std::string_view name) const {
  const std::size_t end = name_at + name.size();
  if (end >= input_.size() || !equals_ignoring_case(input_.substr(name_at, name.size()), name)) return false;
  return is_html_space(input_[end]) || input_[end] == '/' || input_[end] == '>';
}

std::size_t Tokenizer::raw_end(std::string_view name) const {
  for (std::size_t at = find(input_, '<', at_); at != kNone; at = find(input_, '<', at + 1)) {
    if (input_.substr(at).starts_with("</") && is_tag(at + 2, name)) return at;
  }
  return input_.size();
}

/// Scripts know "escaped" and "double escaped" stretches: in <!-- <script> </script> --> the inner end tag
/// does not end.
std::size_t Tokenizer::script_end() const {
  enum class State : std::uint8_t { data, escaped, double_escaped } state = State::data;
  for (std::size_t at = at_; at < input_.size(); ++at) {
    const std::string_view here = input_.substr(at);
    if (here[0] == '-' && state != State::data && here.starts_with("-->")) {
      state = State::data;
    } else if (here[0] == '<' && here.starts_with("</") && is_tag(at + 2, "script")) {
      if (state != State::double_escaped) return at;
      state = State::escaped;
    } else if (here[0] == '<' && state == State::data && here.starts_with("<!--")) {
      state = State::escaped;
      ++at;  // the next look is at "--": "<!-->" ends at once
    } else if (here[0] == '<' && state == State::escaped && is_tag(at + 1, "script")) {
      state = State::double_escaped;
    }
  }
  return input_.size();
}

std::string_view Tokenizer::raw_text(Tag tag) {
  const std::size_t start = at_;
  std::size_t end = input_.size();
  if (tag == Tag::script) {
    end = script_end();
  } else if (tag != Tag::plaintext) {
    end = raw_end(tag_name(tag));
  }
  at_ = end;
  if (end < input_.size()) {
    Token ignored;
    read_tag(ignored, end + 2, Token::Kind::end);
  }
  return input_.substr(start, end - start);
}

void Tokenizer::skip_line_feed() {
  if (rest().starts_with("\r\n"))
    at_ += 2;
  else if (rest().starts_with("\n") || rest().starts_with("\r"))
    ++at_;
}

}  // namespace riverd::feeds::content
