#include "storage/sqlite/streams.h"

#include <algorithm>

#include "storage/sqlite/facets.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kAllFrom = "SELECT pos, seq, number FROM post WHERE pos <= ? ORDER BY pos DESC LIMIT ?";  // in the index
constexpr const char* kFacetFrom = "SELECT pos, listed FROM facet_post WHERE facet = ? AND pos <= ? ORDER BY pos DESC LIMIT ?";
constexpr const char* kBothFrom =
    "SELECT a.pos, a.listed, CASE WHEN a.listed IS NULL THEN EXISTS (SELECT 1 FROM facet_post b WHERE b.facet = ?2 AND b.pos = a.pos) END "
    "FROM facet_post a WHERE a.facet = ?1 AND a.pos <= ?3 ORDER BY a.pos DESC LIMIT ?4";  // AND would look up either side
constexpr const char* kNextOf = "SELECT pos FROM facet_post WHERE facet = ? AND pos <= ? ORDER BY pos DESC LIMIT 1";
constexpr const char* kMatchFrom = "SELECT rowid FROM search WHERE search MATCH ? AND rowid <= ? ORDER BY rowid DESC";

std::optional<ListedPost> listed_in(const Query& row, int column) {
  return row.is_null(column) ? std::nullopt : view_listed(row.text(column));
}

PlacedPost placed(Pos pos, const std::optional<ListedPost>& listed) {
  return listed ? PlacedPost{pos, listed->seq, listed->number} : PlacedPost{pos, 0, 0};
}

std::optional<PlacedPost> known_in(const std::vector<PlacedPost>& run, std::size_t at) {
  return at < run.size() && run[at].number != 0 ? std::optional(run[at]) : std::nullopt;
}

/// Reads places in short runs through a statement that is shared, so that a hundred streams need no hundred statements. A
/// run grows while it is read through and is short again after a leap.
class RunStream : public Stream {
 public:
  std::optional<Pos> seek(Pos bound) final {
    while (at_ < run_.size() && run_[at_].pos > bound) ++at_;
    if (at_ < run_.size()) return run_[at_].pos;
    if (ended_) return std::nullopt;
    const bool read_on = !run_.empty() && bound >= run_.back().pos - 1;
    length_ = read_on ? std::min<std::int64_t>(length_ * 2, kLongest) : kShortest;
    run_.clear();
    at_ = 0;
    read(bound, length_, run_);
    ended_ = static_cast<std::int64_t>(run_.size()) < length_;
    if (run_.empty()) return std::nullopt;
    return run_.front().pos;
  }
  [[nodiscard]] std::optional<PlacedPost> post() const final { return known_in(run_, at_); }

 protected:
  RunStream() = default;
  /// Begins with a run that is known, newest first; `whole`: there is no more.
  RunStream(std::vector<PlacedPost> run, bool whole) : run_(std::move(run)), ended_(whole) {}
  virtual void read(Pos bound, std::int64_t count, std::vector<PlacedPost>& out) = 0;

 private:
  static constexpr std::int64_t kShortest = 8;
  static constexpr std::int64_t kLongest = 2048;
  std::vector<PlacedPost> run_;
  std::size_t at_ = 0;
  std::int64_t length_ = kShortest;
  bool ended_ = false;
};

class AllPosts final : public RunStream {
 public:
  explicit AllPosts(Database& db) : db_(db) {}
  [[nodiscard]] std::uint64_t size() const override { return std::numeric_limits<std::uint64_t>::max(); }

 private:
  void read(Pos bound, std::int64_t count, std::vector<PlacedPost>& out) override {
    Query rows(db_, kAllFrom, bound, count);
    while (rows.step()) out.push_back({rows.integer(0), rows.integer(1), rows.integer(2)});
  }
  Database& db_;
};

