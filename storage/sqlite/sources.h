#pragma once
/// The configured sources: synchronised with the config, listed with their state.

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/sqlite/batch.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

/// Makes `wanted` the configured sources. Only differences are written: a start with an unchanged config reads one row of
/// a few bytes a source. Who a source is: name and URL; else the one that has this URL (a rename keeps its history); else
/// the one of this name (a move keeps its posts, and is polled afresh). Gives whether anything was written.
bool sync_sources(Batch& batch, const std::vector<ConfiguredSource>& wanted, Time now, Seconds spread);

/// Every source that is configured or has posts, by name; `name` empty: all. Stops when `visit` returns false.
void each_source(Database& db, std::string_view name, const std::function<bool(SourceView&&)>& visit);

/// The names of sources, for all who read, as they were since one seq: a commit that changes a name leaves its seq
/// (Batch::touch_names), so what one transaction read is true in each that sees the same. Any thread.
class KnownNames {
 public:
  [[nodiscard]] std::optional<feeds::write::SourceRef> find(Seq named, SourceId source);
  void add(Seq named, SourceId source, const feeds::write::SourceRef& name);

 private:
  static constexpr std::size_t kMost = 4096;  ///< some 1 MiB
  std::mutex mutex_;
  Seq named_ = 0;
  std::unordered_map<SourceId, feeds::write::SourceRef> names_;
};

/// How posts name their sources: read once for each source of a page.
class SourceNames {
 public:
  ///   known   may be null
  ///   named   the seq at which a name last changed, as this transaction sees it
  explicit SourceNames(Database& db, KnownNames* known = nullptr, Seq named = 0) : db_(db), shared_(known), named_(named) {}
  [[nodiscard]] const feeds::write::SourceRef& of(SourceId source);

 private:
  [[nodiscard]] feeds::write::SourceRef read(SourceId source);

  Database& db_;
  KnownNames* const shared_;
  const Seq named_;
  std::unordered_map<SourceId, feeds::write::SourceRef> known_;
};

}  // namespace riverd::storage::sqlite
