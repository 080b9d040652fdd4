#pragma once
/// Arrival order: the next changes that pass a query, whichever way to find them is the quickest.

#include <cstdint>
#include <vector>

#include "storage/sqlite/database.h"
#include "storage/sqlite/streams.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

/// A post at its last change.
struct Change {
  Seq seq;
  std::int64_t number;
  Pos pos;
};

/// The changes after `seq` that pass, by seq: as many as query.limit, and one more where there is one.
[[nodiscard]] std::vector<Change> next_changes(Database& db, const PostQuery& query, Seq seq);

}  // namespace riverd::storage::sqlite
