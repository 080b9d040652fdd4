#pragma once
/// Newsboat's `urls` file. Internal to feeds/read; read_subscriptions() is the way in.

#include <string_view>

#include "feeds/read/opml.h"

namespace riverd::feeds::read {

/// A line a feed: the URL, then tags; "~Title" names it, "!" hides it; # begins a comment; words may be quoted. Queries,
/// filters and programs have no feed of their own and are left out with a warning. Errors: invalid, when no line is one.
[[nodiscard]] Result<SubscriptionList> read_newsboat_urls(std::string_view text);

}  // namespace riverd::feeds::read