class FacetPosts final : public RunStream {
 public:
  FacetPosts(Database& db, std::int64_t facet, std::uint64_t size, const std::vector<PlacedPost>& newest)
      : RunStream(newest, !newest.empty() && newest.size() == size), db_(db), facet_(facet), size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }

 private:
  void read(Pos bound, std::int64_t count, std::vector<PlacedPost>& out) override {
    Query rows(db_, kFacetFrom, facet_, bound, count);
    while (rows.step()) out.push_back(placed(rows.integer(0), listed_in(rows, 1)));
  }
  Database& db_;
  const std::int64_t facet_;
  const std::uint64_t size_;
};

/// Asks the index about many posts of the lead in one statement, which costs each of them a tenth of what a leap of the
/// other stream does, or, where the lead is a source, its list; where a whole run has none, it leaps.
class PostsOfBoth final : public Stream {
 public:
  PostsOfBoth(Database& db, std::int64_t lead, std::uint64_t size, std::int64_t other)
      : db_(db), lead_(lead), other_(other), wanted_{other}, size_(size) {}

  std::optional<Pos> seek(Pos bound) override {
    while (at_ < run_.size() && run_[at_].pos > bound) ++at_;
    while (at_ == run_.size()) {
      if (ended_) return std::nullopt;
      read(std::min(bound, next_));
      if (run_.empty() && !ended_) leap();
    }
    return run_[at_].pos;
  }
  [[nodiscard]] std::optional<PlacedPost> post() const override { return known_in(run_, at_); }
  [[nodiscard]] std::uint64_t size() const override { return size_; }

 private:
  static constexpr std::int64_t kShortest = 32;
  static constexpr std::int64_t kLongest = 128;  // what a page does not need any more of the last run was looked at for nothing

  void read(Pos bound) {
    run_.clear();
    at_ = 0;
    std::int64_t looked_at = 0;
    Query rows(db_, kBothFrom, lead_, other_, bound, length_);
    while (rows.step()) {
      ++looked_at;
      go_on_under(rows.integer(0));
      const auto listed = listed_in(rows, 1);
      const bool both = listed && listed->facets ? has_any_facet(*listed->facets, wanted_)
                        : rows.is_null(2)         ? has_facet(db_, other_, rows.integer(0))
                                                  : rows.integer(2) != 0;
      if (both) run_.push_back(placed(rows.integer(0), listed));
    }
    ended_ = ended_ || looked_at < length_;
    length_ = std::min(length_ * 2, kLongest);
  }

  void leap() {
    Query row(db_, kNextOf, other_, next_);
    if (row.step()) {
      next_ = row.integer(0);
    } else {
      ended_ = true;
    }
  }

  void go_on_under(Pos pos) {
    if (pos == std::numeric_limits<Pos>::min()) {
      ended_ = true;
    } else {
      next_ = pos - 1;
    }
  }

  Database& db_;
  const std::int64_t lead_;
  const std::int64_t other_;
  const std::vector<std::int64_t> wanted_;  ///< the other alone
  const std::uint64_t size_;
  std::vector<PlacedPost> run_;
  std::size_t at_ = 0;
  Pos next_ = std::numeric_limits<Pos>::max();
  std::int64_t length_ = kShortest;
  bool ended_ = false;
};

/// Keeps its statement open: opening one again costs far more than a step. Far leaps begin it anew, unless that turned out
/// to be dear (a short prefix merges the lists of all its words first).
class MatchingPosts final : public Stream {
 public:
  MatchingPosts(Database& db, std::string expression) : db_(db), expression_(std::move(expression)) {}

  std::optional<Pos> seek(Pos bound) override {
    if (ended_) return std::nullopt;
    if (!rows_) open(bound);
    for (int steps = 0; head_ > bound && !ended_; ++steps) {
      steps < kMaxSteps ? step() : open(bound);
    }
    if (ended_) return std::nullopt;
    return head_;
  }
  [[nodiscard]] std::uint64_t size() const override { return kGuess; }

 private:
  static constexpr int kMaxSteps = 500;
  static constexpr std::uint64_t kGuess = 20'000;

