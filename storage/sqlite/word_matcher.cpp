#include "storage/sqlite/word_matcher.h"

#include <algorithm>
#include <array>

#include "storage/fold.h"

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

/// The Han characters of a text, each as UTF-8.
std::vector<std::string> han_of(std::string_view text) {
  std::vector<std::string> characters;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = next_character(text);
    if (c >= 0x4e00 && c <= 0x9fff) characters.emplace_back(before.substr(0, before.size() - text.size()));
  }
  return characters;
}

bool has(std::string_view text, std::string_view character) { return text.find(character) != std::string_view::npos; }

}  // namespace

WordMatcher::WordMatcher(Database& db, const SearchQuery& query) {
  open(db);
  if (!usable()) return;
  for (const auto& term : query.terms) {
    phrases_.push_back({tokens_of(term.words), term.prefix, term.without});
    if (term.without) continue;
    for (auto& character : han_of(term.words)) {
      if (std::find(han_.begin(), han_.end(), character) == han_.end()) han_.push_back(std::move(character));
    }
  }
}

bool WordMatcher::may_match(const feeds::Post& post) const {
  if (han_.empty()) return true;
  std::string_view body;
  if (post.content_html) {
    body = *post.content_html;
  } else if (post.summary) {
    body = *post.summary;
  }
  if (has(body, "&#")) return true;  // a character may be written by its number
  return std::all_of(han_.begin(), han_.end(), [&](const std::string& character) {
    const auto in = [&character](const std::string& text) { return has(text, character); };
    return has(body, character) || in(post.title) || std::any_of(post.tags.begin(), post.tags.end(), in) ||
           std::any_of(post.authors.begin(), post.authors.end(), [&in](const auto& author) { return author.name && in(*author.name); });
  });
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
