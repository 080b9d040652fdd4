#pragma once
/// What is kept no longer, and the care of the file.

#include <limits>
#include <unordered_map>
#include <vector>

#include "storage/sqlite/batch.h"
#include "storage/sqlite/post_rows.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

/// One round of retention, in small transactions.
class Pruning {
 public:
  /// How far a round has come. A step is a function of it: one that was rolled back is done again from where it began.
  struct Progress {
    std::size_t walk = 0;
    std::int64_t after = std::numeric_limits<std::int64_t>::min();
    std::uint64_t removed = 0;
    bool done = false;
  };

  Pruning(const Retention& retention, Time now) : retention_(retention), now_(now) {}

  /// Looks at the next few posts, oldest first, and removes those that nobody keeps; they stay known.
  [[nodiscard]] Progress step(Batch& batch, Progress from);

 private:
  /// Posts that may be due: those older than `before`, of one source or of all.
  struct Walk {
    std::int64_t facet = 0;  ///< 0: all posts
    std::int64_t before = 0;
  };

  void plan(Database& db);
  std::int64_t walk(Batch& batch, Progress& progress);
  bool cut_surplus(Batch& batch, Progress& progress);
  [[nodiscard]] bool is_kept(const PostRow& row) const;

  const Retention& retention_;
  const Time now_;
  bool planned_ = false;
  std::vector<Walk> walks_;
  std::unordered_map<SourceId, Seconds> own_;  ///< Retention::sources by id
  bool longer_ = false;                        ///< some of them are kept longer than the others
};

/// Copies the whole store to `path` through `from`, a connection of its own.
[[nodiscard]] Result<void> copy_to(Database& from, const std::string& own_path, const std::string& path);

}  // namespace riverd::storage::sqlite
