#include "feeds/content/markdown_text.h"

#include <algorithm>

#include "feeds/content/byte_set.h"
#include "feeds/content/byte_vector.h"
#include "feeds/content/html.h"
#include "feeds/content/tokenizer.h"

namespace riverd::feeds::content {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr ByteSet kInTitle("\\`*_{}[]<>&#|~!$\"");
constexpr ByteSet kInValue("\\`*_[]<>&~\"");
constexpr ByteSet kInDestination(" \n\t\r\f\\<>&()`~");

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || is_html_letter(c);
}

bool is_punctuation(char c) {
  return c > ' ' && c < '\x7F' && !is_alphanumeric(c);
}

/// The next byte that may not stand for itself in text.
std::size_t find_escaped(std::string_view text, std::size_t from) {
  return find_where(text, from, [](auto c) {
    return (c == '\\') | (c == '`') | (c == '*') | (c == '[') | (c == ']') | (c == '<') | (c == '>') |
           (c == '~') | (c == '_') | (c == '&') | (c == '"');
  });
}

/// Whether the '&' that text starts with is read as a reference; text that ends in the middle of one may go on.
bool starts_reference(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && (is_alphanumeric(text[at]) || text[at] == '#' || text[at] == '_')) ++at;
  return at == text.size() || (at > 1 && text[at] == ';');
}

void append_number(std::string& out, char c) {
  out += "&#";
  out += std::to_string(static_cast<unsigned>(static_cast<unsigned char>(c)));
  out += ';';
}

void append_reference(std::string& out, char c) {
  switch (c) {
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '&':
      out += "&amp;";
      return;
    case '"':
      out += "&quot;";
      return;
    default:
      append_number(out, c);
  }
}

/// By its name, where it has one: at an address's end GFM leaves a named reference out of it, and takes others apart.
void append_named_reference(std::string& out, char c) {
  switch (c) {
    case '\\':
      out += "&bsol;";
      return;
    case '`':
      out += "&grave;";
      return;
    case '*':
      out += "&ast;";
      return;
    case '_':
      out += "&lowbar;";
      return;
    case '[':
      out += "&lbrack;";
      return;
    case ']':
      out += "&rbrack;";
      return;
    case '{':
      out += "&lbrace;";
      return;
    case '}':
      out += "&rbrace;";
      return;
    default:
      append_reference(out, c);
  }
}

/// Whether a mark of text stands for itself where it is.
bool stands_for_itself(std::string_view text, std::size_t at, const MarkdownPlace& place, bool address) {
  const char before = at > 0 ? text[at - 1] : ' ';
  const char after = at + 1 < text.size() ? text[at + 1] : ' ';
  switch (text[at]) {
    case '&':
      return !starts_reference(text.substr(at));
    case '_':
      return is_alphanumeric(before) && is_alphanumeric(after);
    case '~':  // as in https://example.org/~ada, where a renderer without such links does not copy it
      return address && !place.link && !place.heading && before == '/' && is_alphanumeric(after);
    case '"':
      return !place.heading;
    case '#':
    case '|':
    case '!':
    case '$':
      return address;
    default:
      return false;
  }
}

void append_mark(std::string& out, char c, const MarkdownPlace& place, bool address) {
  if (c == '<' || c == '>' || c == '&' || c == '"') {
    append_reference(out, c);
  } else if (address) {
    append_named_reference(out, c);
  } else if (c == '`' || (place.link && (c == '[' || c == ']'))) {
    append_number(out, c);  // a backtick is that of a code span to who pairs them before reading escapes
  } else {
    (out += '\\') += c;
  }
}

bool is_balanced(std::string_view url) {
  constexpr ByteSet kParentheses("()");
  if (kParentheses.find(url) == url.size()) return true;
  int open = 0;
  for (const char c : url) {
    if (c == '(') ++open;
    if (c == ')' && --open < 0) return false;
  }
  return open == 0;
}

