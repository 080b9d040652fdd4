#include "storage/sqlite/page.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "storage/cursor.h"
#include "storage/sqlite/batch.h"
#include "storage/sqlite/filter.h"
#include "storage/sqlite/post_rows.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kChanges = "SELECT seq, pos, number, facets FROM post WHERE seq > ? ORDER BY seq LIMIT ?";  // in the index
constexpr const char* kSeqOf = "SELECT seq, number FROM post WHERE pos = ?";

constexpr unsigned kMaxLimit = 1000;
constexpr std::size_t kMaxPage = 32U << 20U; // bytes of posts: a page of huge ones ends early, with a cursor
constexpr std::size_t kMaxPlaces = 2U << 20U; // matches collected to be looked up while changes are walked

/// Fills a page with posts, or hands them to who asks, until it is full, by count or by bytes.
class Filler {
 public:
  Filler(PostReader& reader, const PostQuery& query, PostPage& page)
      : reader_(reader), sink_(query.sink), limit_(query.limit), page_(page) {}
  [[nodiscard]] bool full() const { return count_ == limit_ || bytes_ >= kMaxPage; }
  [[nodiscard]] Seq last() const { return last_; }

  /// False where there is no such post.
  bool add(Seq seq, std::int64_t number) {
    if (!(sink_ != nullptr ? hand_over(seq, number) : put(number))) return false;
    last_ = seq;
    ++count_;
    return true;
  }

 private:
  bool hand_over(Seq seq, std::int64_t number) {
    if (sink_->take_known(seq)) return true;
    return reader_.show(number, [this](const feeds::write::PostView& post) {
      weigh(post.title, post.content_html);
      sink_->take(post);
    });
  }
  bool put(std::int64_t number) {
    auto post = reader_.numbered(number);
    if (!post) return false;
    weigh(post->post.title, post->post.content_html);
    page_.posts.push_back(std::move(*post));
    return true;
  }
  void weigh(std::string_view title, const std::optional<std::string_view>& content) {
    bytes_ += title.size() + (content ? content->size() : 0);
  }

