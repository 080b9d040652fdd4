#pragma once
/// Whether one post's words fit a search, told from the words themselves: the same answer as the search index gives, without
/// asking it. A prefix makes FTS5 collect every post with any word of it before it names the first one; for a post or a few
/// hundred, looking is far cheaper.

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/post.h"
#include "storage/search_query.h"
#include "storage/sqlite/database.h"

namespace riverd::storage::sqlite {

class WordMatcher {
 public:
  /// Takes FTS5's own tokenizer from the connection, as the index has it.
  WordMatcher(Database& db, const SearchQuery& query);

  /// False where the tokenizer is not to be had: then the index has to be asked.
  [[nodiscard]] bool usable() const { return tokenizer_ != nullptr; }

  /// Whether a post may match at all, told from its raw text. False is sure: Han is neither folded nor joined with what
  /// stands beside it, so a post that matches has each character that is searched for. Most posts are told so for a tenth of
  /// what their words cost.
  [[nodiscard]] bool may_match(const feeds::Post& post) const;

  ///   words   prepared, as they were indexed: searchable_words()
  [[nodiscard]] bool matches(std::string_view words) const;

 private:
  using Tokens = std::vector<std::string>;
  struct Phrase {
    Tokens tokens;  ///< none: what was typed holds no word for FTS5, and such a phrase is nowhere
    bool prefix = false;
    bool without = false;
  };
  struct Release {
    fts5_tokenizer methods;
    void operator()(Fts5Tokenizer* tokenizer) const { methods.xDelete(tokenizer); }
  };

  void open(Database& db);
  [[nodiscard]] Tokens tokens_of(std::string_view words) const;
  static bool is_at(const Phrase& phrase, const Tokens& tokens, std::size_t at);
  static bool is_in(const Phrase& phrase, const Tokens& tokens);

  std::unique_ptr<Fts5Tokenizer, Release> tokenizer_{nullptr, Release{}};
  std::vector<Phrase> phrases_;
  Tokens han_;  ///< characters that a post must have somewhere
};

}  // namespace riverd::storage::sqlite
