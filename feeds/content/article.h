#pragma once
/// From a web page to its article: what `full_text = true` and `riverd article` make of a story's page.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "feeds/post.h"

namespace riverd::feeds::content {

/// What a page says of its one article. Structured data (JSON-LD, microdata, Open Graph, Twitter cards) comes before
/// what the page shows; all URLs are absolute http(s).
struct Article {
  std::optional<std::string> title;
  std::vector<Author> authors;
  std::optional<Time> published;
  std::optional<Time> updated;          ///< only where it differs from published
  std::optional<std::string> section;
  std::vector<std::string> tags;
  std::optional<std::string> image;     ///< the lead image
  std::optional<std::string> language;  ///< BCP 47
  std::optional<std::string> site_name;
  std::optional<std::string> canonical; ///< the page's own idea of its URL
  std::optional<std::string> description;
  std::string content_html;             ///< sanitised, without title, byline and boilerplate; empty: no article found
  std::string text;                     ///< the words of content_html
  std::optional<std::string> next_page; ///< rel=next of an article in several pages
  bool paywalled = false;               ///< the page says that it is not free, and shows a part only
};

/// Finds the article of a page. Pure, no recursion, linear in the page's size.
///   html     the page as received; UTF-8, or any charset that its BOM, `charset` or its own meta names
///   url      where it came from (after redirects): relative URLs resolve against it; may be empty
///   charset  of the Content-Type header; may be empty
/// Errors: invalid, when the bytes are no HTML page at all (empty, or binary). A page without an article is no error:
/// content_html is empty then.
[[nodiscard]] Result<Article> extract_article(std::string_view html, std::string_view url, std::string_view charset = {});

/// A later page of the same article (rel=next) put behind the first one's content.
void append_page(Article& article, const Article& next);

}  // namespace riverd::feeds::content

namespace riverd::feeds {

/// The post of an article that no feed announced: `riverd article`. Its identity is the canonical link (else `url`).
[[nodiscard]] Post article_post(const content::Article& article, std::string_view url);

/// A feed's entry made complete by its page. The entry wins on title, date, guid and link; the page adds what the entry
/// lacks: updated, tags, thumbnail, authors, language, summary; the content is the article's, unless it is empty, the page
/// is paywalled, or it has clearly fewer words than the entry already had.
[[nodiscard]] Post merge_article(Post entry, const content::Article& article);

/// An article in at most 500 characters: what its page says of it, else its beginning.
[[nodiscard]] std::optional<std::string> summary_of(const content::Article& article);

/// The first absolute http(s) URL in a value that may have junk around it (quotes, "url(...)", a srcset, white space).
[[nodiscard]] std::optional<std::string> url_in(std::string_view value, std::string_view base);

}  // namespace riverd::feeds
