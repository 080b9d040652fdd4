#pragma once
/// The kept part of a page as HTML, still to be sanitised. Private to the extractor.

#include <string>
#include <vector>

#include "feeds/content/article_page.h"

namespace riverd::feeds::content::extract {

/// Appends what is below a node (`itself`: and the node), without what is dropped.
void append_kept(std::string& out, const Page& page, const std::vector<char>& dropped, std::uint32_t node, bool itself);

}  // namespace riverd::feeds::content::extract
