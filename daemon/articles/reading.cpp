#include "daemon/articles/reading.h"

#include <algorithm>

#include "daemon/fetch/url.h"
#include "daemon/poll/reading.h"

namespace riverd::articles {

Result<feeds::content::Article> read_page(const ReadPage& page) {
  auto article = feeds::content::extract_article(page.body, page.url, poll::charset_of(page.content_type));
  if (!article) return article.error().during(fetch::redacted(page.url));
  if (article->text.empty())
    return Error(Errc::invalid, "the page has no article: " + fetch::redacted(page.url));
  return article;
}

bool apply_rules(const config::Config& config, const config::Source& source, const storage::PageLease& lease,
                 feeds::content::Article& article) {
  const feeds::Settings settings = config::settings_of(config, source);
  if (settings.rules.empty()) return true;
  const feeds::Post merged = feeds::merge_article(lease.post, article);
  feeds::Post shown = merged;
  // The entry's own tags were rewritten when it came; the page's alone are now.
  feeds::Post added = merged;
  added.tags = article.tags;
  for (const feeds::Rule& rule : settings.rules) {
    if (!rule(shown)) return false;
    static_cast<void>(rule(added));
  }
  article.tags = std::move(added.tags);
  if (lease.post.title.empty() && article.title) article.title = shown.title;
  return true;
}

}  // namespace riverd::articles
