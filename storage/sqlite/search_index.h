#pragma once
/// The full-text index, written once a transaction in the order it likes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/post.h"
#include "storage/sqlite/database.h"

namespace riverd::storage::sqlite {

/// What is searched of a post, as it stands in its row.
struct SearchedText {
  std::string_view title;
  std::vector<std::string_view> tags;
  std::vector<std::string_view> authors;  ///< their names
  std::string_view body;
  bool is_html = false;                   ///< what `body` is: content, or a summary in its place
};

/// All the words of a post, prepared: title, tags, authors, then the text of its content (its summary where it has none).
void append_searchable_words(std::string& out, const SearchedText& post);
[[nodiscard]] std::string searchable_words(const feeds::Post& post);

/// A digest of prepared words, kept with the post. Words can be withdrawn from a contentless index only by naming them
/// again: where a newer version of the program prepares them otherwise, the digest tells, and they are left (a search
/// checks every hit against the posts).
[[nodiscard]] std::int64_t digest_of_words(const std::string& words);

/// Joins lists that commits left apart, so that a search goes through fewer: a small step at a time, in the transaction that
/// is open or its own. True where there is more to do. A word's posts stand in at most one list a level afterwards, and levels
/// double in size, so what is written over a lifetime stays within a few times what was indexed.
[[nodiscard]] bool merge_step(Database& db);

class SearchIndex {
 public:
  explicit SearchIndex(Database& db) : db_(db) {}

  /// Both take effect at flush(). FTS5 writes its buffer out whenever a rowid is smaller than the one before, so they
  /// are sorted first; that alone makes indexing several times faster than row by row.
  void add(std::int64_t pos, std::string words);
  void withdraw(std::int64_t pos, std::string words);
  void flush();

 private:
  struct Change {
    std::int64_t pos;
    bool added;  ///< withdrawals of a place come first
    std::string words;
  };

  Database& db_;
  std::vector<Change> changes_;
};

}  // namespace riverd::storage::sqlite
