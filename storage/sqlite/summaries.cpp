#include "storage/sqlite/summaries.h"

#include <algorithm>
#include <unordered_map>

#include "storage/sqlite/batch.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kFailing =
    "SELECT count(*) FROM poll p JOIN source s ON s.poll = p.id WHERE p.state IN (2, 3) AND s.configured AND s.enabled";
constexpr const char* kMost = "SELECT name, posts FROM facet WHERE kind = ? AND posts > 0 ORDER BY posts DESC, key LIMIT ?";
constexpr const char* kDays = "SELECT day, source, posts FROM activity WHERE day BETWEEN ? AND ?";

}  // namespace

Totals read_totals(Database& db) {
  Totals totals;
  totals.posts = static_cast<std::uint64_t>(std::max<std::int64_t>(0, read_counter(db, "posts")));
  totals.sources = static_cast<std::uint64_t>(read_counter(db, "sources"));
  totals.seq = read_counter(db, "seq");
  totals.changed = Time(Seconds(read_counter(db, "last_change")));
  Query failing(db, kFailing);
  if (failing.step()) totals.failing = static_cast<std::uint64_t>(failing.integer(0));
  return totals;
}

std::vector<Count> read_counts(Database& db, FacetKind kind, std::size_t most) {
  std::vector<Count> counts;
  const auto limit = static_cast<std::int64_t>(std::min<std::size_t>(most, 1'000'000));
  Query rows(db, kMost, static_cast<std::int64_t>(kind), limit);
  while (rows.step()) counts.push_back({rows.string(0), static_cast<std::uint64_t>(rows.integer(1))});
  return counts;
}

std::vector<Activity> read_activity(Database& db, Time now, unsigned days) {
  const std::int64_t today = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
  const std::int64_t first = today - std::int64_t{days} + 1;
  std::vector<Activity> all;
  std::unordered_map<SourceId, std::size_t> index;
  Query rows(db, kDays, first, today);
  while (rows.step()) {
    const auto [place, absent] = index.try_emplace(rows.integer(1), all.size());
    if (absent) all.push_back({rows.integer(1), std::vector<std::uint32_t>(days)});
    all[place->second].per_day[static_cast<std::size_t>(rows.integer(0) - first)] = static_cast<std::uint32_t>(rows.integer(2));
  }
  return all;
}

}  // namespace riverd::storage::sqlite
