#pragma once
/// Whether one post's words fit a search, told from the words themselves: the same answer as the search index gives, without
/// asking it. A prefix makes FTS5 collect every post with any word of it before it names the first one; for a post or a few
/// hundred, looking is far cheaper.

#include <string>
#include <string_view>
#include <vector>

#include "storage/search_query.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/search_index.h"
#include "storage/sqlite/tokenizer.h"

namespace riverd::storage::sqlite {

class WordMatcher {
 public:
  WordMatcher(Database& db, const SearchQuery& query);

  /// False where the tokenizer is not to be had: then the index has to be asked.
  [[nodiscard]] bool usable() const { return tokenizer_.usable(); }

  /// Whether a post has the words, and none of the unwanted ones.
  ///   random   the first of these are the sample from which all that is below is told; others were chosen by their words
  [[nodiscard]] bool matches(const SearchedText& post, bool random = true);

  /// What is wanted without its prefixes, as an FTS5 expression: of "a phrase pre"* the words before the last. May be empty.
  [[nodiscard]] std::string without_prefixes() const;
  /// An FTS5 expression of the pair index that every post with the wanted phrases fulfils; empty where there is none.
  [[nodiscard]] std::string pairs() const;

  /// How many entries the index would step over for each post of the store, told from the first posts that matches() saw:
  /// for a phrase or for several words it goes through the list of each word, however few posts have all of them.
  [[nodiscard]] double index_cost() const;
  /// The part of that which prefixes are: in what part of all posts they are, summed. FTS5 makes one list of all their words
  /// before it names a post.
  [[nodiscard]] double prefix_share() const;
  /// What part of all posts matches if words fall together by chance alone, and those of a phrase in its order.
  [[nodiscard]] double most_likely() const;
  /// Of the whole words that a post must have the rarest in the sample, and what part of the posts have it; empty: there is none.
  struct Rarest {
    std::string_view word;
    double share = 1;
  };
  [[nodiscard]] Rarest rarest() const;

 private:
  static constexpr std::uint64_t kSample = 1000;   // posts whose words are counted
  static constexpr double kLeapCost = 16;  // a leap to the next post of the rarest word, in entries that are stepped over
  static constexpr double kPrefixCost = 6;  // a prefix makes one list of many, which costs each entry so much more
  using Tokens = std::vector<std::string>;
  struct Phrase {
    Tokens tokens;  ///< none: what was typed holds no word for FTS5, and such a phrase is nowhere
    bool prefix = false;
    bool without = false;
    std::vector<std::uint64_t> posts;  ///< of the sample, that have each of the words
  };
  [[nodiscard]] static std::vector<std::string_view> whole_words(const Phrase& phrase);
  [[nodiscard]] bool may_match(const SearchedText& post) const;
  [[nodiscard]] bool make_plain(const SearchedText& post);
  [[nodiscard]] bool is_in_plain(const Phrase& phrase) const;
  [[nodiscard]] std::size_t find_word(std::string_view word, bool prefix, std::size_t from) const;
  [[nodiscard]] bool is_plain_at(const Phrase& phrase, std::size_t at) const;
  [[nodiscard]] double share(std::uint64_t posts) const;
  void count_words(bool plain);
  [[nodiscard]] bool is_at(const Phrase& phrase, std::size_t at) const;
  [[nodiscard]] bool is_in(const Phrase& phrase) const;

  Tokenizer tokenizer_;
  std::vector<Phrase> phrases_;
  bool short_ = true;  ///< no word that is searched for may be one that was cut
  std::uint64_t looked_at_ = 0;
  Tokens han_;  ///< characters that a post must have somewhere

  // Of the post that is looked at; they keep their room for the next.
  std::string plain_;  ///< make_plain() of it
  std::string words_;
  const std::vector<std::string_view>* tokens_ = nullptr;  ///< those of words_, where plain_ is not made
};

}  // namespace riverd::storage::sqlite
