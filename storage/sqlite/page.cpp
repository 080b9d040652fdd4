#include "storage/sqlite/page.h"

#include <algorithm>
#include <limits>

#include "storage/cursor.h"
#include "storage/sqlite/batch.h"
#include "storage/sqlite/changes.h"
#include "storage/sqlite/filter.h"
#include "storage/sqlite/post_rows.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kWordsAt = "SELECT seq, number, " RIVERD_WORD_COLUMNS " FROM post WHERE pos = ?";
constexpr const char* kWhole = "SELECT seq, pos, facets, " RIVERD_WORD_COLUMNS " FROM post WHERE number = ?";

constexpr unsigned kMaxLimit = 1000;
constexpr std::size_t kMaxPage = 32U << 20U; // bytes of posts: a page of huge ones ends early, with a cursor

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
constexpr std::uint64_t kNarrowed = 1000;  // the same where the index chose them: few more may be left than were read
constexpr double kReadCost = 10;  // reading a post costs what collecting so many matches of a prefix does

/// A search by a prefix, newest posts first, by looking at each. Stops where the index, which collects all matches of the prefixes
/// first, fills the page sooner; returns the bound to go on from by it, nothing where the page is done.
std::optional<Pos> read_one_by_one(Database& db, const PostQuery& query, const Filter& filter, Pos bound, Filler& filler,
                                   PostPage& page) {
  auto walk = filter.walk_to_read();
  WordsReader words(db);
  const std::uint64_t sample = filter.narrows() ? kNarrowed : kSample;
  const auto posts = static_cast<double>(read_counter(db, "posts"));
  std::uint64_t read = 0;
  std::uint64_t found = 0;
  const auto pays = [&] {
    const auto wanted = static_cast<double>(query.limit + 1 - found);
    return wanted / filter.part_found(read, found) * kReadCost <= filter.prefix_share() * posts;
  };
  Pos last = 0;
  while (const auto pos = walk.seek(bound)) {
    if (*pos < filter.oldest()) return std::nullopt;
    if (read >= sample && !pays()) return bound;
    ++read;
    Query row(db, kWordsAt, *pos);
    if (row.step() && filter.reads(words.look_at(row, 2))) {
      if (filler.full()) {
        page.next_cursor = make_cursor(query, last);
        return std::nullopt;
      }
      (void)filler.add(row.integer(0), row.integer(1));
      last = *pos;
      ++found;
    }
    if (*pos == std::numeric_limits<Pos>::min()) return std::nullopt;
    bound = *pos - 1;
  }
  return std::nullopt;
}

constexpr double kReadByPairs = 50;  // reading one costs what going through the lists of a phrase does for so many posts

/// A search by phrases that may be in few posts, told by their pairs: these are read. False where the index finds a page sooner.
bool read_by_pairs(Database& db, const PostQuery& query, const Filter& filter, Pos bound, Filler& filler, PostPage& page) {
  std::vector<std::int64_t> numbers;
  if (!filter.collect_by_pairs(numbers)) return false;
  if (numbers.size() > Filter::kFewByPairs) {
    const double part = std::min(1.0, (query.limit + 1) / filter.likely_matches(numbers));
    if (static_cast<double>(numbers.size()) * kReadByPairs > part * static_cast<double>(read_counter(db, "posts"))) return false;
  }
  std::vector<Change> matches;
  WordsReader words(db);
  for (const auto number : numbers) {
    Query row(db, kWhole, number);
    if (!row.step()) continue;
    const Pos pos = row.integer(1);
    const auto facets = row.is_null(2) ? std::nullopt : std::optional(row.text(2));
    if (pos > bound || !filter.passes_unsearched(pos, facets) || !filter.reads(words.look_at(row, 3), false)) continue;
    matches.push_back({row.integer(0), number, pos});
  }
  std::sort(matches.begin(), matches.end(), [](const Change& a, const Change& b) { return a.pos > b.pos; });
  Pos last = 0;
  for (const auto& match : matches) {
    if (filler.full()) {
      page.next_cursor = make_cursor(query, last);
      return true;
    }
    if (filler.add(match.seq, match.number)) last = match.pos;
  }
  return true;
}

void read_by_date(Database& db, const PostQuery& query, std::optional<std::int64_t> cursor, PostReader& reader, PostPage& page) {
  const Filter filter(db, query);
  if (filter.closed() || (cursor && *cursor <= filter.oldest())) return;
  Pos bound = cursor ? std::min(filter.newest(), *cursor - 1) : filter.newest();
  Filler filler(reader, query, page);
  Pos last = 0;
  if (filter.has_pairs() && read_by_pairs(db, query, filter, bound, filler, page)) return;
  if (filter.prefers_reading()) {
    const auto rest = read_one_by_one(db, query, filter, bound, filler, page);
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
    const auto known = walk.post();
    if (const auto post = known ? known : reader.place(*pos); post && filler.add(post->seq, post->number)) last = *pos;
    if (*pos == std::numeric_limits<Pos>::min()) return;
    bound = *pos - 1;
  }
}

void read_by_arrival(Database& db, const PostQuery& query, std::optional<std::int64_t> cursor, PostReader& reader, PostPage& page) {
  const auto changes = next_changes(db, query, cursor ? *cursor : query.after.value_or(0));
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
  page.named = read_counter(db, "named");
  if (query.sink != nullptr) query.sink->begin(page.named);
  PostReader reader(db, query.with_content, SourceNames(db, &names, page.named));
  query.order == Order::date ? read_by_date(db, query, start, reader, page) : read_by_arrival(db, query, start, reader, page);
  return page;
}

}  // namespace riverd::storage::sqlite