  void open(Pos bound) {
    rows_.reset();
    rows_ = std::make_unique<Query>(db_, kMatchFrom, expression_, bound);
    step();
  }
  void step() {
    if (rows_->step()) {
      head_ = rows_->integer(0);
    } else {
      ended_ = true;
    }
  }

  Database& db_;
  const std::string expression_;
  std::unique_ptr<Query> rows_;
  Pos head_ = 0;
  bool ended_ = false;
};

class Union final : public Stream {
 public:
  explicit Union(std::vector<StreamPtr> streams) : streams_(std::move(streams)) {}

  std::optional<Pos> seek(Pos bound) override {
    if (!begun_) begin(bound);
    while (!heads_.empty() && heads_.front().pos > bound) {
      std::pop_heap(heads_.begin(), heads_.end());
      const auto next = streams_[heads_.back().stream]->seek(bound);
      if (next) {
        heads_.back().pos = *next;
        std::push_heap(heads_.begin(), heads_.end());
      } else {
        heads_.pop_back();
      }
    }
    if (heads_.empty()) return std::nullopt;
    return heads_.front().pos;
  }

  [[nodiscard]] std::optional<PlacedPost> post() const override {
    return heads_.empty() ? std::nullopt : streams_[heads_.front().stream]->post();
  }

  [[nodiscard]] std::uint64_t size() const override {
    std::uint64_t sum = 0;
    for (const auto& stream : streams_) sum += stream->size();
    return sum;
  }

 private:
  struct Head {
    Pos pos;
    std::size_t stream;
    bool operator<(const Head& other) const { return pos < other.pos; }
  };

  void begin(Pos bound) {
    begun_ = true;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (const auto first = streams_[i]->seek(bound)) heads_.push_back({*first, i});
    }
    std::make_heap(heads_.begin(), heads_.end());
  }

  std::vector<StreamPtr> streams_;
  std::vector<Head> heads_;
  bool begun_ = false;
};

}  // namespace

StreamPtr all_posts(Database& db) { return std::make_unique<AllPosts>(db); }

StreamPtr facet_posts(Database& db, std::int64_t facet, std::uint64_t size, const std::vector<PlacedPost>& newest) {
  return std::make_unique<FacetPosts>(db, facet, size, newest);
}

StreamPtr posts_of_both(Database& db, std::int64_t lead, std::uint64_t size, std::int64_t other) {
  return std::make_unique<PostsOfBoth>(db, lead, size, other);
}

StreamPtr matching_posts(Database& db, std::string expression) {
  return std::make_unique<MatchingPosts>(db, std::move(expression));
}

StreamPtr any_of(std::vector<StreamPtr> streams) {
  if (streams.size() == 1) return std::move(streams.front());
  return std::make_unique<Union>(std::move(streams));
}

Intersection::Intersection(std::vector<StreamPtr> wanted, std::vector<StreamPtr> unwanted)
    : wanted_(std::move(wanted)), unwanted_(std::move(unwanted)) {
  std::sort(wanted_.begin(), wanted_.end(), [](const auto& a, const auto& b) { return a->size() < b->size(); });
}

std::optional<Pos> Intersection::seek(Pos bound) {
  while (true) {
    // Each stream in turn leaps to what the one before proposes, until all propose the same place.
    std::size_t agreed = 0;
    for (std::size_t i = 0; agreed < wanted_.size(); i = (i + 1) % wanted_.size()) {
      const auto found = wanted_[i]->seek(bound);
      if (!found) return std::nullopt;
      agreed = *found == bound ? agreed + 1 : 1;
      bound = *found;
    }
    const bool refused =
        std::any_of(unwanted_.begin(), unwanted_.end(), [bound](const auto& s) { return s->seek(bound) == bound; });
    if (!refused) return bound;
    if (bound == std::numeric_limits<Pos>::min()) return std::nullopt;
    --bound;
  }
}

std::optional<PlacedPost> Intersection::post() const {
  for (const auto& stream : wanted_) {
    if (const auto post = stream->post()) return post;
  }
  return std::nullopt;
}

}  // namespace riverd::storage::sqlite
