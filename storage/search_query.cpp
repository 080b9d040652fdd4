#include "storage/search_query.h"

#include "storage/fold.h"
#include "storage/words.h"

namespace riverd::storage {
namespace {

constexpr std::size_t kMaxTerms = 64;
constexpr std::size_t kMaxBytes = 4096;

bool is_space(char c) { return c == ' ' || (c >= '\0' && c < ' ') || c == '\x7f'; }

/// U+3000 is the space of East Asian keyboards.
bool skip_space(std::string_view& rest) {
  if (rest.empty()) return false;
  if (is_space(rest.front())) {
    rest.remove_prefix(1);
    return true;
  }
  if (!rest.starts_with("\u3000")) return false;
  rest.remove_prefix(3);
  return true;
}

struct Term {
  std::string_view text;
  bool without = false;
  bool prefix = false;
};

std::string_view take(std::string_view& rest, std::size_t count) {
  const std::string_view taken = rest.substr(0, count);
  rest.remove_prefix(taken.size());
  return taken;
}

Term take_term(std::string_view& rest) {
  Term term;
  if (rest.size() > 1 && rest.front() == '-' && !is_space(rest[1])) {
    term.without = true;
    rest.remove_prefix(1);
  }
  if (rest.front() == '"') {
    rest.remove_prefix(1);
    term.text = take(rest, rest.find('"'));
    if (!rest.empty()) rest.remove_prefix(1);
    if (rest.starts_with('*')) {
      term.prefix = true;
      rest.remove_prefix(1);
    }
    return term;
  }
  std::size_t end = 0;
  while (end < rest.size() && !is_space(rest[end]) && rest[end] != '"' && !rest.substr(end).starts_with("\u3000")) ++end;
  term.text = take(rest, end);
  if (term.text.ends_with('*')) {
    term.prefix = true;
    term.text.remove_suffix(1);
  }
  return term;
}

void append(std::string& expression, const char* between, const PreparedTerm& prepared, bool prefix) {
  if (!expression.empty()) expression += between;
  expression += '"' + prepared.words + '"';  // prepared words hold no quote
  if (prefix) expression += " *";
}

}  // namespace

SearchQuery parse_search(std::string_view q) {
  SearchQuery query;
  std::string_view rest = cut_utf8(q, kMaxBytes);
  bool wordless = false;
  for (std::size_t terms = 0; terms < kMaxTerms; ++terms) {
    while (skip_space(rest)) {}
    if (rest.empty()) break;
    const Term term = take_term(rest);
    const PreparedTerm prepared = prepare_term(term.text);
    if (prepared.words.empty()) {
      wordless = wordless || !term.without;
      continue;
    }
    const bool prefix = term.prefix || prepared.open_ended;
    query.terms.push_back({prepared.words, prefix, term.without});
    term.without ? append(query.unwanted, " OR ", prepared, prefix) : append(query.wanted, " AND ", prepared, prefix);
  }
  query.nothing = wordless && query.wanted.empty();
  return query;
}

}  // namespace riverd::storage
