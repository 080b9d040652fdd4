#pragma once
/// What people type into a search box, as an FTS5 expression. No input is an error.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace riverd::storage {

/// Two FTS5 expressions; every term in them is a quoted string of prepared words, so nothing of the input is syntax.
struct SearchQuery {
  /// The same by its parts, as both expressions are made of.
  struct Term {
    std::string words;     ///< prepared; never empty
    bool prefix = false;   ///< the last word may go on
    bool without = false;
  };
  std::vector<Term> terms;
  std::string wanted;    ///< all terms a post must have; empty: none was given
  std::string unwanted;  ///< any term a post must not have; empty: none was given
  bool nothing = false;  ///< terms were given, but nothing in them is a word: no post can match

  /// What FTS5 is slow at: whether a prefix is looked for, and whether a phrase is wanted.
  [[nodiscard]] bool has_prefix() const {
    return std::any_of(terms.begin(), terms.end(), [](const Term& term) { return term.prefix; });
  }
  [[nodiscard]] bool has_phrase() const {
    return std::any_of(terms.begin(), terms.end(), [](const Term& term) { return !term.without && term.words.find(' ') != std::string::npos; });
  }
};

/// Terms are and-ed. `word`, `"a phrase"`, `prefix*`, `"a phrase pre"*`, and `-` before any of these for without. A quote
/// that is not closed goes to the end. The first 64 terms count, and the first 4 KiB.
[[nodiscard]] SearchQuery parse_search(std::string_view q);

}  // namespace riverd::storage
