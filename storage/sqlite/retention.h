#pragma once
/// What is kept no longer, and the care of the file.

#include "storage/sqlite/batch.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

/// Removes some of what `retention` no longer keeps, oldest first; they stay known. Returns how many: 0 when all is done.
std::uint64_t prune_some(Batch& batch, const Retention& retention, Time now);

/// Copies the whole store to `path` through `from`, a connection of its own.
[[nodiscard]] Result<void> copy_to(Database& from, const std::string& own_path, const std::string& path);

}  // namespace riverd::storage::sqlite
