#include "storage/sqlite/word_matcher.h"

#include <algorithm>
#include <array>

namespace riverd::storage::sqlite {
namespace {

/// FTS5's interface to its tokenizers (SQLite, "Extending FTS5").
fts5_api* api_of(sqlite3* db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

int add_token(void* into, int flags, const char* token, int length, int, int) noexcept {
  if ((flags & FTS5_TOKEN_COLOCATED) != 0) return SQLITE_OK;
  try {
    static_cast<std::vector<std::string>*>(into)->emplace_back(token, static_cast<std::size_t>(length));
    return SQLITE_OK;
  } catch (...) {
    return SQLITE_NOMEM;
  }
}

}  // namespace

WordMatcher::WordMatcher(Database& db, const SearchQuery& query) {
  open(db);
  if (!usable()) return;
  for (const auto& term : query.terms) phrases_.push_back({tokens_of(term.words), term.prefix, term.without});
}

void WordMatcher::open(Database& db) {
  fts5_api* api = api_of(db.handle());
  void* context = nullptr;
  Release release{};
  if (api == nullptr || api->xFindTokenizer(api, "unicode61", &context, &release.methods) != SQLITE_OK) return;
  std::array<const char*, 2> options = {"remove_diacritics", "2"};  // as in schema.cpp
  Fts5Tokenizer* tokenizer = nullptr;
  if (release.methods.xCreate(context, options.data(), static_cast<int>(options.size()), &tokenizer) != SQLITE_OK) return;
  tokenizer_ = std::unique_ptr<Fts5Tokenizer, Release>(tokenizer, release);
}

WordMatcher::Tokens WordMatcher::tokens_of(std::string_view words) const {
  Tokens tokens;
  tokenizer_.get_deleter().methods.xTokenize(tokenizer_.get(), &tokens, FTS5_TOKENIZE_DOCUMENT, words.data(),
                                             static_cast<int>(words.size()), add_token);
  return tokens;
}

bool WordMatcher::is_at(const Phrase& phrase, const Tokens& tokens, std::size_t at) {
  const std::size_t last = phrase.tokens.size() - 1;
  for (std::size_t i = 0; i < last; ++i)
    if (tokens[at + i] != phrase.tokens[i]) return false;
  return phrase.prefix ? tokens[at + last].starts_with(phrase.tokens[last]) : tokens[at + last] == phrase.tokens[last];
}

bool WordMatcher::is_in(const Phrase& phrase, const Tokens& tokens) {
  if (phrase.tokens.empty()) return false;
  for (std::size_t at = 0; at + phrase.tokens.size() <= tokens.size(); ++at)
    if (is_at(phrase, tokens, at)) return true;
  return false;
}

bool WordMatcher::matches(std::string_view words) const {
  const Tokens tokens = tokens_of(words);
  return std::all_of(phrases_.begin(), phrases_.end(),
                     [&tokens](const Phrase& phrase) { return is_in(phrase, tokens) != phrase.without; });
}

}  // namespace riverd::storage::sqlite
