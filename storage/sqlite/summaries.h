#pragma once
/// Counts for people: from counters and indexes, never by counting posts.

#include "storage/sqlite/database.h"
#include "storage/sqlite/facets.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

[[nodiscard]] Totals read_totals(Database& db);
/// The facets of a kind with the most posts, most first.
[[nodiscard]] std::vector<Count> read_counts(Database& db, FacetKind kind, std::size_t most);
[[nodiscard]] std::vector<Activity> read_activity(Database& db, Time now, unsigned days);

}  // namespace riverd::storage::sqlite
