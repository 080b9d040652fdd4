#include "storage/sqlite/changes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "storage/sqlite/batch.h"
#include "storage/sqlite/filter.h"
#include "storage/sqlite/post_rows.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kChanges = "SELECT seq, pos, number, facets FROM post WHERE seq > ? ORDER BY seq LIMIT ?";  // in the index
constexpr const char* kChangesRead =
    "SELECT seq, pos, number, facets, " RIVERD_WORD_COLUMNS " FROM post WHERE seq > ? ORDER BY seq LIMIT ?";
constexpr const char* kSeqOf = "SELECT seq, number FROM post WHERE pos = ?";
constexpr const char* kPlaceOf = "SELECT seq, pos, facets FROM post WHERE number = ?";

constexpr std::size_t kMaxPlaces = 2U << 20U; // matches collected to be looked up while changes are walked

// What finding changes costs, in looks at one of them in the index (some 0.2 us).
constexpr std::uint64_t kReadOne = 18;       // reading a post for the words searched for
constexpr double kStepOver = 0.3;            // an entry that the index of words steps over
constexpr std::uint64_t kSortOne = 12;       // finding the change of a place; a page of the index for each,
constexpr std::uint64_t kSortNear = 4;       // but not where all are of a few days
constexpr std::uint64_t kFewToRead = 5'000;  // posts with a rare word that are read sooner than the index looks for its other words
constexpr std::uint64_t kReadAll = 300;      // posts that are read sooner than the index of words is asked
constexpr std::uint64_t kBlind = 10'000;     // looks without enough posts to judge by
constexpr std::uint64_t kUnseen = 200;       // posts that are read before the index is asked for a word that none of them has
constexpr double kAskPairs = 20'000;          // posts that may have a phrase are looked for where walking takes more
constexpr std::uint64_t kSample = 48;        // posts that are read before it is judged whether reading on pays
constexpr std::int64_t kStride = 500;        // looks before it is judged anew

/// The next changes that pass, by seq; up to limit + 1 of them. They are either walked, or all that passes is collected by its
/// places and brought into this order: what is rare among many changes is collected, what soon fills a page is walked.
class Changes {
 public:
  Changes(Database& db, const PostQuery& query)
      : db_(db),
        filter_(db, query),
        words_(db),
        wanted_(query.limit + 1),
        posts_(static_cast<std::uint64_t>(std::max<std::int64_t>(1, read_counter(db, "posts")))),
        newest_(read_counter(db, "seq")) {}

  std::vector<Change> after(Seq seq) {
    if (filter_.closed()) return {};
    reached_ = seq;
    if (auto all = few()) {
      add_next(std::move(*all));
      return std::move(found_);
    }
    while (db_.ok()) {
      if (filter_.has_pairs() && !asked_pairs_ && !gathered_ && pairs_pay() && read_by_pairs()) break;
      if (!gathered_ && !filter_.open() && gathering_pays()) {
        if (narrow_first()) {
          not_few_ = !filter_.collect_to_read(places_, kFewToRead);
          if (not_few_) continue;  // judged anew: without this way the other may not pay
          read_in_order(changes_at(places_), [this](const Change& change) { return filter_.passes_unsearched(change.pos, std::nullopt); });
          break;
        }
        gathered_ = filter_.collect(places_, kMaxPlaces);
        if (!gathered_) unbounded_ = true;
      }
      if (gathered_ && places_.size() * sort_one() <= steps_left(places_.size())) {
        add_next(changes_at(places_));
        break;
      }
      if (walk()) break;
    }
    return std::move(found_);
  }