  PostReader& reader_;
  PostSink* const sink_;
  const std::size_t limit_;
  PostPage& page_;
  Seq last_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

constexpr std::uint64_t kSample = 48;    // posts read before it is judged whether reading on pays
constexpr std::uint64_t kReadCost = 20;  // reading a post costs what collecting so many matches of a prefix does

/// Whether a page is filled sooner by reading on. Of a share p of the posts that fit, reading takes a page's posts / p, the
/// index p times all posts.
bool reading_pays(std::uint64_t read, std::uint64_t found, std::uint64_t wanted, std::uint64_t posts) {
  return read < kSample || found * found * posts >= read * read * wanted * kReadCost;
}

/// A search by a prefix, newest posts first, by looking at each. Stops where that does not pay; returns the bound to go on
/// from by the index, nothing where the page is done.
std::optional<Pos> read_one_by_one(Database& db, const PostQuery& query, const Filter& filter, Pos bound, PostReader& reader,
                                   Filler& filler, PostPage& page) {
  auto walk = filter.walk_unsearched();
  WordsReader words(db);
  const auto posts = static_cast<std::uint64_t>(read_counter(db, "posts"));
  std::uint64_t read = 0;
  std::uint64_t found = 0;
  Pos last = 0;
  while (const auto pos = walk.seek(bound)) {
    if (*pos < filter.oldest()) return std::nullopt;
    if (!reading_pays(read, found, query.limit + 1, posts)) return bound;
    ++read;
    const auto place = reader.place(*pos);
    const auto text = place ? words.of(place->number) : std::nullopt;
    if (text && filter.reads(*text)) {
      if (filler.full()) {
        page.next_cursor = make_cursor(query, last);
        return std::nullopt;
      }
      (void)filler.add(place->seq, place->number);
      last = *pos;
      ++found;
    }
    if (*pos == std::numeric_limits<Pos>::min()) return std::nullopt;
    bound = *pos - 1;
  }
  return std::nullopt;
}

void read_by_date(Database& db, const PostQuery& query, std::optional<std::int64_t> cursor, PostReader& reader, PostPage& page) {
  const Filter filter(db, query);
  if (filter.closed() || (cursor && *cursor <= filter.oldest())) return;
  Pos bound = cursor ? std::min(filter.newest(), *cursor - 1) : filter.newest();
  Filler filler(reader, query, page);
  Pos last = 0;
  if (filter.prefers_reading()) {
    const auto rest = read_one_by_one(db, query, filter, bound, reader, filler, page);
    if (!rest) return;
    bound = *rest;
    last = *rest + 1;  // the last place looked at: a page that is full already goes on right under it
  }
  auto walk = filter.walk();
  while (const auto pos = walk.seek(bound)) {
    if (*pos < filter.oldest()) return;
    if (filler.full()) {
      page.next_cursor = make_cursor(query, last);
      return;
    }
    if (const auto place = reader.place(*pos); place && filler.add(place->seq, place->number)) last = *pos;
    if (*pos == std::numeric_limits<Pos>::min()) return;
    bound = *pos - 1;
  }
}

struct Change {
  Seq seq;
  std::int64_t number;
};

// What finding changes costs, in looks at one of them in the index (some 0.2 us).
constexpr std::uint64_t kReadOne = 60;       // reading a post for the words searched for
constexpr std::uint64_t kCollectOne = 1;     // a match of the index
constexpr std::uint64_t kSortOne = 12;       // finding the change of a place; a page of the index for each,
constexpr std::uint64_t kSortNear = 4;       // but not where all are of a few days
constexpr std::uint64_t kReadAll = 300;      // posts that are read sooner than the index of words is asked
constexpr std::uint64_t kBlind = 10'000;     // looks without enough posts to judge by
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
    if (are_few()) {
      sort_by_change();
      return std::move(found_);
    }
    while (db_.ok()) {
      if (!gathered_ && !filter_.open() && gathering_pays()) {
        gathered_ = filter_.collect(places_, kMaxPlaces);
        if (!gathered_) unbounded_ = true;
      }
      if (gathered_ && places_.size() * sort_one() <= steps_left(places_.size())) {
        sort_by_change();
        break;
      }
      if (walk()) break;
    }
    return std::move(found_);
  }

 private:
  /// Collects what passes where that may be little: posts of a rare facet, of a few days. False where it is more than is sooner
  /// sorted than walked to: m places cost m * sort_one(), walking to as many as fill a page wanted * posts / m.
  bool are_few() {
    const auto even = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(wanted_ * posts_) / static_cast<double>(sort_one())));
    const std::uint64_t few = std::min(even, steps_ahead() / sort_one());
    if (few == 0) return false;
    if (!filter_.searches()) return (filter_.bounded() || filter_.most() <= few) && filter_.collect(places_, few);
    if (filter_.most() <= kReadAll && filter_.can_read()) return collect_by_reading();
    return filter_.bounded() && !filter_.prefers_reading() && filter_.collect(places_, few);
  }

  /// All posts of the facets, each read for the words.
  bool collect_by_reading() {
    auto posts = filter_.walk_unsearched();
    Pos bound = filter_.newest();
    while (const auto pos = posts.seek(bound)) {
      if (*pos < filter_.oldest()) break;
      Query place(db_, kSeqOf, *pos);
      const auto text = place.step() && place.integer(0) > reached_ ? words_.of(place.integer(1)) : std::nullopt;
      if (text && filter_.reads(*text)) places_.push_back(*pos);
      if (*pos == std::numeric_limits<Pos>::min()) break;
      bound = *pos - 1;
    }
    return true;
  }

  [[nodiscard]] std::uint64_t sort_one() const { return filter_.bounded() ? kSortNear : kSortOne; }

  [[nodiscard]] std::uint64_t steps_ahead() const { return static_cast<std::uint64_t>(std::max<Seq>(0, newest_ - reached_)); }

  /// Changes that are still to be looked at where so many posts pass: as many as there are, or as fill the page.
  [[nodiscard]] std::uint64_t steps_left(std::uint64_t passing) const {
    const std::uint64_t each = std::max(posts_ / std::max<std::uint64_t>(1, passing), seen_ / (found_.size() + 1));
    return std::min(steps_ahead(), (wanted_ - found_.size()) * each);
  }

  [[nodiscard]] bool gathering_pays() const {
    if (unbounded_) return false;
    const std::uint64_t most = std::min(filter_.most(), posts_);
    if (!filter_.searches()) return most * sort_one() < steps_left(most);
    if (!filter_.can_read()) return read_ >= kSample;
    // Of a search nothing is known before a few posts were read; where few can pass that may take long.
    if (read_ < kSample) return most * kBlind / kSample < posts_ || seen_ >= kBlind;
    const std::uint64_t each = (seen_ + read_ * kReadOne) / (found_.size() + 1);
    const std::uint64_t walking = std::min((wanted_ - found_.size()) * each, steps_ahead() * kReadOne);
    const std::uint64_t looked_at = most < posts_ ? read_ : seen_;  // the words' own share; of a time, its part of it
    return posts_ * (found_.size() + 1) / (looked_at + 1) * kCollectOne < walking;
  }

  /// Looks at the next changes one by one; true when the page is full or nothing is left.
  bool walk() {
    const std::int64_t steps = kStride;
    std::int64_t seen = 0;
    Query rows(db_, kChanges, reached_, steps);
    while (found_.size() < wanted_ && rows.step()) {
      ++seen;
      ++seen_;
      reached_ = rows.integer(0);
      const std::uint64_t read_before = read_;
      if (passes(rows)) found_.push_back({reached_, rows.integer(2)});
      if (read_ != read_before && read_ % kSample == 0) return found_.size() == wanted_;
    }
    return found_.size() == wanted_ || seen < steps;
  }

  [[nodiscard]] bool passes(const Query& row) {
    const Pos pos = row.integer(1);
    if (gathered_) return std::binary_search(places_.begin(), places_.end(), pos, std::greater());
    const auto facets = row.is_null(3) ? std::nullopt : std::optional(row.text(3));
    if (!filter_.passes_unsearched(pos, facets)) return false;
    if (!filter_.searches()) return true;
    ++read_;
    if (!filter_.can_read()) return filter_.is_found(pos);
    const auto post = words_.of(row.integer(2));
    return post && filter_.reads(*post);
  }

  /// The next changes of what was gathered.
  void sort_by_change() {
    std::vector<Change> all;
    for (const Pos pos : places_) {
      Query row(db_, kSeqOf, pos);
      if (row.step() && row.integer(0) > reached_) all.push_back({row.integer(0), row.integer(1)});
    }
    const std::size_t missing = std::min(wanted_ - found_.size(), all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(missing), all.end(),
                      [](const Change& a, const Change& b) { return a.seq < b.seq; });
    found_.insert(found_.end(), all.begin(), all.begin() + static_cast<std::ptrdiff_t>(missing));
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
  bool unbounded_ = false;      ///< it was too much
  std::uint64_t seen_ = 0;      ///< changes looked at
  std::uint64_t read_ = 0;      ///< of these, posts whose words were looked at
  Seq reached_ = 0;             ///< the last one looked at
};

