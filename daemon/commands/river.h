#pragma once
/// The stored river, as commands read it.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "daemon/commands/commands.h"
#include "storage/store.h"

namespace riverd::commands {

/// Now, in whole seconds.
[[nodiscard]] Time now();

/// Opens the store of a config for reading. Errors: not_found where nothing was polled yet, and those of open_sqlite().
[[nodiscard]] Result<std::unique_ptr<storage::Store>> open_river(const config::Config& config);

/// How long a config keeps posts: storage.keep and keep_posts, and each source's own keep.
[[nodiscard]] storage::Retention retention_of(const config::Config& config);

/// Whether nothing is ever dropped.
[[nodiscard]] bool keeps_all(const storage::Retention& retention);

/// A point in time as people write it: RFC 3339, `2024-09-18`, or a duration before now such as `7d`. Errors: invalid.
[[nodiscard]] Result<Time> parse_moment(std::string_view text, Time now);

/// The store's query for these filters. Errors: invalid, naming the filter.
[[nodiscard]] Result<storage::PostQuery> query_of(const Filters& filters, Time now);

/// Whether the config or the store knows every source that the filters name. Errors: invalid, naming one, and the store's.
[[nodiscard]] Result<void> know_sources(const Filters& filters, const config::Config& config, storage::Store& store);

/// Visits the posts of a query in its order, page by page, at most `limit` of them (0: all). A failing `visit` ends it with
/// its error.
[[nodiscard]] Result<void> each_post(storage::Store& store, storage::PostQuery query, std::uint64_t limit,
                                     const std::function<Result<void>(storage::StoredPost&&)>& visit);

}  // namespace riverd::commands
