#pragma once
/// One item or entry of any XML format: RSS's, Atom's and CDF's vocabularies and the modules are read alike wherever they
/// stand, because feeds mix them.

#include "feeds/read/feed.h"
#include "feeds/read/scope.h"
#include "feeds/read/text_construct.h"
#include "feeds/read/warnings.h"

namespace riverd::feeds::read {

/// What a document says for all its entries.
struct EntryContext {
  Dialect dialect = Dialect::rss;
  Warnings& warnings;
  std::uint64_t seed = 0;                      ///< digest of what entries inherit
  const std::vector<Author>* authors = nullptr;  ///< of the feed
  std::string language;                        ///< of the feed
  TextArena& texts;                            ///< keeps what the entries' texts view
};

/// Reads an entry into `entry`, a new one. `outer` is what is in force around the element.
void read_entry(Xml element, const Scope& outer, const EntryContext& context, Entry& entry);

/// Reads a date; what cannot be read is nothing, and a warning.
[[nodiscard]] std::optional<Time> read_date(Xml element, Warnings& warnings);

}  // namespace riverd::feeds::read
