#include "storage/sqlite/post_rows.h"

#include <algorithm>

#include "storage/digest.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kByNumber = "SELECT " RIVERD_POST_COLUMNS ", content_html FROM post WHERE number = ?";
constexpr const char* kByNumberBare = "SELECT " RIVERD_POST_COLUMNS ", NULL FROM post WHERE number = ?";
constexpr const char* kById = "SELECT " RIVERD_POST_COLUMNS ", content_html FROM post WHERE id = ?";
constexpr const char* kLastPos = "SELECT pos FROM post WHERE pos BETWEEN ? AND ? ORDER BY pos DESC LIMIT 1";
constexpr const char* kPlace = "SELECT seq, number FROM post WHERE pos = ?";  // in the index: the row is not read
constexpr const char* kInsert =
    "INSERT INTO post(id, pos, seq, arrived, date, updated, source, digest, indexed, title, link, guid, thumbnail, "
    "language, tags, categories, authors, enclosures, carriers, summary, content_html, facets) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kReplace =
    "UPDATE post SET pos = ?, seq = ?, arrived = ?, date = ?, updated = ?, source = ?, digest = ?, indexed = ?, title = ?, "
    "link = ?, guid = ?, thumbnail = ?, language = ?, tags = ?, categories = ?, authors = ?, enclosures = ?, carriers = ?, "
    "summary = ?, content_html = ?, facets = ? WHERE number = ?";
constexpr const char* kDelete = "DELETE FROM post WHERE number = ?";
constexpr const char* kDropPage = "DELETE FROM page WHERE post = ?";

constexpr std::int64_t kPlaces = std::int64_t{1} << 24U;  // posts of one second; see schema.cpp
constexpr std::int64_t kFirstSecond = -62'167'219'200;    // year 0
constexpr std::int64_t kLastSecond = 253'402'300'799;     // end of year 9999
constexpr std::size_t kMaxFacets = 200;                   // of one post and kind that can be filtered by

std::optional<Kept> kept(const std::optional<std::string>& text) {
  return text ? std::optional(Kept{*text}) : std::nullopt;
}

template <class Text>
void add_missing(std::vector<Text>& list, const std::vector<Text>& more) {
  for (const auto& text : more) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  }
}

std::optional<std::string_view> text_or_none(const Query& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.text(column));
}

void add_facets(std::vector<Facet>& out, FacetKind kind, const std::vector<std::string>& names) {
  std::size_t added = 0;
  for (const auto& name : names) {
    if (name.empty() || added == kMaxFacets) continue;
    Facet facet = text_facet(kind, name);
    if (std::find(out.begin(), out.end(), facet) != out.end()) continue;
    out.push_back(std::move(facet));
    ++added;
  }
}

/// All that a row is found by.
std::vector<Facet> facets_of(const PostRow& shown) {
  std::vector<Facet> facets;
  for (const auto source : sources_of(shown)) facets.push_back(source_facet(source));
  add_facets(facets, FacetKind::tag, shown.post.tags);
  add_facets(facets, FacetKind::category, shown.post.categories);
  std::vector<std::string> authors;
  for (const auto& author : shown.post.authors) authors.push_back(author.name.value_or(""));
  add_facets(facets, FacetKind::author, authors);
  return facets;
}

/// A row as readers get it: itself, or a copy where other carriers add to it.
class Shown {
 public:
  explicit Shown(const PostRow& row) : row_(row) {
    if (row.carriers.empty()) return;
    united_ = row;
    unite(*united_);
  }
  [[nodiscard]] const PostRow& row() const { return united_ ? *united_ : row_; }
  [[nodiscard]] const feeds::Post& post() const { return row().post; }

 private:
  const PostRow& row_;
  std::optional<PostRow> united_;
};

bool has(const std::vector<Facet>& facets, const Facet& facet) {
  return std::find(facets.begin(), facets.end(), facet) != facets.end();
}

std::vector<std::int64_t> ids_of(Batch& batch, const std::vector<Facet>& facets) {
  std::vector<std::int64_t> ids;
  ids.reserve(facets.size());
  for (const auto& facet : facets) ids.push_back(batch.facets.id(facet));
  return ids;
}

std::optional<Blob> blob(const std::optional<std::string>& bytes) {
  return bytes ? std::optional(Blob{*bytes}) : std::nullopt;
}

}  // namespace

