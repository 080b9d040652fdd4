#pragma once
/// Short words that stand side by side, indexed as one.
///
/// FTS5 finds a phrase by going through the lists of its words, and those of the shortest words are as long as the river:
/// "to be or not to be" is in no post, and tells so only after all were looked at. Their neighbourhoods are rare. So each pair
/// of short words is kept as well, by the post's number and without positions, which takes a byte or two; a phrase is then
/// among the few posts that have all its pairs, and these are read.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/sqlite/database.h"
#include "storage/sqlite/tokenizer.h"

namespace riverd::storage::sqlite {

/// The pairs of a text, a space after each, repeats and all. Tokens are Tokenizer's.
[[nodiscard]] std::string pairs_of(const std::vector<std::string_view>& tokens);

/// Appends to an FTS5 expression that every post with the phrase fulfils. Leaves it as it is where no two neighbours are short.
void append_pairs(std::string& expression, const std::vector<std::string_view>& phrase);

/// Posts up to this number have no pairs in the index yet: those of a store of before there were any, until index_pairs() is
/// done. 0: every post has them.
[[nodiscard]] std::int64_t last_unpaired(Database& db);

/// Indexes the pairs of some posts of before; true where there are more.
[[nodiscard]] bool index_pairs(Database& db);

/// The pairs of posts that a transaction changes.
class PairIndex {
 public:
  explicit PairIndex(Database& db) : db_(db) {}

  /// Both take effect at flush(), in the order they came in.
  void add(std::int64_t number, std::string pairs) { changes_.push_back({number, true, std::move(pairs)}); }
  void withdraw(std::int64_t number, std::string pairs) { changes_.push_back({number, false, std::move(pairs)}); }
  void flush();

 private:
  struct Change {
    std::int64_t number;
    bool added;
    std::string pairs;
  };

  Database& db_;
  std::vector<Change> changes_;
};

}  // namespace riverd::storage::sqlite
