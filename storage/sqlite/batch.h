#pragma once
/// What one write transaction shares: counters, the facet and search indexes. Nothing of it outlives the transaction, so
/// that another process may write in between.

#include <cstdint>
#include <map>
#include <utility>

#include "base/time.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/facets.h"
#include "storage/sqlite/search_index.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

[[nodiscard]] std::int64_t read_counter(Database& db, const char* name);

class Batch {
 public:
  explicit Batch(Database& database);

  Database& db;
  Facets facets;
  SearchIndex search;

  /// A number for a change: never given twice, also not after a restart or to another process.
  Seq next_seq(Time now);
  [[nodiscard]] Seq seq() const { return seq_; }
  /// What readers see changed without any post changing (a removal): moves seq, so that nothing computed before counts as
  /// fresh.
  void touch(Time now) { (void)next_seq(now); }
  /// The same where posts may name their sources otherwise from now on.
  void touch_names(Time now) { named_ = next_seq(now); }

  std::uint64_t next_lease() { return static_cast<std::uint64_t>(++lease_); }
  void count_posts(std::int64_t change) { posts_ += change; }
  /// A post of a source that is shown from now on, published at `date` (none: now).
  void count_published(SourceId source, std::optional<Time> date, Time at);
  void set_sources(std::int64_t count);

  /// Writes what was gathered; the last thing before the commit.
  void flush();

 private:
  void store(const char* name, std::int64_t value, std::int64_t before);

  Seq seq_, seq_before_;
  std::int64_t lease_, lease_before_;
  std::int64_t posts_ = 0;
  Seq named_ = 0;
  Time changed_;
  std::map<std::pair<std::int64_t, SourceId>, std::int64_t> published_;  ///< (day, source)
};

}  // namespace riverd::storage::sqlite