std::int64_t visible_digest(const feeds::Post& post) {
  Digest digest;
  digest.add(post.title);
  digest.add(post.summary);
  digest.add(post.content_html);
  digest.add(post.thumbnail);
  digest.add(post.language);
  digest.add(post.identity.link.empty() ? post.link : std::optional<std::string>(post.identity.link));
  digest.add(encode(post.tags));
  digest.add(encode(post.categories));
  digest.add(encode(post.authors));
  digest.add(encode(post.enclosures));
  return digest.stored();
}

PostRow read_columns(const Query& q) {
  PostRow row;
  feeds::Post& post = row.post;
  row.number = q.integer(0);
  post.id = q.string(1);
  row.pos = q.integer(2);
  row.seq = q.integer(3);
  row.arrived = Time(Seconds(q.integer(4)));
  post.date = q.time(5);
  post.updated = q.time(6);
  row.source = q.integer(7);
  row.digest = q.integer(8);
  row.indexed = q.integer(9);
  post.title = q.string(10);
  post.link = q.optional_string(11);
  post.guid = q.optional_string(12);
  post.thumbnail = q.optional_string(13);
  post.language = q.optional_string(14);
  post.tags = decode_strings(q.text(15));
  post.categories = decode_strings(q.text(16));
  post.authors = decode_authors(q.text(17));
  post.enclosures = decode_enclosures(q.text(18));
  row.carriers = decode_carriers(q.text(19));
  post.summary = q.optional_string(20);
  post.content_html = q.optional_string(21);
  return row;
}

void bind_columns(Query& q, const PostRow& row) {
  const feeds::Post& post = row.post;
  q.bind(row.pos);
  q.bind(row.seq);
  q.bind(row.arrived);
  q.bind(post.date);
  q.bind(post.updated);
  q.bind(row.source);
  q.bind(row.digest);
  q.bind(row.indexed);
  q.bind(Kept{post.title});
  q.bind(kept(post.link));
  q.bind(kept(post.guid));
  q.bind(kept(post.thumbnail));
  q.bind(kept(post.language));
  q.bind(Blob{encode(post.tags)});
  q.bind(Blob{encode(post.categories)});
  q.bind(Blob{encode(post.authors)});
  q.bind(Blob{encode(post.enclosures)});
  q.bind(Blob{encode(row.carriers)});
  q.bind(kept(post.summary));
  q.bind(kept(post.content_html));
}

std::optional<PostRow> read_row(Database& db, std::int64_t number) {
  Query query(db, kByNumber, number);
  if (!query.step()) return std::nullopt;
  return read_columns(query);
}

std::int64_t first_pos(Time when) {
  return std::clamp<std::int64_t>(when.time_since_epoch().count(), kFirstSecond, kLastSecond) * kPlaces;
}

std::int64_t free_pos(Database& db, Time when) {
  const std::int64_t first = first_pos(when);
  Query last(db, kLastPos, first, first + kPlaces - 1);
  return last.step() ? last.integer(0) + 1 : first;
}

std::vector<SourceId> sources_of(const PostRow& row) {
  std::vector<SourceId> sources{row.source};
  for (const auto& carrier : row.carriers) sources.push_back(carrier.source);
  return sources;
}

void unite(PostRow& row) {
  for (const auto& carrier : row.carriers) {
    add_missing(row.post.tags, carrier.tags);
    add_missing(row.post.categories, carrier.categories);
  }
}

std::int64_t insert_row(Batch& batch, PostRow& row, std::string words) {
  row.indexed = digest_of_words(words);
  const auto facets = facets_of(Shown(row).row());
  const auto ids = ids_of(batch, facets);
  const auto list = encode_facets(ids);
  {
    Query insert(batch.db, kInsert, row.post.id);
    bind_columns(insert, row);
    insert.bind(blob(list));
    insert.run();
  }
  row.number = batch.db.last_insert();
  const std::string listed = encode(ListedPost{row.seq, row.number, list});
  for (std::size_t i = 0; i < facets.size(); ++i) {
    batch.facets.add(ids[i], row.pos, facets[i].kind == FacetKind::source ? std::optional(Blob{listed}) : std::nullopt);
  }
  batch.search.add({row.pos, row.number}, std::move(words));
  batch.count_posts(1);
  return row.number;
}

