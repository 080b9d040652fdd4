#include "storage/sqlite/held.h"

#include "storage/sqlite/search_index.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kNext = "UPDATE counter SET value = value - 1 WHERE name = 'held' RETURNING value";
constexpr const char* kRead = "SELECT " RIVERD_POST_COLUMNS ", content_html FROM held WHERE number = ?";
constexpr const char* kInsert =
    "INSERT INTO held(number, id, pos, seq, arrived, date, updated, source, digest, indexed, title, link, "
    "guid, thumbnail, "
    "language, tags, categories, authors, enclosures, carriers, summary, content_html) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kReplace =
    "UPDATE held SET pos = ?, seq = ?, arrived = ?, date = ?, updated = ?, source = ?, digest = ?, indexed = "
    "?, title = ?, "
    "link = ?, guid = ?, thumbnail = ?, language = ?, tags = ?, categories = ?, authors = ?, enclosures = ?, "
    "carriers = ?, "
    "summary = ?, content_html = ? WHERE number = ?";
constexpr const char* kErase = "DELETE FROM held WHERE number = ?";
constexpr const char* kDropPage = "DELETE FROM page WHERE post = ?";
constexpr const char* kRenumberKeys = "UPDATE carried SET post = ?2 WHERE post = ?1";
constexpr const char* kRenumberEntries = "UPDATE entry SET post = ?2 WHERE source = ?3 AND post = ?1";
constexpr const char* kRenumberPage = "UPDATE page SET post = ?2 WHERE post = ?1";

}  // namespace

std::int64_t hold(Batch& batch, PostRow& row) {
  {
    Query next(batch.db, kNext);
    if (next.step()) row.number = next.integer(0);
  }
  Query insert(batch.db, kInsert, row.number, row.post.id);
  bind_columns(insert, row);
  insert.run();
  return row.number;
}

std::optional<PostRow> read_any_row(Database& db, std::int64_t number) {
  if (!is_held(number)) return read_row(db, number);
  Query query(db, kRead, number);
  if (!query.step()) return std::nullopt;
  return read_columns(query);
}

void replace_held(Batch& batch, const PostRow& now) {
  Query replace(batch.db, kReplace);
  bind_columns(replace, now);
  replace.bind(now.number);
  replace.run();
}

std::int64_t release_held(Batch& batch, PostRow row, Time at) {
  const std::int64_t before = row.number;
  Query(batch.db, kErase, before).run();
  row.pos = free_pos(batch.db, row.post.date.value_or(at));
  row.seq = batch.next_seq(at);
  row.arrived = at;
  PostRow shown = row;
  unite(shown);
  const std::int64_t number = insert_row(batch, row, searchable_words(shown.post));
  Query(batch.db, kRenumberKeys, before, number).run();
  Query(batch.db, kRenumberPage, before, number).run();
  for (const auto source : sources_of(row)) {
    Query(batch.db, kRenumberEntries, before, number, source).run();
    batch.count_published(source, row.post.date, at);
  }
  return number;
}

void erase_held(Batch& batch, std::int64_t number) {
  Query(batch.db, kErase, number).run();
  Query(batch.db, kDropPage, number).run();
}

}  // namespace riverd::storage::sqlite
