#pragma once
/// Subscription lists: OPML 1.0 and 2.0 as readers write them, and newsboat's `urls` file.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace riverd::feeds::read {

/// One subscription of a list.
struct Subscription {
  std::string url;                      ///< absolute http(s), as content::resolve serialises it
  std::string title;                    ///< empty where the list has none
  std::optional<std::string> site_url;  ///< the HTML page, absolute http(s)
  std::vector<std::string> categories;  ///< the folders around it, outermost first, then its category attribute; no repeats
  std::vector<std::string> tags;        ///< what newsboat calls tags
};

struct SubscriptionList {
  std::string title;
  std::vector<Subscription> subscriptions;  ///< in the order of the list; a URL that comes again adds its categories to the first
  std::vector<std::string> warnings;        ///< what was left out and why, at most 100
};

/// Reads a list: OPML where the text is XML, newsboat's urls file otherwise. Forgiving as a feed reader must be: nested
/// folders of any depth, either case of attribute names, `url` for `xmlUrl`, feed: URLs, bare ampersands.
/// Errors: invalid, when the text is neither.
[[nodiscard]] Result<SubscriptionList> read_subscriptions(std::string_view text);

}  // namespace riverd::feeds::read