void replace_row(Batch& batch, const PostRow& before, PostRow& now) {
  const Shown old_shown(before);
  const Shown new_shown(now);
  std::string new_words = searchable_words(new_shown.post());
  now.indexed = digest_of_words(new_words);
  if (now.indexed != before.indexed || now.pos != before.pos) {
    std::string old_words = searchable_words(old_shown.post());
    if (digest_of_words(old_words) == before.indexed) batch.search.withdraw({before.pos, before.number}, std::move(old_words));
    batch.search.add({now.pos, before.number}, std::move(new_words));
  }
  const auto old_facets = facets_of(old_shown.row());
  const auto new_facets = facets_of(new_shown.row());
  const auto new_ids = ids_of(batch, new_facets);
  const auto list = encode_facets(new_ids);
  {
    Query replace(batch.db, kReplace);
    bind_columns(replace, now);
    replace.bind(blob(list));
    replace.bind(now.number);
    replace.run();
  }
  const bool moved = now.pos != before.pos;
  for (const auto& facet : old_facets) {
    if (moved || !has(new_facets, facet)) batch.facets.remove(facet, before.pos);
  }
  const std::string listed = encode(ListedPost{now.seq, now.number, list});
  for (std::size_t i = 0; i < new_facets.size(); ++i) {
    const bool of_source = new_facets[i].kind == FacetKind::source;
    if (moved || !has(old_facets, new_facets[i])) {
      batch.facets.add(new_ids[i], now.pos, of_source ? std::optional(Blob{listed}) : std::nullopt);
    } else if (of_source) {
      batch.facets.relist(new_ids[i], now.pos, Blob{listed});
    }
  }
}

void erase_row(Batch& batch, const PostRow& row) {
  const Shown shown(row);
  std::string words = searchable_words(shown.post());
  if (digest_of_words(words) == row.indexed) batch.search.withdraw({row.pos, row.number}, std::move(words));
  for (const auto& facet : facets_of(shown.row())) batch.facets.remove(facet, row.pos);
  Query(batch.db, kDelete, row.number).run();
  Query(batch.db, kDropPage, row.number).run();
  batch.count_posts(-1);
}

StoredPost PostReader::stored(const Query& query) {
  PostRow row = read_columns(query);
  unite(row);
  StoredPost stored;
  stored.number = row.number;
  stored.seq = row.seq;
  stored.arrived = row.arrived;
  for (const auto source : sources_of(row)) stored.sources.push_back(names_.of(source));
  stored.post = std::move(row.post);
  return stored;
}

std::optional<PlacedPost> PostReader::place(std::int64_t pos) {
  Query query(db_, kPlace, pos);
  if (!query.step()) return std::nullopt;
  return PlacedPost{pos, query.integer(0), query.integer(1)};
}

std::optional<StoredPost> PostReader::by_id(std::string_view id) {
  Query query(db_, kById, id);
  if (!query.step()) return std::nullopt;
  return stored(query);
}

std::optional<StoredPost> PostReader::numbered(std::int64_t number) {
  Query query(db_, sql_by_number(), number);
  if (!query.step()) return std::nullopt;
  return stored(query);
}

const char* PostReader::sql_by_number() const { return with_content_ ? kByNumber : kByNumberBare; }

void PostReader::look_at(const Query& row) {
  view_.id = row.text(1);
  view_.seq = row.integer(3);
  view_.date = row.time(5);
  view_.updated = row.time(6);
  view_.sources.assign(1, &names_.of(row.integer(7)));
  view_.title = row.text(10);
  view_.link = text_or_none(row, 11);
  view_.guid = text_or_none(row, 12);
  view_.thumbnail = text_or_none(row, 13);
  view_.language = text_or_none(row, 14);
  view_strings(row.text(15), view_.tags);
  view_strings(row.text(16), view_.categories);
  view_authors(row.text(17), view_.authors);
  view_enclosures(row.text(18), view_.enclosures);
  look_at_carriers(row.text(19));
  view_.summary = text_or_none(row, 20);
  view_.content_html = text_or_none(row, 21);
}

/// As unite().
void PostReader::look_at_carriers(std::string_view blob) {
  for (const auto& carrier : view_carriers(blob)) {
    add_missing(view_.tags, carrier.tags);
    add_missing(view_.categories, carrier.categories);
    view_.sources.push_back(&names_.of(carrier.source));
  }
}

const SearchedText& WordsReader::look_at(const Query& row, int first) {
  text_.title = row.text(first);
  view_strings(row.text(first + 1), text_.tags);
  view_authors(row.text(first + 2), authors_);
  text_.authors.clear();
  for (const auto& author : authors_) {
    if (author.name) text_.authors.push_back(*author.name);
  }
  if (const auto blob = row.text(first + 3); !blob.empty()) {
    for (const auto& carrier : view_carriers(blob)) add_missing(text_.tags, carrier.tags);
  }
  text_.is_html = !row.is_null(first + 5);
  text_.body = row.text(text_.is_html ? first + 5 : first + 4);
  return text_;
}

}  // namespace riverd::storage::sqlite
