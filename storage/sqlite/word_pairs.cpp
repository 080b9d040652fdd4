#include "storage/sqlite/word_pairs.h"

#include <algorithm>

#include "storage/sqlite/batch.h"
#include "storage/sqlite/post_rows.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kAdd = "INSERT INTO pairs(rowid, words) VALUES (?, ?)";
constexpr const char* kWithdraw = "INSERT INTO pairs(pairs, rowid, words) VALUES ('delete', ?, ?)";
constexpr const char* kBefore = "SELECT number, " RIVERD_WORD_COLUMNS " FROM post WHERE number <= ? ORDER BY number DESC LIMIT ?";
constexpr const char* kSetUnpaired = "UPDATE counter SET value = ? WHERE name = 'unpaired'";

constexpr std::int64_t kStep = 200;      // posts of before that are indexed at once: some milliseconds
constexpr std::size_t kStepBytes = 2U << 20U;  // of their words; long posts make a shorter step
constexpr std::size_t kMaxLetters = 3;   // as the commonest words of most languages have; with four the index is three times as large
constexpr char kBetween = '_';           // in no prepared word, and part of a token of this index

/// Whether a word is short, and of a script with short words: not of those that are cut into pairs of characters anyway.
bool is_short(std::string_view token) {
  if (token.size() > 2 * kMaxLetters) return false;
  std::size_t letters = 0;
  for (const char c : token) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0xe0) return false;  // U+0800 and beyond
    if ((byte & 0xc0U) != 0x80) ++letters;
  }
  return letters <= kMaxLetters;
}

void append_pair(std::string& out, std::string_view first, std::string_view second) {
  out.append(first).append(1, kBetween).append(second);
}

}  // namespace

std::string pairs_of(const std::vector<std::string_view>& tokens) {
  std::string pairs;
  bool before = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool now = is_short(tokens[i]);
    if (before && now) {
      append_pair(pairs, tokens[i - 1], tokens[i]);
      pairs += ' ';
    }
    before = now;
  }
  return pairs;
}

void append_pairs(std::string& expression, const std::vector<std::string_view>& phrase) {
  for (std::size_t i = 1; i < phrase.size(); ++i) {
    if (!is_short(phrase[i - 1]) || !is_short(phrase[i])) continue;
    if (!expression.empty()) expression += " AND ";
    expression += '"';
    append_pair(expression, phrase[i - 1], phrase[i]);
    expression += '"';
  }
}

std::int64_t last_unpaired(Database& db) { return read_counter(db, "unpaired"); }

bool index_pairs(Database& db) {
  const std::int64_t last = last_unpaired(db);
  if (last == 0) return false;
  Tokenizer tokenizer(db);
  if (!tokenizer.usable()) return false;
  WordsReader reader(db);
  PairIndex index(db);
  std::int64_t left = 0;  // where no post is left
  {
    Query rows(db, kBefore, last, kStep);
    std::string words;
    for (std::size_t bytes = 0; bytes < kStepBytes && rows.step(); bytes += words.size()) {
      const std::int64_t number = rows.integer(0);
      words.clear();
      append_searchable_words(words, reader.look_at(rows, 1));
      index.add(number, pairs_of(tokenizer.take_apart(words)));
      left = number - 1;
    }
  }
  index.flush();
  Query(db, kSetUnpaired, left).run();
  return left != 0;
}

void PairIndex::flush() {
  // FTS5 writes its buffer out whenever a rowid is smaller than the one before.
  std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.number < b.number; });
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = changes_[i];
    const bool undone = !change.added && i + 1 < changes_.size() && changes_[i + 1].number == change.number &&
                        changes_[i + 1].added && changes_[i + 1].pairs == change.pairs;
    if (undone) {
      ++i;
    } else if (!change.pairs.empty()) {
      Query(db_, change.added ? kAdd : kWithdraw, change.number, Kept{change.pairs}).run();
    }
  }
  changes_.clear();
}

}  // namespace riverd::storage::sqlite