void read_by_arrival(Database& db, const PostQuery& query, std::optional<std::int64_t> cursor, PostReader& reader, PostPage& page) {
  const auto changes = Changes(db, query).after(cursor ? *cursor : query.after.value_or(0));
  Filler filler(reader, query, page);
  for (const auto& change : changes) {
    if (filler.full()) {
      page.next_cursor = make_cursor(query, filler.last());
      return;
    }
    (void)filler.add(change.seq, change.number);
  }
}

}  // namespace

Result<std::optional<std::int64_t>> start_of(const PostQuery& query) {
  if (query.cursor.empty()) return std::optional<std::int64_t>();
  const auto position = read_cursor(query, query.cursor);
  if (!position) return position.error();
  return std::optional(*position);
}

PostPage read_page(Database& db, const PostQuery& asked, std::optional<std::int64_t> start, KnownNames& names) {
  PostQuery query = asked;
  query.limit = std::clamp(asked.limit, 1U, kMaxLimit);
  PostPage page;
  page.seq = read_counter(db, "seq");
  PostReader reader(db, query.with_content, SourceNames(db, &names, page.seq));
  query.order == Order::date ? read_by_date(db, query, start, reader, page) : read_by_arrival(db, query, start, reader, page);
  return page;
}

}  // namespace riverd::storage::sqlite
