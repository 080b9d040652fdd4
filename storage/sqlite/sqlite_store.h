#pragma once
/// The store in one SQLite file (3.40, WAL, FTS5).

#include <memory>
#include <string>

#include "storage/store.h"

namespace riverd::storage {

struct SqliteOptions {
  unsigned readers = 4;                 ///< read connections
  std::chrono::milliseconds query_limit{2000};  ///< a read that takes longer is interrupted
  bool create = true;                   ///< make the file and its folder where missing
};

/// Opens (or makes) the store at `path` and brings its schema up to date.
/// Errors: corrupt (never overwritten), io, no_space, busy, invalid when the file is newer than us or is no riverd store.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, const SqliteOptions& options = {});

}  // namespace riverd::storage
