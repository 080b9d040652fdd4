#pragma once
/// A tree to a feed: which format it is, where its channel and its entries are.

#include <optional>
#include <string>

#include "feeds/read/feed.h"
#include "feeds/read/read.h"
#include "feeds/read/warnings.h"
#include "feeds/read/xml_tree.h"

namespace riverd::feeds::read {

/// Nothing when no root of the tree is a feed. Warnings go to `warnings`, not into the feed.
[[nodiscard]] std::optional<Feed> read_xml_feed(const XmlTree& tree, const Hints& hints, Warnings& warnings);

}  // namespace riverd::feeds::read
