#pragma once
/// From a page's body to the article that its post is given. Runs on a parsing thread.

#include <string>

#include "base/result.h"
#include "config/config.h"
#include "feeds/content/article.h"
#include "storage/pages.h"

namespace riverd::articles {

struct ReadPage {
  std::string body;
  std::string url;  ///< that answered
  std::string content_type;
};

/// Finds the article of a page. Errors: invalid, where it has none.
[[nodiscard]] Result<feeds::content::Article> read_page(const ReadPage& page);

/// Lets the source's rules see the story as it will be with its article: rewrites what the page adds, and
/// answers whether the story stays.
[[nodiscard]] bool apply_rules(const config::Config& config, const config::Source& source,
                               const storage::PageLease& lease, feeds::content::Article& article);

}  // namespace riverd::articles
