#pragma once
/// The tables, and how a file comes to have them.

#include "storage/sqlite/database.h"

namespace riverd::storage::sqlite {

/// "rivr": what makes a SQLite file one of ours (pragma application_id).
inline constexpr std::int64_t kApplicationId = 0x72697672;

/// Brings the file behind a writing connection to the newest schema: one transaction a step, none that half happened.
/// Errors: config for a file of another application or of a newer riverd (nothing is written to it), corrupt, io, busy.
[[nodiscard]] Result<void> migrate(Database& db, const std::string& path);

/// Sets what is the connection's own: journal, durability, caches.
[[nodiscard]] Result<void> prepare_connection(Database& db, std::size_t cache_bytes, Database::Mode mode);

}  // namespace riverd::storage::sqlite
