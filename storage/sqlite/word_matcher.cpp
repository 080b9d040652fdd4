#include "storage/sqlite/word_matcher.h"

#include <algorithm>
#include <cstring>

#include "feeds/content/utf8.h"
#include "storage/fold.h"
#include "storage/sqlite/word_pairs.h"
#include "storage/words.h"

namespace riverd::storage::sqlite {
namespace {

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

bool is_plain_letter(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); }

// Eight bytes at once.
constexpr std::uint64_t kEach = 0x0101010101010101;
constexpr std::uint64_t kHigh = 0x80 * kEach;

/// ASCII in lower case. The high bit of a byte tells after each sum whether it is at least 'A', and beyond 'Z'.
void to_lower(std::string& ascii) {
  std::size_t i = 0;
  for (; i + 8 <= ascii.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, ascii.data() + i, 8);
    const std::uint64_t upper = (word + (0x80 - 'A') * kEach) & ~(word + (0x7f - 'Z') * kEach) & kHigh;
    word |= upper >> 2U;
    std::memcpy(ascii.data() + i, &word, 8);
  }
  for (; i < ascii.size(); ++i) {
    if (ascii[i] >= 'A' && ascii[i] <= 'Z') ascii[i] = static_cast<char>(ascii[i] + 32);
  }
}

/// Whether a text is ASCII; the spaces, dashes and quotes of General Punctuation are made ASCII spaces, which part words as well.
bool has_only_ascii(std::string& text) {
  if (feeds::content::is_ascii(text)) return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x80) continue;
    const std::string_view here = std::string_view(text).substr(i, 3);
    if (here.size() < 3 || !here.starts_with("\xe2\x80")) return false;
    const auto last = static_cast<unsigned char>(here[2]);
    if (last < 0x90 || last > 0xa7) return false;  // among the others are some that join
    text.replace(i, 3, "   ");
    i += 2;
  }
  return true;
}

bool has(std::string_view text, std::string_view character) { return text.find(character) != std::string_view::npos; }

}  // namespace

WordMatcher::WordMatcher(Database& db, const SearchQuery& query) : tokenizer_(db) {
  if (!usable()) return;
  for (const auto& term : query.terms) {
    phrases_.push_back({tokenizer_.tokens_of(term.words), term.prefix, term.without, {}});
    phrases_.back().posts.resize(phrases_.back().tokens.size());
    for (const auto& token : phrases_.back().tokens) short_ = short_ && token.size() < kMaxWord;
    if (term.without) continue;
    for (auto& character : han_of(term.words)) {
      if (std::find(han_.begin(), han_.end(), character) == han_.end()) han_.push_back(std::move(character));
    }
  }
}

/// Whether a post may match at all, told from its raw text. False is sure: Han is neither folded nor joined with what
/// stands beside it, so a post that matches has each character that is searched for. Most posts are told so for a tenth of
/// what their words cost.
bool WordMatcher::may_match(const SearchedText& post) const {
  if (han_.empty()) return true;
  if (has(post.body, "&#")) return true;  // a character may be written by its number
  return std::all_of(han_.begin(), han_.end(), [&](const std::string& character) {
    const auto in = [&character](std::string_view text) { return has(text, character); };
    return in(post.body) || in(post.title) || std::any_of(post.tags.begin(), post.tags.end(), in) ||
           std::any_of(post.authors.begin(), post.authors.end(), in);
  });
}

bool WordMatcher::is_at(const Phrase& phrase, std::size_t at) const {
  const std::size_t last = phrase.tokens.size() - 1;
  for (std::size_t i = 0; i < last; ++i)
    if ((*tokens_)[at + i] != phrase.tokens[i]) return false;
  return phrase.prefix ? (*tokens_)[at + last].starts_with(phrase.tokens[last]) : (*tokens_)[at + last] == phrase.tokens[last];
}

void WordMatcher::count_words(bool plain) {
  for (auto& phrase : phrases_) {
    for (std::size_t i = 0; i < phrase.tokens.size(); ++i) {
      const std::string_view word = phrase.tokens[i];
      const bool open = phrase.prefix && i + 1 == phrase.tokens.size();
      const auto fits = [&](std::string_view token) { return open ? token.starts_with(word) : token == word; };
      const bool has = plain ? find_word(word, open, 0) != std::string::npos : std::any_of(tokens_->begin(), tokens_->end(), fits);
      if (has) ++phrase.posts[i];
    }
  }
}

/// Makes plain_ of the post, in lower case, where all that the preparer and the tokenizer do to it comes to this: its words are
/// its runs of ASCII letters and digits. So it is of nearly all posts in English, and a word is found in it without taking
/// it apart, which costs far more. False where it is otherwise.
bool WordMatcher::make_plain(const SearchedText& post) {
  if (!short_ || post.body.size() >= kMaxWords) return false;
  plain_.clear();
  const auto add = [this](std::string_view text) { plain_.append(text) += ' '; };
  add(post.title);
  for (const auto tag : post.tags) add(tag);
  for (const auto author : post.authors) add(author);
  post.is_html ? append_text_of_html(plain_, post.body) : add(post.body);
  if (plain_.size() >= kMaxWords || !has_only_ascii(plain_)) return false;
  to_lower(plain_);
  return true;
}

