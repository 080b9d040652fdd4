#pragma once
/// What of a post can come from its entry or from its page: kept apart, so that a later version of either is
/// merged with the other as it was. The content is not in it: the post has it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/content/article.h"
#include "feeds/post.h"

namespace riverd::storage::sqlite {

struct PageParts {
  std::string title;
  std::optional<Time> date;
  std::optional<Time> updated;
  std::optional<std::string> thumbnail;
  std::optional<std::string> language;
  std::optional<std::string> summary;
  std::vector<std::string> tags;
  std::vector<feeds::Author> authors;
  bool paywalled = false;
};

[[nodiscard]] PageParts parts_of(const feeds::Post& entry);
[[nodiscard]] PageParts parts_of(const feeds::content::Article& article);

/// Puts an entry's parts back into a post.
void restore(feeds::Post& post, PageParts parts);
/// An article of these parts and this content.
[[nodiscard]] feeds::content::Article article_of(PageParts parts, std::string content_html);

[[nodiscard]] std::string encode(const PageParts& parts);
/// Bytes that encode() did not write give what could be read of them.
[[nodiscard]] PageParts decode_parts(std::string_view blob);

}  // namespace riverd::storage::sqlite
