#include "storage/sqlite/batch.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kRead = "SELECT value FROM counter WHERE name = ?";
constexpr const char* kWrite = "UPDATE counter SET value = ? WHERE name = ?";
constexpr const char* kAdd = "UPDATE counter SET value = value + ? WHERE name = ?";
constexpr const char* kArrived =
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

void Batch::count_arrival(SourceId source, Time at) {
  ++arrivals_[{std::chrono::floor<std::chrono::days>(at).time_since_epoch().count(), source}];
}

void Batch::set_sources(std::int64_t count) { Query(db, kWrite, count, "sources").run(); }

void Batch::flush() {
  facets.flush();
  search.flush();
  for (const auto& [key, posts] : arrivals_) Query(db, kArrived, key.first, key.second, posts).run();
  store("seq", seq_, seq_before_);
  store("lease", lease_, lease_before_);
  if (seq_ != seq_before_) Query(db, kWrite, changed_, "changed").run();
  if (posts_ != 0) Query(db, kAdd, posts_, "posts").run();
}

void Batch::store(const char* name, std::int64_t value, std::int64_t before) {
  if (value != before) Query(db, kWrite, value, name).run();
}

}  // namespace riverd::storage::sqlite