 private:
  /// All that pass, where that may be little: posts of a rare facet, of a few days. Nothing where they are more than are sooner
  /// sorted than walked to: m places cost m * sort_one(), walking to as many as fill a page wanted * posts / m.
  std::optional<std::vector<Change>> few() {
    const auto even = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(wanted_ * posts_) / static_cast<double>(sort_one())));
    const std::uint64_t few = std::min(even, steps_ahead() / sort_one());
    if (few == 0) return std::nullopt;
    if (filter_.searches() && filter_.can_read()) return read_few();
    const bool may_be_few = filter_.bounded() || (!filter_.searches() && filter_.most() <= few);
    if (!may_be_few || !filter_.collect(places_, few)) return std::nullopt;
    return changes_at(places_);
  }

  /// The same where each is read for the words.
  std::optional<std::vector<Change>> read_few() {
    if (!filter_.bounded() && filter_.most() > kReadAll) return std::nullopt;
    if (!filter_.collect_unsearched(places_, kReadAll)) return std::nullopt;
    auto all = changes_at(places_);
    std::erase_if(all, [this](const Change& change) { return !reads(change.number); });
    return all;
  }

  /// The changes of the posts at some places, of those that are still to come.
  std::vector<Change> changes_at(const std::vector<Pos>& places) {
    std::vector<Change> changes;
    for (const Pos pos : places) {
      Query row(db_, kSeqOf, pos);
      if (row.step() && row.integer(0) > reached_) changes.push_back({row.integer(0), row.integer(1), pos});
    }
    return changes;
  }

  bool reads(std::int64_t number) {
    return words_.ask(number, [this](const SearchedText& text) { return filter_.reads(text); });
  }

  [[nodiscard]] std::uint64_t sort_one() const { return filter_.bounded() ? kSortNear : kSortOne; }

  [[nodiscard]] std::uint64_t steps_ahead() const { return static_cast<std::uint64_t>(std::max<Seq>(0, newest_ - reached_)); }

  /// Changes that are still to be looked at where so many posts pass: as many as there are, or as fill the page.
  [[nodiscard]] std::uint64_t steps_left(std::uint64_t passing) const {
    const std::uint64_t each = std::max(posts_ / std::max<std::uint64_t>(1, passing), seen_ / (found_.size() + 1));
    return std::min(steps_ahead(), (wanted_ - found_.size()) * each);
  }

  /// What it takes to walk on to a full page while posts are read.
  [[nodiscard]] double walking() const {
    const double each = (static_cast<double>(seen_) / static_cast<double>(read_) + kReadOne) / filter_.part_found(read_, found_.size());
    const double left = static_cast<double>(steps_ahead()) * kReadOne;
    return std::min(static_cast<double>(wanted_ - found_.size()) * each, left);
  }

  [[nodiscard]] bool pairs_pay() const { return read_ >= kSample ? walking() > kAskPairs : seen_ >= kBlind; }

  /// Asks the index of pairs what posts are worth reading. True where these were few and are done with; else only they are
  /// read from now on, if they are not too many.
  bool read_by_pairs() {
    asked_pairs_ = true;
    if (!filter_.collect_by_pairs(numbers_)) return false;
    if (numbers_.size() > Filter::kFewByPairs) {
      const double matches = filter_.likely_matches(numbers_) * part_of_facets();
      if (numbers_.size() * kSortOne > steps_left(static_cast<std::uint64_t>(matches))) {
        only_numbers_ = unbounded_ = true;  // the index of words would be asked for what is known
        return false;
      }
    }
    std::vector<Change> all;
    for (const auto number : numbers_) {
      Query row(db_, kPlaceOf, number);
      if (!row.step() || row.integer(0) <= reached_) continue;
      const auto facets = row.is_null(2) ? std::nullopt : std::optional(row.text(2));
      if (filter_.passes_unsearched(row.integer(1), facets)) all.push_back({row.integer(0), number, row.integer(1)});
    }
    read_in_order(std::move(all), [](const Change&) { return true; });
    return true;
  }

  /// What part of all posts has the facets asked for, at most.
  [[nodiscard]] double part_of_facets() const {
    return static_cast<double>(std::min(filter_.most(), posts_)) / static_cast<double>(posts_);
  }

  [[nodiscard]] bool gathering_pays() const {
    if (unbounded_) return false;
    const std::uint64_t most = std::min(filter_.most(), posts_);
    if (!filter_.searches()) return most * sort_one() < steps_left(most);
    if (!filter_.can_read()) return read_ >= kSample;
    // Of a search nothing is known before a few posts were read; where few can pass that may take long.
    if (read_ < kSample) return most * kBlind / kSample < posts_ || seen_ >= kBlind;
    const auto posts = static_cast<double>(posts_);
    if (narrow_first()) return filter_.rarest().share * posts * (kStepOver + static_cast<double>(kSortOne)) < walking();
    // A word that no post had yet may be far rarer than so few posts can tell.
    if (read_ < kUnseen && filter_.rarest().share * static_cast<double>(read_) < 1) return false;
    return filter_.index_cost() * kStepOver * posts * part_of_time(most) < walking();
  }

  /// Whether a word is so rare that its posts are few: the index leaps in the list of each other word for each of them.
  [[nodiscard]] bool narrow_first() const {
    if (not_few_ || !filter_.can_read()) return false;
    const auto rarest = filter_.rarest();
    return !rarest.word.empty() && rarest.share * static_cast<double>(posts_) <= 1.5 * kFewToRead && filter_.index_cost() > 3 * rarest.share;
  }

  /// Of changes the next ones that may pass and have the words.
  template <class MayPass>
  void read_in_order(std::vector<Change> all, MayPass&& may_pass) {
    std::sort(all.begin(), all.end(), [](const Change& a, const Change& b) { return a.seq < b.seq; });
    for (const Change& change : all) {
      if (found_.size() == wanted_ || !db_.ok()) break;
      if (may_pass(change) && reads(change.number)) found_.push_back(change);
    }
  }

  /// What part of all posts is of the time asked for, as far as was seen: the index is run through for this alone.
  [[nodiscard]] double part_of_time(std::uint64_t most) const {
    if (!filter_.bounded()) return 1;
    const double passing = static_cast<double>(read_ + 1) / static_cast<double>(seen_ + 1);
    return std::min(1.0, passing * static_cast<double>(posts_) / static_cast<double>(std::max<std::uint64_t>(1, most)));
  }

  /// Looks at the next changes one by one; true when the page is full or nothing is left.
  bool walk() {
    const std::int64_t steps = kStride;
    std::int64_t seen = 0;
    // Where all are read they are read as they come, mostly in the order that they lie in.
    const bool with_words = !gathered_ && !only_numbers_ && filter_.can_read() && !filter_.bounded() && filter_.most() >= posts_;
    Query rows(db_, with_words ? kChangesRead : kChanges, reached_, steps);
    while (found_.size() < wanted_ && rows.step()) {
      ++seen;
      ++seen_;
      reached_ = rows.integer(0);
      const std::uint64_t read_before = read_;
      if (passes(rows, with_words)) found_.push_back({reached_, rows.integer(2), rows.integer(1)});
      if (read_ != read_before && read_ % kSample == 0) return found_.size() == wanted_;
    }
    return found_.size() == wanted_ || seen < steps;
  }

  [[nodiscard]] bool passes(const Query& row, bool with_words) {
    const Pos pos = row.integer(1);
    if (gathered_) return std::binary_search(places_.begin(), places_.end(), pos, std::greater());
    const auto facets = row.is_null(3) ? std::nullopt : std::optional(row.text(3));
    if (!filter_.passes_unsearched(pos, facets)) return false;
    if (!filter_.searches()) return true;
    if (only_numbers_ && !std::binary_search(numbers_.begin(), numbers_.end(), row.integer(2))) return false;
    ++read_;
    if (!filter_.can_read()) return filter_.is_found(pos);
    return with_words ? filter_.reads(words_.look_at(row, 4)) : reads(row.integer(2));
  }

  /// Fills up with the next of some changes.
  void add_next(std::vector<Change> all) {
    const std::size_t missing = std::min(wanted_ - found_.size(), all.size());
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(missing);
    std::partial_sort(all.begin(), end, all.end(), [](const Change& a, const Change& b) { return a.seq < b.seq; });
    found_.insert(found_.end(), all.begin(), end);
  }

  Database& db_;
  const Filter filter_;
  WordsReader words_;
  const std::size_t wanted_;
  const std::uint64_t posts_;
  const Seq newest_;
  std::vector<Change> found_;
  std::vector<Pos> places_;     ///< all that passes, newest first
  bool gathered_ = false;       ///< whether places_ is that
  std::vector<std::int64_t> numbers_;  ///< posts that may pass by their pairs
  bool asked_pairs_ = false;
  bool only_numbers_ = false;   ///< whether others are not worth reading
  bool not_few_ = false;        ///< no word searched for was rare enough
  bool unbounded_ = false;      ///< it was too much
  std::uint64_t seen_ = 0;      ///< changes looked at
  std::uint64_t read_ = 0;      ///< of these, posts whose words were looked at
  Seq reached_ = 0;             ///< the last one looked at
};

}  // namespace

std::vector<Change> next_changes(Database& db, const PostQuery& query, Seq seq) { return Changes(db, query).after(seq); }

}  // namespace riverd::storage::sqlite
