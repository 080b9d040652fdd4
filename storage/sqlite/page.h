#pragma once
/// One page of the river.

#include <cstdint>
#include <optional>

#include "storage/sqlite/database.h"
#include "storage/sqlite/sources.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

/// Where a query begins: what its cursor says; nothing without one. Errors: invalid for a cursor that is not its own.
[[nodiscard]] Result<std::optional<std::int64_t>> start_of(const PostQuery& query);

/// Inside a read transaction.
[[nodiscard]] PostPage read_page(Database& db, const PostQuery& query, std::optional<std::int64_t> start, KnownNames& names);

}  // namespace riverd::storage::sqlite
