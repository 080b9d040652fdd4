#include "feeds/read/people.h"

#include "feeds/content/html.h"
#include "feeds/content/text.h"
#include "feeds/read/links.h"
#include "feeds/read/markup.h"

namespace riverd::feeds::read {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t kMostAuthors = 100;
constexpr std::size_t kLongestName = 1000;  // bytes; an author is inherited by every entry

bool is_mail_character(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '+' ||
         c == '%' || c == '&' || c == '=' || static_cast<unsigned char>(c) >= 0x80;
}

/// The first thing in a text that is shaped like a mail address. A host without a dot counts only where the text has
/// brackets, as in "root@localhost (Root)": "L@ur3nt" is a name.
std::string_view find_mail(std::string_view text) {
  const bool bracketed = text.find_first_of("<(") != npos;
  for (std::size_t at = text.find('@'); at != npos; at = text.find('@', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && is_mail_character(text[begin - 1])) --begin;
    std::size_t end = at + 1;
    while (end < text.size() && is_mail_character(text[end])) ++end;
    while (end > at + 1 && text[end - 1] == '.') --end;
    const bool dotted = text.substr(at, end - at).find('.') != npos;
    if (begin < at && end > at + 1 && (dotted || bracketed)) return text.substr(begin, end - begin);
  }
  return {};
}

std::string without(std::string text, std::string_view part) {
  const std::size_t at = text.find(part);
  if (!part.empty() && at != npos) text.erase(at, part.size());
  return text;
}

/// What is left of a person when the mail address is gone: a name, perhaps in brackets or quotes.
std::string name_of(std::string rest) {
  if (rest.find_first_of("<([:;") != npos) {
    for (const std::string_view leftover : {"mailto:", "<>", "()", "[]", "&lt;&gt;"}) rest = without(std::move(rest), leftover);
  }
  std::string name = content::fold_space(rest);
  const auto enclosed = [&name](char open, char close) { return name.size() > 1 && name.front() == open && name.back() == close; };
  while (enclosed('(', ')') || enclosed('"', '"') || enclosed('[', ']')) name = content::fold_space(name.substr(1, name.size() - 2));
  while (!name.empty() && (name.back() == ',' || name.back() == '-' || name.back() == ';')) name = content::fold_space(name.substr(0, name.size() - 1));
  return name;
}

void set(std::optional<std::string>& field, std::string value) {
  if (!value.empty()) field = std::move(value);
}

bool is_empty(const Author& author) { return !author.name && !author.email && !author.url; }

/// One person, said twice: the same name or mail, or a mail alone beside a name alone is not enough.
bool same_person(const Author& a, const Author& b) {
  if (a.name && b.name) return *a.name == *b.name;
  if (a.email && b.email) return *a.email == *b.email;
  return !a.name && !b.name && !a.email && !b.email && a.url == b.url;
}

void fill(std::optional<std::string>& mine, std::optional<std::string>& theirs) {
  if (!mine) mine = std::move(theirs);
}

std::optional<std::string> read_url(Xml element, const Scope& outer) {
  std::string url = read_url_text(element, outer);
  if (url.empty()) return std::nullopt;
  return url;
}

}  // namespace

Author parse_person(std::string_view text) {
  std::string shown(trim(text));
  if (shown.size() > kLongestName) shown = content::valid_utf8(shown.substr(0, kLongestName));
  if (looks_like_markup(shown)) shown = content::plain_text(shown);
  else if (shown.find('&') != npos) shown = content::decode_entities(shown);
  const std::string mail(find_mail(shown));
  Author author;
  if (mail.empty()) {
    set(author.name, content::fold_space(shown));
    return author;
  }
  std::string name = name_of(without(shown, mail));
  if (name != mail) set(author.name, std::move(name));  // "mail (mail)"
  set(author.email, mail);
  return author;
}

Author read_person(Xml element, const Scope& outer) {
  Scope storage;
  const Scope& scope = enter(element, outer, storage);
  if (!element.has_child_elements()) return parse_person(element.text());
  Author author;
  for (const Xml child : element.children()) {
    switch (child.tag()) {
      case Tag::name: case Tag::title:
        if (!author.name) {
          Author person = parse_person(child.text());
          author.name = std::move(person.name);
          fill(author.email, person.email);
        }
        break;
      case Tag::email: set(author.email, parse_person(child.text()).email.value_or("")); break;
      case Tag::uri: case Tag::url: case Tag::homepage:
        if (!author.url) author.url = read_url(child, scope);
        break;
      default: break;
    }
  }
  return is_empty(author) ? parse_person(content::plain_text(inner_html(element, scope))) : author;
}

void add_author(std::vector<Author>& authors, Author author) {
  if (is_empty(author)) return;
  for (Author& known : authors) {
    if (!same_person(known, author)) continue;
    fill(known.name, author.name);
    fill(known.email, author.email);
    fill(known.url, author.url);
    return;
  }
  if (authors.size() < kMostAuthors) authors.push_back(std::move(author));
}

}  // namespace riverd::feeds::read
