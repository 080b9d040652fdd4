#pragma once
/// The configured sources: synchronised with the config, listed with their state.

#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/sqlite/batch.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

/// Makes `wanted` the configured sources. Only differences are written: a start with an unchanged config reads one row of
/// a few bytes a source. Who a source is: name and URL; else the one that has this URL (a rename keeps its history); else
/// the one of this name (a move keeps its posts, and is polled afresh).
void sync_sources(Batch& batch, const std::vector<ConfiguredSource>& wanted, Time now, Seconds spread);

/// Every source that is configured or has posts, by name; `name` empty: all. Stops when `visit` returns false.
void each_source(Database& db, std::string_view name, const std::function<bool(SourceView&&)>& visit);

/// How posts name their sources: read once for each source of a page.
class SourceNames {
 public:
  explicit SourceNames(Database& db) : db_(db) {}
  [[nodiscard]] const feeds::write::SourceRef& of(SourceId source);

 private:
  Database& db_;
  std::unordered_map<SourceId, feeds::write::SourceRef> known_;
};

}  // namespace riverd::storage::sqlite
