#include "storage/sqlite/search_index.h"

#include <xxhash.h>

#include <algorithm>
#include <tuple>

#include "storage/sqlite/word_pairs.h"
#include "storage/store.h"
#include "storage/words.h"

namespace riverd::storage {
namespace sqlite {
namespace {

constexpr const char* kAdd = "INSERT INTO search(rowid, words) VALUES (?, ?)";
constexpr const char* kMerge = "INSERT INTO search(search, rank) VALUES ('merge', ?)";
constexpr const char* kMergePairs = "INSERT INTO pairs(pairs, rank) VALUES ('merge', ?)";
constexpr std::int64_t kMergePages = 128;  // written in a step, of 4 KiB: some milliseconds, and one sync
constexpr const char* kWithdraw = "INSERT INTO search(search, rowid, words) VALUES ('delete', ?, ?)";

}  // namespace

void append_searchable_words(std::string& out, const SearchedText& post) {
  append_words(out, post.title);
  for (const auto tag : post.tags) append_words(out, tag);
  for (const auto author : post.authors) append_words(out, author);
  post.is_html ? append_words_of_html(out, post.body) : append_words(out, post.body);
}

std::string searchable_words(const feeds::Post& post) {
  SearchedText text;
  text.title = post.title;
  text.tags.assign(post.tags.begin(), post.tags.end());
  for (const auto& author : post.authors) {
    if (author.name) text.authors.push_back(*author.name);
  }
  text.is_html = post.content_html.has_value();
  if (const auto& body = text.is_html ? post.content_html : post.summary) text.body = *body;
  std::string words;
  words.reserve(64 + text.title.size() + text.body.size());
  append_searchable_words(words, text);
  return words;
}

std::int64_t digest_of_words(const std::string& words) {
  return static_cast<std::int64_t>(XXH3_64bits(words.data(), words.size()));
}

bool tidy_search_index(Database& db) {
  if (index_pairs(db)) return true;
  const auto merge = [&db](const char* sql) {
    const auto before = sqlite3_total_changes64(db.handle());
    Query(db, sql, kMergePages).run();
    // As FTS5 documents it: the statement itself counts as a change; more tell that it did something.
    return db.ok() && sqlite3_total_changes64(db.handle()) - before >= 2;
  };
  return merge(kMerge) || merge(kMergePairs);
}

void SearchIndex::add(Place place, std::string words) { changes_.push_back({place, true, std::move(words)}); }

void SearchIndex::withdraw(Place place, std::string words) { changes_.push_back({place, false, std::move(words)}); }

void SearchIndex::flush() {
  if (changes_.empty()) return;
  flush_pairs();
  std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.place.pos < b.place.pos; });
  for (const auto& change : changes_) Query(db_, change.added ? kAdd : kWithdraw, change.place.pos, Kept{change.words}).run();
  changes_.clear();
}

/// Folds the words where they stand, which FTS5 would do as well. Posts that index_pairs() has yet to come to are left to it:
/// FTS5 counts what is withdrawn, and calls a table malformed that has less than nothing.
void SearchIndex::flush_pairs() {
  Tokenizer tokenizer(db_);
  if (!tokenizer.usable()) return db_.fail(Error(Errc::internal, "SQLite has no tokenizer unicode61"));
  const std::int64_t unpaired = last_unpaired(db_);
  PairIndex pairs(db_);
  for (auto& change : changes_) {
    if (change.place.number <= unpaired) continue;
    auto words = pairs_of(tokenizer.take_apart(change.words));
    change.added ? pairs.add(change.place.number, std::move(words)) : pairs.withdraw(change.place.number, std::move(words));
  }
  pairs.flush();
}

}  // namespace sqlite

void prepare(SourcePosts& posts) {
  posts.words.clear();
  posts.words.reserve(posts.document.posts.size());
  for (const auto& post : posts.document.posts) posts.words.push_back(sqlite::searchable_words(post));
}

}  // namespace riverd::storage
