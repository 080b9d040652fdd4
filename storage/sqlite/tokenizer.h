#pragma once
/// FTS5's own tokenizer, as the search index has it (schema.cpp): for who must tell words without asking the index.

#include <sqlite3.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/sqlite/database.h"

namespace riverd::storage::sqlite {

class Tokenizer {
 public:
  explicit Tokenizer(Database& db);

  /// False where it is not to be had; then nothing else may be called.
  [[nodiscard]] bool usable() const { return tokenizer_ != nullptr; }

  /// The tokens of prepared words.
  [[nodiscard]] std::vector<std::string> tokens_of(std::string_view words) const;

  /// The same, by far quicker for ASCII: most tokens are parts of `words`, which are folded where they are. They stand until
  /// the next call, or until `words` change.
  const std::vector<std::string_view>& take_apart(std::string& words);

 private:
  struct Release {
    fts5_tokenizer methods;
    void operator()(Fts5Tokenizer* tokenizer) const { methods.xDelete(tokenizer); }
  };

  std::unique_ptr<Fts5Tokenizer, Release> tokenizer_{nullptr, Release{}};
  std::vector<std::string_view> tokens_;
  std::deque<std::string> folded_;  ///< tokens that are not in the words as they are
};

}  // namespace riverd::storage::sqlite
