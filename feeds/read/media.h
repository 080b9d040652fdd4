#pragma once
/// Enclosures and thumbnails: RSS enclosure, Media RSS, iTunes images, Atom enclosure links.

#include <string>
#include <vector>

#include "feeds/post.h"
#include "feeds/read/picks.h"
#include "feeds/read/scope.h"

namespace riverd::feeds::read {

/// Ranks of what can be the thumbnail (contract 1.3). Below all of them stands the first image of the content.
enum ThumbnailRank : int { media_thumbnail, media_image, podcast_image, enclosure_image, item_image };

/// What an entry has besides its text.
class Attachments {
 public:
  /// Adds an enclosure; a URL that is there already only fills in a missing type or length. At most 256.
  void add(Enclosure enclosure);
  void offer_thumbnail(int rank, std::string url) {
    if (!url.empty()) thumbnail_.offer(rank, std::move(url));
  }
  /// An enclosure element or link: url (or href), type, length attributes; the URL as text is forgiven.
  void add_enclosure(Xml element, const Scope& scope);
  /// media:content (of a group too): url, type, fileSize; its nested thumbnails are the caller's to read.
  void add_media_content(Xml element, const Scope& scope);

  [[nodiscard]] std::vector<Enclosure> take_enclosures() { return std::move(enclosures_); }
  [[nodiscard]] std::string take_thumbnail();  ///< call before take_enclosures

 private:
  std::vector<Enclosure> enclosures_;
  Pick<std::string> thumbnail_;
};

/// A non-negative number of bytes; nothing for any other text.
[[nodiscard]] std::optional<std::int64_t> parse_length(std::string_view text);

/// True where type says image, or without one where the URL's path ends like an image's.
[[nodiscard]] bool is_image(const std::optional<std::string>& type, std::string_view url);

}  // namespace riverd::feeds::read
