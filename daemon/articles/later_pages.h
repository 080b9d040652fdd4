#pragma once
/// Articles in several pages. rel=next alone says little: blogs put it on the next story too. Pure.

#include <cstdint>
#include <string_view>

#include "feeds/content/article.h"

namespace riverd::articles {

/// Whether `next` is by its form the page after `current`, and page `number` of the article (2 is the first
/// to come): the same URL but for that number ("/2", "?page=2", "-2.html"), which stands for one less or
/// where there was none before.
[[nodiscard]] bool continues(std::string_view current, std::string_view next, std::uint32_t number);

/// Whether a later page is of the same article, by their titles.
[[nodiscard]] bool same_article(const feeds::content::Article& first, const feeds::content::Article& later);

}  // namespace riverd::articles
