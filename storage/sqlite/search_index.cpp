#include "storage/sqlite/search_index.h"

#include <xxhash.h>

#include <algorithm>
#include <tuple>

#include "storage/store.h"
#include "storage/words.h"

namespace riverd::storage {
namespace sqlite {
namespace {

constexpr const char* kAdd = "INSERT INTO search(rowid, words) VALUES (?, ?)";
constexpr const char* kMerge = "INSERT INTO search(search, rank) VALUES ('merge', ?)";
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

bool merge_step(Database& db) {
  const auto before = sqlite3_total_changes64(db.handle());
  Query(db, kMerge, kMergePages).run();
  // As FTS5 documents it: the statement itself counts as a change; more tell that it did something.
  return db.ok() && sqlite3_total_changes64(db.handle()) - before >= 2;
}

void SearchIndex::add(std::int64_t pos, std::string words) { changes_.push_back({pos, true, std::move(words)}); }

void SearchIndex::withdraw(std::int64_t pos, std::string words) { changes_.push_back({pos, false, std::move(words)}); }

void SearchIndex::flush() {
  std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.pos < b.pos; });
  for (const auto& change : changes_) Query(db_, change.added ? kAdd : kWithdraw, change.pos, Kept{change.words}).run();
  changes_.clear();
}

}  // namespace sqlite

void prepare(SourcePosts& posts) {
  posts.words.clear();
  posts.words.reserve(posts.document.posts.size());
  for (const auto& post : posts.document.posts) posts.words.push_back(sqlite::searchable_words(post));
}

}  // namespace riverd::storage
