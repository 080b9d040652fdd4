#pragma once
/// The sources as OPML 2.0, for other readers and for the way back.

#include <string>
#include <vector>

#include "base/time.h"
#include "feeds/read/opml.h"

namespace riverd::feeds::write {

/// The list as OPML 2.0: each subscription inside its categories as nested folders, outermost first, in the order of their
/// first appearance; tags as its category attribute. read_subscriptions() of the result gives the same subscriptions,
/// grouped by folder.
///   created   what <dateCreated> says; left out where absent, so that the same list gives the same bytes
[[nodiscard]] std::string opml(const std::string& title, const std::vector<read::Subscription>& subscriptions,
                               std::optional<Time> created = std::nullopt);

}  // namespace riverd::feeds::write
