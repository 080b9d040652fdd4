#pragma once
/// Which element holds the article. Private to the extractor.

#include <cstdint>
#include <string>
#include <vector>

#include "feeds/content/article_measure.h"

namespace riverd::feeds::content::extract {

struct Selection {
  bool found = false;
  std::uint32_t root = 0;             ///< the element whose children are the article
  std::vector<std::uint32_t> leads;   ///< elements before it that belong to it: standfirst, opening paragraphs
  std::vector<std::uint32_t> beside;  ///< elements inside it that stand beside the article: boxes, later teasers
};

/// Picks the element with the most prose and the least of everything else.
///   title    what the page is called; may be empty
///   careful  false: names are not believed (a second try where nothing was found)
[[nodiscard]] Selection select_article(const Page& page, const std::vector<Measure>& measures, std::string_view title,
                                       bool careful);

/// Whether an element is left out by its tag or its names, being neither the article nor a great part of it.
///   whole   the good text of what it is judged within
[[nodiscard]] bool is_junk(const PageNode& node, const Measure& m, std::uint32_t whole);

}  // namespace riverd::feeds::content::extract
