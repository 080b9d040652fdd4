#pragma once
/// What an element's names (class, id, role, itemprop and kin) say of its part in the page. Private to the extractor.

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "feeds/content/article_page.h"

namespace riverd::feeds::content::extract {

/// Bits; several may hold.
enum NameFlag : std::uint16_t {
  kNameBody = 1,       ///< the article's body by its publisher's own word: articleBody, entry-content, story-body
  kNameLikely = 2,     ///< content of some kind: main, article, post, text
  kNameJunk = 4,       ///< never content: navigation, sharing, ads, newsletter boxes, related stories
  kNameWeakJunk = 8,   ///< mostly not content, if it is short or full of links: widget, box, promo, tools, meta
  kNameComments = 16,  ///< what readers wrote
  kNameByline = 32,    ///< author, date, reading time
  kNameLead = 64,      ///< standfirst, deck, intro: belongs to the article though it often stands outside its body
  kNameHidden = 128,   ///< not shown to anyone with eyes
  kNameCaption = 256,  ///< of a picture
  kNameTitle = 512,    ///< the headline
};
using NameFlags = std::uint16_t;

class NameReader {
 public:
  /// The flags of an element, from its tag, its names and its roles.
  NameFlags flags(const Page& page, std::size_t node);

 private:
  NameFlags of_names(std::string_view value);
  std::unordered_map<std::string_view, NameFlags> seen_;  // a page repeats its class names
};

}  // namespace riverd::feeds::content::extract
