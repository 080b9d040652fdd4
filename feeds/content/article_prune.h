#pragma once
/// What inside the article's element is not the article. Private to the extractor.

#include <string_view>
#include <vector>

#include "feeds/content/article_select.h"

namespace riverd::feeds::content::extract {

/// One mark a node: non-zero where the node and all below it are left out.
///   careful   as given to select_article()
[[nodiscard]] std::vector<char> prune(const Page& page, const std::vector<Measure>& measures, const Selection& selection,
                                      std::string_view title, bool careful);

}  // namespace riverd::feeds::content::extract
