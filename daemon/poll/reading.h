#pragma once
/// From a body to the posts of every source that shares it. Runs on a parsing thread.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/poll/catalogue.h"
#include "storage/store.h"

namespace riverd::poll {

struct Document {
  std::string_view body;
  std::string url;           ///< that answered
  std::string content_type;
};

struct ReadDocument {
  std::vector<storage::SourcePosts> documents;  ///< one a source
  std::optional<Error> error;                   ///< why the body is no feed; then there are none
  bool breaks_off = false;                      ///< the body is not all of the feed
  std::string linked_feed;                      ///< the first feed an HTML page names; empty: none
};

/// Reads the document once and normalises it for every source of the lease with that source's settings. Entries that the
/// store knows as they are cost no HTML work. An entry in which the body breaks off is no post: half a link would be another
/// story for ever. Asks the store, so it may wait for a disk.
[[nodiscard]] ReadDocument read_document(const Document& document, const storage::Lease& lease, const Catalogue& catalogue,
                                         storage::Store& store);

/// The charset parameter of a Content-Type; empty where it has none.
[[nodiscard]] std::string charset_of(std::string_view content_type);

}  // namespace riverd::poll
