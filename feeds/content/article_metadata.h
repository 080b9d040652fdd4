#pragma once
/// What a page says of itself in structured data. Private to the article extractor.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/content/article.h"
#include "feeds/content/article_page.h"

namespace riverd::feeds::content::extract {

/// Facts of one layer of structured data; empty where it says nothing. Layers are merged, the first to speak wins:
/// JSON-LD, microdata, Open Graph and article:*, Twitter cards, other meta elements, what the page shows.
struct Facts {
  std::string title;
  std::vector<Author> authors;
  std::optional<Time> published;
  std::optional<Time> updated;
  std::string section;
  std::vector<std::string> tags;
  std::string image;
  std::string language;
  std::string site_name;
  std::string description;
  std::string canonical;
  std::string body;  ///< articleBody as text
  bool paywalled = false;

  /// Takes over what this does not know yet.
  void complete(Facts&& other);
};

/// The first article (schema.org Article and its kinds) of all JSON-LD scripts, @graph included.
[[nodiscard]] Facts json_ld_facts(const Page& page, std::string_view base);

/// meta, link and microdata elements, <html lang>, the first h1 and visible <time> and author links.
[[nodiscard]] Facts element_facts(const Page& page, std::string_view base);

/// What relative URLs of the page resolve against: its <base>, else its address.
[[nodiscard]] std::string base_of(const Page& page, std::string_view url);

/// rel=next of the page, absolute, if it is another page of the same site.
[[nodiscard]] std::optional<std::string> next_page_of(const Page& page, std::string_view base);

/// A headline without the site's name at its end: "Headline | Site".
[[nodiscard]] std::string without_site(std::string_view title, std::string_view site, std::string_view headline);

}  // namespace riverd::feeds::content::extract
