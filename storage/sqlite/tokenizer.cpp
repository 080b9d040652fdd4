#include "storage/sqlite/tokenizer.h"

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

Tokenizer::Tokenizer(Database& db) {
  fts5_api* api = api_of(db.handle());
  void* context = nullptr;
  Release release{};
  if (api == nullptr || api->xFindTokenizer(api, "unicode61", &context, &release.methods) != SQLITE_OK) return;
  std::array<const char*, 2> options = {"remove_diacritics", "2"};  // as in schema.cpp
  Fts5Tokenizer* tokenizer = nullptr;
  if (release.methods.xCreate(context, options.data(), static_cast<int>(options.size()), &tokenizer) != SQLITE_OK) return;
  tokenizer_ = std::unique_ptr<Fts5Tokenizer, Release>(tokenizer, release);
}

std::vector<std::string> Tokenizer::tokens_of(std::string_view words) const {
  std::vector<std::string> tokens;
  tokenizer_.get_deleter().methods.xTokenize(tokenizer_.get(), &tokens, FTS5_TOKENIZE_DOCUMENT, words.data(),
                                             static_cast<int>(words.size()), add_token);
  return tokens;
}

/// Prepared words of ASCII are tokens but for their case; the others are the tokenizer's.
const std::vector<std::string_view>& Tokenizer::take_apart(std::string& words) {
  tokens_.clear();
  folded_.clear();
  char* const end = words.data() + words.size();
  for (char* word = words.data(); word != end;) {
    bool ascii = true;
    char* at = word;
    for (; at != end && *at != ' '; ++at) {
      ascii = ascii && static_cast<unsigned char>(*at) < 0x80;
      if (*at >= 'A' && *at <= 'Z') *at = static_cast<char>(*at + 32);
    }
    const std::string_view text(word, static_cast<std::size_t>(at - word));
    word = at == end ? end : at + 1;
    if (ascii) {
      if (!text.empty()) tokens_.push_back(text);
      continue;
    }
    for (auto& token : tokens_of(text)) tokens_.emplace_back(folded_.emplace_back(std::move(token)));
  }
  return tokens_;
}

}  // namespace riverd::storage::sqlite
