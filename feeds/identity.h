#pragma once
/// Which entries of one document are one story, and what their keys are (design 2.3).

#include <string>
#include <vector>

#include "feeds/post.h"
#include "feeds/read/feed.h"

namespace riverd::feeds {

/// The identity of every entry of a document, in its order. What is shared is decided over the whole document, before any
/// entry is left out. Titles are read as they are shown.
///   site   what the document links to as its own; a guid that is this, or a front page, and that stands at entries of other
///          titles and dates, is none of theirs
[[nodiscard]] std::vector<Identity> identify(const std::vector<read::Entry>& entries, const std::string& site);

/// One text per story of a document: two entries are the same story when theirs are equal.
[[nodiscard]] std::string story_key(const Identity& identity, std::optional<Time> date);

}  // namespace riverd::feeds
