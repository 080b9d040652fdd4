#include "storage/sqlite/page.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "storage/cursor.h"
#include "storage/sqlite/batch.h"
#include "storage/sqlite/filter.h"
#include "storage/sqlite/post_rows.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kChanges = "SELECT seq, pos FROM post WHERE seq > ? ORDER BY seq LIMIT ?";
constexpr const char* kSeqOf = "SELECT seq FROM post WHERE pos = ?";

constexpr unsigned kMaxLimit = 1000;
constexpr std::size_t kMaxPage = 32U << 20U; // bytes of posts: a page of huge ones ends early, with a cursor
constexpr std::int64_t kWalk = 2000;         // changes looked at one by one before anything cleverer
constexpr std::int64_t kSearchedWalk = 50;  // the same where each is looked up in the search index
constexpr std::size_t kMaxSorted = 5'000;    // matches sorted by seq, where they are few
constexpr std::size_t kMaxPlaces = 2U << 20U; // matches collected to be looked up while changes are walked

/// Adds posts to a page until it is full, by count or by bytes.
class Filler {
 public:
  Filler(PostPage& page, unsigned limit) : page_(page), limit_(limit) {}
  [[nodiscard]] bool full() const { return page_.posts.size() == limit_ || bytes_ >= kMaxPage; }
  void add(StoredPost post) {
    bytes_ += post.post.title.size() + (post.post.content_html ? post.post.content_html->size() : 0);
    page_.posts.push_back(std::move(post));
  }

 private:
  PostPage& page_;
  const std::size_t limit_;
  std::size_t bytes_ = 0;
};

constexpr std::uint64_t kSample = 48;    // posts read before it is judged whether reading on pays
constexpr std::uint64_t kReadCost = 90;  // reading a post costs what collecting so many matches from the index does

/// Whether a page is filled sooner by reading on. Of a share p of the posts that fit, reading takes a page's posts / p, the
/// index p times all posts.
bool reading_pays(std::uint64_t read, std::uint64_t found, std::uint64_t wanted, std::uint64_t posts) {
  return read < kSample || found * found * posts >= read * read * wanted * kReadCost;
}

/// A search by a prefix, newest posts first, by looking at each. Stops where that does not pay; returns the bound to go on
/// from by the index, nothing where the page is done.
std::optional<Pos> read_one_by_one(Database& db, const PostQuery& query, const Filter& filter, Pos bound, Filler& filler, PostPage& page) {
  auto walk = filter.walk_unsearched();
  PostReader reader(db, true);
  const auto posts = static_cast<std::uint64_t>(read_counter(db, "posts"));
  std::uint64_t read = 0;
  std::uint64_t found = 0;
  Pos last = 0;
  while (const auto pos = walk.seek(bound)) {
    if (*pos < filter.oldest()) return std::nullopt;
    if (!reading_pays(read, found, query.limit + 1, posts)) return bound;
    ++read;
    auto post = reader.at(*pos);
    if (post && filter.reads(*post)) {
      if (filler.full()) {
        page.next_cursor = make_cursor(query, last);
        return std::nullopt;
      }
      if (!query.with_content) post->post.content_html.reset();
      filler.add(std::move(*post));
      last = *pos;
      ++found;
    }
    if (*pos == std::numeric_limits<Pos>::min()) return std::nullopt;
    bound = *pos - 1;
  }
  return std::nullopt;
}

/// The post at a place, or its seq alone where that is known to who asks.
std::optional<StoredPost> read_post(PostReader& reader, const PostQuery& query, Pos pos) {
  if (query.known) {
    const auto seq = reader.seq_at(pos);
    if (seq && query.known(*seq)) {
      StoredPost bare;
      bare.seq = *seq;
      return bare;
    }
  }
  return reader.at(pos);
}

void read_by_date(Database& db, const PostQuery& query, std::optional<std::int64_t> cursor, PostPage& page) {
  const Filter filter(db, query);
  if (filter.closed() || (cursor && *cursor <= filter.oldest())) return;
  Pos bound = cursor ? std::min(filter.newest(), *cursor - 1) : filter.newest();
  Filler filler(page, query.limit);
  Pos last = 0;
  if (filter.prefers_reading()) {
    const auto rest = read_one_by_one(db, query, filter, bound, filler, page);
    if (!rest) return;
    bound = *rest;
    last = *rest + 1;  // the last place looked at: a page that is full already goes on right under it
  }
  auto walk = filter.walk();
  PostReader reader(db, query.with_content);
  while (const auto pos = walk.seek(bound)) {
    if (*pos < filter.oldest()) return;
    if (filler.full()) {
      page.next_cursor = make_cursor(query, last);
      return;
    }
    if (auto post = read_post(reader, query, *pos)) {
      filler.add(std::move(*post));
      last = *pos;
    }
    if (*pos == std::numeric_limits<Pos>::min()) return;
    bound = *pos - 1;
  }
}

