#pragma once
/// A query's filters, looked up: which places of the river pass, as a walk or one by one.

#include <memory>
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

  /// All places that pass the filters, newest first, bounds not looked at.
  [[nodiscard]] Intersection walk() const;
  /// The same without what is searched for: those that reads() lets through are among them.
  [[nodiscard]] Intersection walk_unsearched() const;
  /// Whether looking at posts one by one may be quicker than the search index: a prefix is searched for.
  [[nodiscard]] bool prefers_reading() const { return matcher_ != nullptr; }
  /// Whether a post has the words searched for, told from its text. Only where prefers_reading().
  [[nodiscard]] bool reads(const StoredPost& post) const;
  /// Whether one place passes, bounds included.
  [[nodiscard]] bool passes(Pos pos) const;

 private:
  struct FacetRow {
    std::int64_t id;
    std::uint64_t posts;
  };
  using Group = std::vector<FacetRow>;  ///< any of them

  void add_group(FacetKind kind, const std::vector<std::string>& names);
  void add_sources(const std::vector<std::string>& names);
  void close_group(const std::vector<std::string>& names, Group group);
  bool matches(const std::string& expression, Pos pos) const;
  [[nodiscard]] std::vector<StreamPtr> facet_streams() const;

  Database& db_;
  std::vector<Group> groups_;
  SearchQuery search_;
  std::unique_ptr<WordMatcher> matcher_;  ///< of a search with a prefix, else null
  std::string both_;  ///< what is wanted without what is not, as one expression; used where anything is wanted
  Pos oldest_ = std::numeric_limits<Pos>::min();
  Pos newest_ = std::numeric_limits<Pos>::max();
  bool nothing_ = false;
};

}  // namespace riverd::storage::sqlite
