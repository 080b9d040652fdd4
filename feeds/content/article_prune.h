#pragma once
/// What inside the article's element is not the article. Private to the extractor.

#include <string>
#include <vector>

#include "feeds/content/article_select.h"

namespace riverd::feeds::content {

/// One mark a node: true where the node and all below it are left out.
[[nodiscard]] std::vector<char> prune(const Page& page, const std::vector<Measure>& measures, const Selection& selection,
                                      std::string_view title, bool careful, double guide_cover);

}  // namespace riverd::feeds::content