/// Where a word next stands, or begins where it is a prefix.
std::size_t WordMatcher::find_word(std::string_view word, bool prefix, std::size_t from) const {
  while (from + word.size() <= plain_.size()) {
    const void* found = memmem(plain_.data() + from, plain_.size() - from, word.data(), word.size());
    if (found == nullptr) break;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - plain_.data());
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_plain_letter(plain_[at - 1])) && (prefix || end == plain_.size() || !is_plain_letter(plain_[end]))) return at;
    from = at + 1;
  }
  return std::string::npos;
}

bool WordMatcher::is_plain_at(const Phrase& phrase, std::size_t at) const {
  const std::string_view text = plain_;
  for (std::size_t i = 0; i < phrase.tokens.size(); ++i) {
    while (at < text.size() && !is_plain_letter(text[at])) ++at;
    if (!text.substr(at).starts_with(phrase.tokens[i])) return false;
    at += phrase.tokens[i].size();
    const bool open = phrase.prefix && i + 1 == phrase.tokens.size();
    if (!open && at < text.size() && is_plain_letter(text[at])) return false;
  }
  return true;
}

bool WordMatcher::is_in_plain(const Phrase& phrase) const {
  const std::size_t words = phrase.tokens.size();
  if (words == 0) return false;
  // Most posts lack one of the words, and most often the last of those that a phrase has.
  for (std::size_t i = words; i-- > 1;) {
    if (find_word(phrase.tokens[i], phrase.prefix && i + 1 == words, 0) == std::string::npos) return false;
  }
  const std::string& first = phrase.tokens.front();
  const bool open = phrase.prefix && words == 1;
  for (std::size_t at = find_word(first, open, 0); at != std::string::npos; at = find_word(first, open, at + 1)) {
    if (is_plain_at(phrase, at)) return true;
  }
  return false;
}

/// The words of a phrase, but for a prefix at its end.
std::vector<std::string_view> WordMatcher::whole_words(const Phrase& phrase) {
  std::vector<std::string_view> words(phrase.tokens.begin(), phrase.tokens.end());
  if (phrase.prefix && !words.empty()) words.pop_back();
  return words;
}

/// By tokens, not by what was typed: a sign that is no word for FTS5 may stand where a word is looked for.
std::string WordMatcher::without_prefixes() const {
  std::string expression;
  for (const auto& phrase : phrases_) {
    const auto words = whole_words(phrase);
    if (phrase.without || words.empty()) continue;
    if (!expression.empty()) expression += " AND ";
    expression += '"';
    for (const auto word : words) expression.append(word) += ' ';  // tokens hold no quote
    expression.back() = '"';
  }
  return expression;
}

std::string WordMatcher::pairs() const {
  std::string expression;
  for (const auto& phrase : phrases_) {
    if (!phrase.without) append_pairs(expression, whole_words(phrase));
  }
  return expression;
}

/// In what part of the sample a word is.
double WordMatcher::share(std::uint64_t posts) const {
  return static_cast<double>(posts + 1) / static_cast<double>(looked_at_ + 1);
}

WordMatcher::Rarest WordMatcher::rarest() const {
  Rarest least;
  for (const auto& phrase : phrases_) {
    if (phrase.without) continue;
    const std::size_t whole = phrase.posts.size() - (phrase.prefix && !phrase.posts.empty() ? 1 : 0);
    for (std::size_t i = 0; i < whole; ++i) {
      const double part = share(phrase.posts[i]);
      if (least.word.empty() || part < least.share) least = {phrase.tokens[i], part};
    }
  }
  return least;
}

double WordMatcher::index_cost() const {
  const double least = rarest().share;
  double cost = 0;
  for (const auto& phrase : phrases_) {
    for (std::size_t i = 0; i < phrase.posts.size(); ++i) {
      const bool open = phrase.prefix && i + 1 == phrase.posts.size();
      cost += open ? kPrefixCost * share(phrase.posts[i]) : std::min(share(phrase.posts[i]), kLeapCost * least);
    }
  }
  return cost;
}

double WordMatcher::prefix_share() const {
  double sum = 0;
  for (const auto& phrase : phrases_) {
    if (phrase.prefix && !phrase.posts.empty()) sum += share(phrase.posts.back());
  }
  return sum;
}

double WordMatcher::most_likely() const {
  double part = 1;
  for (const auto& phrase : phrases_) {
    if (phrase.without) {
      if (phrase.posts.size() == 1) part *= std::max(0.0, 1 - share(phrase.posts.front()));
    } else {
      for (const auto posts : phrase.posts) part *= share(posts);
    }
  }
  return part;
}

bool WordMatcher::is_in(const Phrase& phrase) const {
  if (phrase.tokens.empty()) return false;
  for (std::size_t at = 0; at + phrase.tokens.size() <= tokens_->size(); ++at)
    if (is_at(phrase, at)) return true;
  return false;
}

bool WordMatcher::matches(const SearchedText& post, bool random) {
  const bool sampled = random && looked_at_ < kSample;
  if (sampled) ++looked_at_;
  if (!may_match(post)) return false;
  const bool plain = make_plain(post);
  if (!plain) {
    words_.clear();
    append_searchable_words(words_, post);
    tokens_ = &tokenizer_.take_apart(words_);
  }
  if (sampled) count_words(plain);
  return std::all_of(phrases_.begin(), phrases_.end(), [this, plain](const Phrase& phrase) {
    return (plain ? is_in_plain(phrase) : is_in(phrase)) != phrase.without;
  });
}

}  // namespace riverd::storage::sqlite
