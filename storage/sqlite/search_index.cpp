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
constexpr const char* kWithdraw = "INSERT INTO search(search, rowid, words) VALUES ('delete', ?, ?)";

}  // namespace

std::string searchable_words(const feeds::Post& post) {
  std::string words;
  words.reserve(64 + post.title.size() + (post.content_html ? post.content_html->size() : post.summary ? post.summary->size() : 0));
  append_words(words, post.title);
  for (const auto& tag : post.tags) append_words(words, tag);
  for (const auto& author : post.authors) {
    if (author.name) append_words(words, *author.name);
  }
  if (post.content_html) {
    append_words_of_html(words, *post.content_html);
  } else if (post.summary) {
    append_words(words, *post.summary);
  }
  return words;
}

std::int64_t digest_of_words(const std::string& words) {
  return static_cast<std::int64_t>(XXH3_64bits(words.data(), words.size()));
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
