#pragma once
/// A query's filters, looked up: which places of the river pass, as a walk or one by one.

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/search_query.h"
#include "storage/sqlite/facets.h"
#include "storage/sqlite/word_matcher.h"
#include "storage/sqlite/streams.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

class Filter {
 public:
  Filter(Database& db, const PostQuery& query);

  /// Whether every post passes, but for the bounds.
  [[nodiscard]] bool open() const { return groups_.empty() && search_.wanted.empty() && search_.unwanted.empty() && !nothing_; }
  /// Whether words are searched for.
  [[nodiscard]] bool searches() const { return !search_.wanted.empty() || !search_.unwanted.empty(); }
  /// Whether no post can pass.
  [[nodiscard]] bool closed() const { return nothing_ || oldest_ > newest_; }

  /// Places between these pass since and until; both inclusive.
  [[nodiscard]] Pos oldest() const { return oldest_; }
  [[nodiscard]] Pos newest() const { return newest_; }

  /// Whether since or until is given.
  [[nodiscard]] bool bounded() const {
    return oldest_ != std::numeric_limits<Pos>::min() || newest_ != std::numeric_limits<Pos>::max();
  }
  /// At most so many posts pass, bounds and search not looked at.
  [[nodiscard]] std::uint64_t most() const { return most_; }

  /// All places that pass the filters, newest first, bounds not looked at.
  [[nodiscard]] Intersection walk() const;
  /// The same without what is searched for: those that reads() lets through are among them.
  [[nodiscard]] Intersection walk_unsearched() const;
  /// As walk_unsearched(), without posts of which the index can quickly tell that reads() would refuse them.
  [[nodiscard]] Intersection walk_to_read() const;
  /// Whether looking at posts one by one may be quicker than the search index: a prefix is searched for.
  [[nodiscard]] bool prefers_reading() const { return matcher_ != nullptr && search_.has_prefix(); }
  /// Whether posts can be looked at one by one at all.
  [[nodiscard]] bool can_read() const { return matcher_ != nullptr; }
  /// Whether a post has the words searched for, told from its text; random: as for WordMatcher. Only where can_read().
  [[nodiscard]] bool reads(const SearchedText& post, bool random = true) const { return matcher_->matches(post, random); }
  /// As those of WordMatcher. Only where can_read().
  [[nodiscard]] double index_cost() const { return matcher_->index_cost(); }
  [[nodiscard]] double prefix_share() const { return matcher_->prefix_share(); }
  [[nodiscard]] double most_likely() const { return matcher_->most_likely(); }
  [[nodiscard]] WordMatcher::Rarest rarest() const { return matcher_->rarest(); }
  /// Whether whole words are wanted beside a prefix, or before it in a phrase: walk_to_read() has only posts with all of these.
  [[nodiscard]] bool narrows() const { return !narrow_.empty(); }
  /// Whether phrases are searched for of which the index of pairs tells in what posts they may be.
  [[nodiscard]] bool has_pairs() const { return !pairs_.empty(); }
  /// Collects the numbers of the posts with these pairs, upwards, filters and bounds not looked at: those that reads() lets
  /// through are among them. False where they are so many that a page is full sooner without.
  [[nodiscard]] bool collect_by_pairs(std::vector<std::int64_t>& numbers) const;
  /// So few of them are read without a thought; for more it pays to ask likely_matches().
  static constexpr std::size_t kFewByPairs = 300;
  /// How many of such posts reads() is likely to let through, told from reading some of them.
  [[nodiscard]] double likely_matches(const std::vector<std::int64_t>& numbers) const;
  /// What part of posts is likely to match where so many were read and found: as many as were found, at most one more; between
  /// these as many as if words fall together by chance. Never 0. Only where can_read().
  [[nodiscard]] double part_found(std::uint64_t read, std::uint64_t found) const;
  /// Whether the post at a place passes, bounds included, its words not looked at.
  ///   facets   the list that its change carries, where it has one
  [[nodiscard]] bool passes_unsearched(Pos pos, std::optional<std::string_view> facets) const;
  /// Whether the post at a place has the words searched for, told by the index.
  [[nodiscard]] bool is_found(Pos pos) const;

  /// Collects the places of all that pass, bounds included, newest first; false where they are more than `most`.
  [[nodiscard]] bool collect(std::vector<Pos>& places, std::size_t most) const;
  /// The same of all that have the rarest word searched for: those that reads() lets through are among them.
  [[nodiscard]] bool collect_to_read(std::vector<Pos>& places, std::size_t most) const;
  /// The same of all that pass but for the words.
  [[nodiscard]] bool collect_unsearched(std::vector<Pos>& places, std::size_t most) const {
    places.clear();
    return closed() || collect_from(walk_unsearched(), places, most);
  }

 private:
  struct FacetRow {
    std::int64_t id;
    std::uint64_t posts;
    std::vector<PlacedPost> newest;  ///< of a source, as far as they are known
  };
  /// Any of them, ids upwards.
  struct Group {
    std::vector<std::int64_t> ids;
    std::vector<FacetRow> rows;
  };

  void add_group(FacetKind kind, const std::vector<std::string>& names);
  void add_sources(const std::vector<std::string>& names);
  void add_row(const Facet& facet, std::vector<FacetRow>& rows);
  void close_group(const std::vector<std::string>& names, std::vector<FacetRow> rows);
  [[nodiscard]] bool collect_from(Intersection passing, std::vector<Pos>& places, std::size_t most) const;
  [[nodiscard]] bool collect_found(const std::string& expression, std::vector<Pos>& places, std::size_t most) const;
  bool matches(const std::string& expression, Pos pos) const;
  [[nodiscard]] std::vector<StreamPtr> facet_streams() const;

  Database& db_;
  std::vector<Group> groups_;
  SearchQuery search_;
  std::unique_ptr<WordMatcher> matcher_;  ///< where posts may have to be looked at one by one, else null
  std::string narrow_;  ///< where a prefix is searched for: what is wanted without it
  std::string pairs_;   ///< what posts with the phrases searched for have, for the index of pairs
  std::string both_;  ///< what is wanted without what is not, as one expression; used where anything is wanted
  Pos oldest_ = std::numeric_limits<Pos>::min();
  Pos newest_ = std::numeric_limits<Pos>::max();
  std::uint64_t most_ = std::numeric_limits<std::uint64_t>::max();
  bool nothing_ = false;
};

}  // namespace riverd::storage::sqlite