/// Whether a code span between backticks is read as one, by renderers too that look for the end of what is around it first.
bool holds_in_backticks(std::string_view text, const CodeSurroundings& around) {
  if (around.address || text.find_first_of("<`") != kNone || text.find("](") != kNone) return false;
  if (around.cell && text.find('|') != kNone) return false;
  return !around.nested || text.find_first_of("~[]\\") == kNone;
}

/// Whether a renderer may find an address of the web or of mail in a text.
bool may_hold_address(std::string_view text) {
  for (const std::string_view part : {"//", "@", "w.", "W."})
    if (text.find(part) != kNone) return true;
  return false;
}

/// Text with its marks escaped; `find` says where the next one is.
template <class Find>
void append_marked(std::string& out, std::string_view text, Find find, const MarkdownPlace& place,
                   AddressWatch& watch) {
  std::size_t done = 0;
  std::size_t watched = 0;
  for (std::size_t i = find(text, 0); i < text.size(); i = find(text, i + 1)) {
    watch.read(text.substr(watched, i - watched));
    watched = i;
    if (stands_for_itself(text, i, place, watch.inside())) continue;
    out.append(text, done, i - done);
    append_mark(out, text[i], place, watch.inside());
    done = i + 1;
  }
  watch.read(text.substr(watched));
  out.append(text, done);
}

}  // namespace

void AddressWatch::end_word() {
  inside_ = false;
  last_ = ' ';
}

void AddressWatch::read(std::string_view text) {
  const std::size_t space = text.find_last_of(" \n");
  if (space != kNone) {
    end_word();
    text.remove_prefix(space + 1);
  }
  if (inside_) return;
  for (const char c : text) {
    if ((c == '/' && last_ == '/') || (c == '.' && (last_ == 'w' || last_ == 'W'))) {  // https:// or www.
      inside_ = true;
      return;
    }
    last_ = c;
  }
}

void append_markdown_text(std::string& out, std::string_view text, const MarkdownPlace& place,
                          AddressWatch& watch) {
  append_marked(out, text, find_escaped, place, watch);
}

void append_markdown_value(std::string& out, std::string_view text) {
  std::size_t done = 0;
  for (std::size_t i = kInValue.find(text); i < text.size(); i = kInValue.find(text, i + 1)) {
    out.append(text, done, i - done);
    append_reference(out, text[i]);
    done = i + 1;
  }
  out.append(text, done);
}

/// RFC 3986 left nothing in it that needs care but parentheses and what looks like a reference; but not every text is an address.
void append_markdown_destination(std::string& out, std::string_view url) {
  const bool balanced = is_balanced(url);
  std::size_t done = 0;
  for (std::size_t i = kInDestination.find(url); i < url.size(); i = kInDestination.find(url, i + 1)) {
    const char c = url[i];
    const bool parenthesis = c == '(' || c == ')';
    if (parenthesis && balanced) continue;
    if (c == '&' && !starts_reference(url.substr(i))) continue;
    // Two of them end what is struck out, to who looks for that end first.
    if (c == '~' && !url.substr(i + 1).starts_with('~') && !url.substr(0, i).ends_with('~')) continue;
    out.append(url, done, i - done);
    if (parenthesis) {
      (out += '\\') += c;
    } else if (c > ' ') {
      append_reference(out, c);
    }
    done = i + 1;
  }
  out.append(url, done);
}

void append_markdown_code(std::string& out, std::string_view text, const CodeSurroundings& around) {
  if (holds_in_backticks(text, around)) {
    const bool pad = text.starts_with(' ') && text.ends_with(' ');
    out += pad ? "` " : "`";
    out += text;
    out += pad ? " `" : "`";
    return;
  }
  out += "<code>";
  for (const char c : text) {
    if (is_punctuation(c) && std::string_view("(),;=+-/%").find(c) == kNone) {
      append_number(out, c);
    } else {
      out += c;
    }
  }
  out += "</code>";
}

std::string markdown_heading(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  AddressWatch watch;
  const MarkdownPlace place{.heading = may_hold_address(text)};
  const auto find = [](std::string_view in, std::size_t from) { return kInTitle.find(in, from); };
  append_marked(out, text, find, place, watch);
  return out;
}

}  // namespace riverd::feeds::content
