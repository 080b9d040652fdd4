#pragma once
/// When two entries are one story (design 2.3): the keys of an entry, and the search for the post that is its story.
///
/// Within one source an entry is, in this order,
///   1. the post with its guid; where the document repeats the guid with other links, or has done so, with its guid and link;
///   2. without a guid: the post with its canonical link, where no other entry of the document has that link (a site's front
///      page needs the same title too, a similar one that is not stated to be of another date, or the same stated time);
///      without both: the post with its title and date;
///   3. under a guid never seen: the post with its canonical link, if that post's old entry has left the document and
///      - the title is the same, or the two are one headline, edited (similar_titles), or
///      - the stated date is the same to the second (at midnight, which is no time of day, the titles must be similar),
///      and the link is a page, not a site's home. Entries that share only a link stay apart.
///      Under rules 2 and 3 links whose fragments tell (#comment-11, #comment-13) are one only if the title, and where both
///      have such a fragment the date, is the same; the same fragment finds its post whether the document kept it or not;
///   4. where several entries share the link: the post with the same link, title and date.
/// Across sources an entry is the post with the same globally unique guid (under another link the titles must be similar), or
/// with the same canonical link if neither source repeats that link among its entries; a site's home page as the link needs
/// the same title too, and for fragments that tell the same holds as within a source, unless the guid is the same. A post that
/// this source carries already under other keys is not taken: rules 1 to 4 have kept them apart.
/// Two sources of one URL read one document: between them the rules within a source hold.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "feeds/post.h"
#include "storage/sqlite/database.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

/// Digests of what an entry is known by; what it does not have is absent.
struct Keys {
  std::optional<std::int64_t> guid;  ///< of the guid, or of guid and link where the document repeats the guid
  std::optional<std::int64_t> link;  ///< of the link, of another kind where the document repeats the link
  std::optional<std::int64_t> text;  ///< of link, title and date: where there is no link of its own; else of link and fragment,
                                     ///< where that may tell (rows of before have none then)
  std::optional<std::int64_t> world; ///< of a globally unique guid
  bool operator==(const Keys&) const = default;
};

[[nodiscard]] Keys keys_of(const feeds::Post& post);
[[nodiscard]] std::int64_t title_digest(std::string_view title);

/// What is left of a stored story to compare with: of a removed one only digests.
struct Story {
  std::optional<std::string> title;
  std::int64_t digest = 0;  ///< of the title
  std::optional<Time> date;
  SourceId source = 0;      ///< whose version it is
  std::optional<std::string> link;
};

/// Finds posts for the entries of one document of one source.
class Matcher {
 public:
  /// `siblings`: other sources that read the same document.
  Matcher(Database& db, SourceId source, std::vector<SourceId> siblings)
      : db_(db), source_(source), siblings_(std::move(siblings)) {}

  /// The post's entry is in the document: no other entry of it can be the same story.
  void take(std::int64_t post) { taken_.insert(post); }

  /// Rules 1 and 2: what no other rule may override. Run for all entries before weak() for any.
  [[nodiscard]] std::optional<std::int64_t> strong(const feeds::Post& entry, const Keys& keys);
  /// Rules 3 and 4.
  [[nodiscard]] std::optional<std::int64_t> weak(const feeds::Post& entry);
  /// Another source's post.
  [[nodiscard]] std::optional<std::int64_t> elsewhere(const feeds::Post& entry, const Keys& keys);

 private:
  using Number = std::int64_t;
  using Same = bool (*)(const feeds::Post& entry, const Story& story);
  std::optional<Number> strong_in(SourceId source, const feeds::Post& entry, const Keys& keys);
  std::optional<Number> by_guid(SourceId source, const feeds::Identity& identity);
  std::optional<Number> by_link(SourceId source, const feeds::Post& entry, Same same);
  std::optional<Number> guid_elsewhere(const feeds::Post& entry);
  std::optional<Number> link_elsewhere(const feeds::Post& entry);
  std::optional<Number> first_same(const std::vector<Number>& posts, const feeds::Post& entry, Same same);
  std::optional<Number> first_free(const char* sql, std::int64_t key, SourceId source);
  bool carries(SourceId source, Number post, std::int64_t link_key, std::int64_t other_link_key);
  bool carried_here(Number post);
  bool link_repeats_in(SourceId source, std::int64_t shared_key);

  Database& db_;
  const SourceId source_;
  const std::vector<SourceId> siblings_;
  std::unordered_set<Number> taken_;
};

}  // namespace riverd::storage::sqlite