/// The places of the next changes that pass, in the order of their seq; up to limit + 1 of them.
class Changes {
 public:
  Changes(Database& db, const PostQuery& query) : db_(db), filter_(db, query), wanted_(query.limit + 1) {}

  std::vector<std::pair<Seq, Pos>> after(Seq seq) {
    if (filter_.closed()) return {};
    const std::int64_t first = filter_.searches() ? kSearchedWalk : kWalk;
    if (walk(seq, first)) return std::move(found_);
    if (!filter_.open()) {
      // What soon fills the page is walked on. Rare matches among many changes are collected first: asking the index about
      // one change after the other would be long.
      if (found_.size() * 4 >= wanted_ && walk(reached_, 3 * first)) return std::move(found_);
      if (gather() && places_.size() <= kMaxSorted) {
        sort_by_change();
        return std::move(found_);
      }
    }
    while (!walk(reached_, kWalk) && db_.ok()) {}
    return std::move(found_);
  }

 private:
  /// Looks at the next changes one by one; true when the page is full or nothing is left.
  bool walk(Seq from, std::int64_t steps) {
    reached_ = from;
    std::int64_t seen = 0;
    Query rows(db_, kChanges, from, steps);
    while (found_.size() < wanted_ && rows.step()) {
      ++seen;
      reached_ = rows.integer(0);
      if (passes(rows.integer(1))) found_.emplace_back(reached_, rows.integer(1));
    }
    return found_.size() == wanted_ || seen < steps;
  }

  [[nodiscard]] bool passes(Pos pos) {
    if (!gathered_) return filter_.passes(pos);
    return std::binary_search(places_.begin(), places_.end(), pos, std::greater());
  }

  /// Collects the places of all that passes, newest first; false where they are too many.
  bool gather() {
    auto matches = filter_.walk();
    Pos bound = filter_.newest();
    while (const auto pos = matches.seek(bound)) {
      if (*pos < filter_.oldest()) break;
      if (places_.size() == kMaxPlaces) return false;
      places_.push_back(*pos);
      if (*pos == std::numeric_limits<Pos>::min()) break;
      bound = *pos - 1;
    }
    gathered_ = true;
    return true;
  }

  /// The next changes of what was gathered.
  void sort_by_change() {
    std::vector<std::pair<Seq, Pos>> all;
    for (const Pos pos : places_) {
      Query row(db_, kSeqOf, pos);
      if (row.step() && row.integer(0) > reached_) all.emplace_back(row.integer(0), pos);
    }
    const std::size_t missing = std::min(wanted_ - found_.size(), all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(missing), all.end());
    found_.insert(found_.end(), all.begin(), all.begin() + static_cast<std::ptrdiff_t>(missing));
  }

  Database& db_;
  const Filter filter_;
  const std::size_t wanted_;
  std::vector<std::pair<Seq, Pos>> found_;
  std::vector<Pos> places_;
  bool gathered_ = false;
  Seq reached_ = 0;
};

void read_by_arrival(Database& db, const PostQuery& query, std::optional<std::int64_t> cursor, PostPage& page) {
  const auto changes = Changes(db, query).after(cursor ? *cursor : query.after.value_or(0));
  PostReader reader(db, query.with_content);
  Filler filler(page, query.limit);
  for (const auto& [seq, pos] : changes) {
    if (filler.full()) {
      page.next_cursor = make_cursor(query, page.posts.back().seq);
      return;
    }
    if (auto post = read_post(reader, query, pos)) filler.add(std::move(*post));
  }
}

}  // namespace

Result<std::optional<std::int64_t>> start_of(const PostQuery& query) {
  if (query.cursor.empty()) return std::optional<std::int64_t>();
  const auto position = read_cursor(query, query.cursor);
  if (!position) return position.error();
  return std::optional(*position);
}

PostPage read_page(Database& db, const PostQuery& asked, std::optional<std::int64_t> start) {
  PostQuery query = asked;
  query.limit = std::clamp(asked.limit, 1U, kMaxLimit);
  PostPage page;
  page.seq = read_counter(db, "seq");
  query.order == Order::date ? read_by_date(db, query, start, page) : read_by_arrival(db, query, start, page);
  return page;
}

}  // namespace riverd::storage::sqlite
