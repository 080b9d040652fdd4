#pragma once
/// What a feed document says, before anything is decided: the field's own terms, values as found, in UTF-8.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "feeds/post.h"
#include "feeds/read/text_arena.h"

namespace riverd::feeds::read {

/// Text with what is known of its markup. Plain text is text; html is markup to be sanitised against `base`.
struct Text {
  enum class Kind : std::uint8_t { plain, html };
  std::string_view value;  ///< lives as long as the Feed
  Kind kind = Kind::plain;
  std::string_view base;   ///< likewise; of a body: xml:base in force, absolute, or empty
  std::string language;    ///< xml:lang in force, or empty
};

/// One entry, item or JSON item. Precedence (which of several links, dates, titles, bodies) is decided by the reader of
/// its format, where the rule is written down; here one value each is left.
struct Entry {
  std::string guid;                    ///< trimmed, verbatim
  bool guid_is_permalink = false;
  Text title;
  std::string link;                    ///< absolute http(s), or empty
  std::optional<Time> published;
  std::optional<Time> updated;
  std::vector<std::string> tags;
  std::vector<Author> authors;
  std::optional<Text> summary;
  std::optional<Text> content;
  std::string thumbnail;               ///< absolute, from the document's own media elements, or empty
  std::vector<Enclosure> enclosures;
  std::string language;
  Fingerprint fingerprint = 0;
};

/// Whether a document is all there. One that breaks off was cut short on its way or by what made it.
enum class Ending : std::uint8_t { whole, breaks_off, breaks_off_in_last_entry };

struct Feed {
  FeedInfo info;
  TextArena texts;                    ///< what the texts of the entries are views of
  std::vector<Entry> entries;
  Ending ending = Ending::whole;
  std::vector<std::string> warnings;  ///< at most 100
};

}  // namespace riverd::feeds::read
