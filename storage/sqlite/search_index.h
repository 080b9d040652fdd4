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

/// Does what can wait until nothing else does, a small step at a time; true where there is more. Inside a transaction.
///
/// Lists that commits left apart are joined, so that a search goes through fewer. In the end there is one a level, and levels double
/// in size: all is written once more for each time that the index doubles. Before that index_pairs().
[[nodiscard]] bool tidy_search_index(Database& db);

class SearchIndex {
 public:
  explicit SearchIndex(Database& db) : db_(db) {}

  /// Where a post stands in the river, and its number for good.
  struct Place {
    std::int64_t pos;
    std::int64_t number;
  };

  /// Both take effect at flush(). FTS5 writes its buffer out whenever a rowid is smaller than the one before, so they
  /// are sorted first; that alone makes indexing several times faster than row by row.
  void add(Place place, std::string words);
  void withdraw(Place place, std::string words);
  void flush();

 private:
  struct Change {
    Place place;
    bool added;  ///< withdrawals of a place come first
    std::string words;
  };

  void flush_pairs();

  Database& db_;
  std::vector<Change> changes_;
};

}  // namespace riverd::storage::sqlite
