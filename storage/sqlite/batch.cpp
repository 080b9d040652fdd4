#include "storage/sqlite/batch.h"

namespace riverd::storage::sqlite {
namespace {

/// What a new source brings from longer ago is in nobody's picture of the last weeks, and would be a row for each day.
constexpr std::chrono::days kCountedDays{60};

constexpr const char* kRead = "SELECT value FROM counter WHERE name = ?";
constexpr const char* kWrite = "UPDATE counter SET value = ? WHERE name = ?";
constexpr const char* kAdd = "UPDATE counter SET value = value + ? WHERE name = ?";
constexpr const char* kPublished =
    "INSERT INTO activity(day, source, posts) VALUES (?, ?, ?) "
    "ON CONFLICT(day, source) DO UPDATE SET posts = posts + excluded.posts";

}  // namespace

std::int64_t read_counter(Database& db, const char* name) {
  Query query(db, kRead, name);
  return query.step() ? query.integer(0) : 0;
}

Batch::Batch(Database& database)
    : db(database),
      facets(database),
      search(database),
      seq_(read_counter(db, "seq")),
      seq_before_(seq_),
      lease_(read_counter(db, "lease")),
      lease_before_(lease_) {}

Seq Batch::next_seq(Time now) {
  changed_ = now;
  return ++seq_;
}

void Batch::count_published(SourceId source, std::optional<Time> date, Time at) {
  const auto today = std::chrono::floor<std::chrono::days>(at);
  const auto day = date ? std::min(std::chrono::floor<std::chrono::days>(*date), today) : today;
  if (today - day < kCountedDays) ++published_[{day.time_since_epoch().count(), source}];
}

void Batch::set_sources(std::int64_t count) { Query(db, kWrite, count, "sources").run(); }

void Batch::flush() {
  facets.flush();
  search.flush();
  for (const auto& [key, posts] : published_) Query(db, kPublished, key.first, key.second, posts).run();
  store("seq", seq_, seq_before_);
  store("lease", lease_, lease_before_);
  if (seq_ != seq_before_) Query(db, kWrite, changed_, "last_change").run();
  if (named_ != 0) Query(db, kWrite, named_, "named").run();
  if (posts_ != 0) Query(db, kAdd, posts_, "posts").run();
}

void Batch::store(const char* name, std::int64_t value, std::int64_t before) {
  if (value != before) Query(db, kWrite, value, name).run();
}

}  // namespace riverd::storage::sqlite
