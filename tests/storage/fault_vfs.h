#pragma once
/// A disk that fails on demand: SQLite's own file system with faults put between. Made the default while it lives.

#include <sqlite3.h>

#include <atomic>

namespace riverd::storage::testing {

class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// From now on, after `calls` more writes, truncations and syncs, each of the next `times` fails with `code`.
  static void fail_after(int calls, int code, int times);
  static void heal();
  /// Writes, truncations and syncs since heal().
  static int calls();
};

}  // namespace riverd::storage::testing
