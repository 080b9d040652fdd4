#pragma once
/// Rows of the page tables, and the steps that handing out and recording share.

#include <optional>
#include <string>
#include <string_view>

#include "storage/sqlite/batch.h"

namespace riverd::storage::sqlite {

struct PageRow {
  std::int64_t post = 0;
  SourceId source = 0;
  std::string url;
  std::int64_t tries = 0;
  std::int64_t waits = 0;
  std::int64_t rounds = 0;
  bool has_content = false;
  std::string entry;                   ///< encoded PageParts
  std::optional<std::string> article;  ///< encoded PageParts; none: no article yet
};

[[nodiscard]] std::optional<PageRow> read_page_row(Database& db, std::int64_t post);

/// Asks no more for the page of a post: its text stays the feed's, and a held post is shown. An empty problem
/// is no failure.
void give_up_page(Batch& batch, std::int64_t post, std::string_view problem, Time at);

/// Ends a host's lease and plans when its next page may be handed out: not before `free`.
void plan_page_host(Batch& batch, const std::string& host, Time free);

}  // namespace riverd::storage::sqlite
