#pragma once
/// The merged stream as a feed: Atom 1.0 (RFC 4287, paging by RFC 5005), RSS 2.0, JSON Feed 1.1.
/// Output is well-formed and valid UTF-8 whatever a post holds; reading it back gives the same posts.

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "feeds/post.h"
#include "feeds/write/json.h"

namespace riverd::feeds::write {

/// What a feed document says of itself.
struct River {
  std::string title;
  std::string home;                 ///< URL of the page that shows the same posts
  std::string self;                 ///< URL of this document
  std::optional<std::string> next;  ///< URL of the document with older posts (RFC 5005, 3)
  Time updated;                     ///< when a post last came or changed
  std::string generator;            ///< "riverd 0.1.0"
  std::string first{};              ///< URL of the document with the newest posts, and so the feed's id; empty: it is this
};

/// One post of the stream. The pointers outlive the call.
struct RiverPost {
  const Post* post = nullptr;
  const Kept* kept = nullptr;  ///< may be null
  Time arrived;                ///< stands in where a format demands a date and the post has none
};

/// application/atom+xml. Entry ids are urn:uuid: forms of the post's id, so they never change.
[[nodiscard]] std::string atom(const River& river, const std::vector<RiverPost>& posts);

/// application/rss+xml, with content:encoded, dc:creator, media:thumbnail, atom:link self.
[[nodiscard]] std::string rss(const River& river, const std::vector<RiverPost>& posts);

/// application/feed+json; guid, categories, seq and sources are in each item's `_riverd` object.
[[nodiscard]] std::string json_feed(const River& river, const std::vector<RiverPost>& posts);

/// `urn:uuid:` form (RFC 4122) of a post id: the 128 bits of the id, written as a UUID.
[[nodiscard]] std::string post_urn(std::string_view id);

}  // namespace riverd::feeds::write
