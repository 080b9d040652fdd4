#include "feeds/content/article_metadata.h"

#include <algorithm>
#include <utility>

#include "feeds/content/text.h"
#include "feeds/content/url.h"
#include "feeds/read/date.h"

namespace riverd::feeds::content::extract {
namespace {

void keep(std::string& mine, std::string&& other) {
  if (mine.empty()) mine = std::move(other);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

void add_tag(std::vector<std::string>& tags, std::string_view tag) {
  std::string folded = fold_space(tag);
  if (folded.empty() || folded.size() > 120 || tags.size() >= 50 || std::ranges::find(tags, folded) != tags.end()) return;
  tags.push_back(std::move(folded));
}

void add_tags(std::vector<std::string>& tags, std::string_view list) {
  while (!list.empty()) {
    const auto comma = std::min(list.find_first_of(",;"), list.size());
    add_tag(tags, list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

void add_author(std::vector<Author>& authors, std::string_view text) {
  std::string name = fold_space(text);
  if (name.starts_with("By ") || name.starts_with("by ")) name.erase(0, 3);
  if (name.empty() || name.size() > 120 || name.find("://") != std::string::npos || authors.size() >= 20) return;
  if (std::ranges::any_of(authors, [&](const Author& a) { return a.name == name; })) return;
  authors.push_back({.name = std::move(name), .email = {}, .url = {}});
}

// Meta elements by what their name or property is; the first of each counts.
struct Layers {
  Facts open_graph;
  Facts twitter;
  Facts plain;
  std::string keywords;
};

void set_once(std::optional<Time>& mine, std::string_view value) {
  if (!mine) mine = read::parse_date(value);
}

void set_once(std::string& mine, std::string_view value) {
  if (mine.empty()) mine = fold_space(value);
}

void read_meta(Layers& layers, std::string_view name, std::string_view value) {
  Facts& og = layers.open_graph;
  Facts& plain = layers.plain;
  if (name == "og:title") set_once(og.title, value);
  else if (name == "og:description") set_once(og.description, value);
  else if (name == "og:image" || name == "og:image:url" || name == "og:image:secure_url") set_once(og.image, value);
  else if (name == "og:site_name") set_once(og.site_name, value);
  else if (name == "og:locale") set_once(og.language, value);
  else if (name == "og:url") set_once(og.canonical, value);
  else if (name == "article:published_time" || name == "og:article:published_time") set_once(og.published, value);
  else if (name == "article:modified_time" || name == "og:updated_time") set_once(og.updated, value);
  else if (name == "article:section") set_once(og.section, value);
  else if (name == "article:tag") add_tags(og.tags, value);
  else if (name == "article:author" || name == "author" || name == "sailthru.author" || name == "parsely-author" || name == "byl" || name == "dc.creator" || name == "dcterms.creator")
    add_author(name == "article:author" ? og.authors : plain.authors, value);
  else if (name == "twitter:title") set_once(layers.twitter.title, value);
  else if (name == "twitter:description") set_once(layers.twitter.description, value);
  else if (name == "twitter:image" || name == "twitter:image:src") set_once(layers.twitter.image, value);
  else if (name == "description" || name == "dc.description") set_once(plain.description, value);
  else if (name == "keywords" || name == "news_keywords" || name == "parsely-tags" || name == "sailthru.tags") set_once(layers.keywords, value);
  else if (name == "date" || name == "pubdate" || name == "publishdate" || name == "publish-date" || name == "dc.date" || name == "dc.date.issued" || name == "dcterms.created" ||
           name == "parsely-pub-date" || name == "sailthru.date" || name == "datepublished" || name == "publication_date" || name == "article.published")
    set_once(plain.published, value);
  else if (name == "lastmod" || name == "last-modified" || name == "dcterms.modified" || name == "article.updated" || name == "datemodified") set_once(plain.updated, value);
  else if (name == "application-name" || name == "al:android:app_name") set_once(plain.site_name, value);
  else if (name == "dc.title" || name == "parsely-title" || name == "sailthru.title") set_once(plain.title, value);
  else if (name == "content-language" || name == "dc.language") set_once(plain.language, value);
  else if (name == "section" || name == "parsely-section") set_once(plain.section, value);
}

std::string value_of(const Page& page, std::size_t i) {
  for (const char* name : {"content", "datetime", "href", "src"})
    if (page.has_attribute(i, name)) return fold_space(page.attribute(i, name));
  return page.text_of(i);
}

// Microdata of the article itself, as far as the names tell: itemprop beside any itemscope.
void read_microdata(const Page& page, std::size_t i, std::string_view prop, Facts& facts) {
  if (prop == "headline") set_once(facts.title, value_of(page, i));
  else if (prop == "datePublished") set_once(facts.published, value_of(page, i));
  else if (prop == "dateModified") set_once(facts.updated, value_of(page, i));
  else if (prop == "articleSection") set_once(facts.section, value_of(page, i));
  else if (prop == "keywords") add_tags(facts.tags, value_of(page, i));
  else if (prop == "inLanguage") set_once(facts.language, value_of(page, i));
  else if (prop == "author" && page[i].end - i < 60) {
    for (std::size_t k = i + 1; k < page[i].end; ++k)
      if (page.attribute(k, "itemprop") == "name") return add_author(facts.authors, page.has_attribute(k, "content") ? page.attribute(k, "content") : page.text_of(k));
    add_author(facts.authors, page.has_attribute(i, "content") ? std::string(page.attribute(i, "content")) : page.text_of(i));
  }
}

bool is_inside_link(const Page& page, std::size_t i) {
  for (unsigned up = 0; i != 0 && up < 12; i = page[i].parent, ++up)
    if (page[i].tag == Tag::a || page[i].tag == Tag::nav || page[i].tag == Tag::aside) return true;
  return false;
}

// What only the page's face says: the h1, <time datetime>, rel=author and byline links.
void read_face(const Page& page, std::size_t i, Facts& facts, std::string& headline) {
  const Tag tag = page[i].tag;
  if (tag == Tag::h1 && headline.empty()) headline = page.text_of(i);
  if (tag == Tag::title && facts.title.empty()) facts.title = page.text_of(i);
  if (tag == Tag::time && !facts.published && !headline.empty() && !is_inside_link(page, i)) {
    const std::string_view when = page.attribute(i, "datetime");
    facts.published = read::parse_date(when.empty() ? std::string_view(page.text_of(i)) : when);
  }
  if (tag == Tag::a && facts.authors.empty() && page.attribute(i, "rel") == "author") add_author(facts.authors, page.text_of(i));
}

std::string language_tag(std::string_view value) {
  std::string out(value.substr(0, 35));
  std::ranges::replace(out, '_', '-');
  const bool plain = std::ranges::all_of(out, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  const auto primary = std::min(out.find('-'), out.size());
  return plain && primary >= 2 && primary <= 3 ? out : std::string();
}

}  // namespace

void Facts::complete(Facts&& other) {
  keep(title, std::move(other.title));
  if (authors.empty()) authors = std::move(other.authors);
  if (!published) published = other.published;
  if (!updated) updated = other.updated;
  keep(section, std::move(other.section));
  if (tags.empty()) tags = std::move(other.tags);
  keep(image, std::move(other.image));
  other.language = language_tag(other.language);
  language = language_tag(language);
  keep(language, std::move(other.language));
  keep(site_name, std::move(other.site_name));
  keep(description, std::move(other.description));
  keep(canonical, std::move(other.canonical));
  keep(body, std::move(other.body));
  paywalled = paywalled || other.paywalled;
}

Facts element_facts(const Page& page, std::string_view base) {
  Layers layers;
  Facts micro;
  Facts face;
  std::string headline;
  for (std::size_t i = 0; i < page.size(); ++i) {
    const PageNode& node = page[i];
    if (node.tag == Tag::text) continue;
    if (node.tag == Tag::meta) {
      const std::string_view value = page.attribute(i, "content");
      for (const char* key : {"property", "name", "http-equiv"})
        if (const auto name = page.attribute(i, key); !name.empty() && name.size() < 60) read_meta(layers, lower(name), value);
    } else if (node.tag == Tag::link && page.attribute(i, "rel") == "canonical") {
      set_once(face.canonical, page.attribute(i, "href"));
    } else if (node.tag == Tag::html) {
      face.language = std::string(page.attribute(i, "lang"));
    }
    if (const auto prop = page.attribute(i, "itemprop"); !prop.empty()) read_microdata(page, i, prop, micro);
    read_face(page, i, face, headline);
  }
  add_tags(layers.plain.tags, layers.keywords);
  for (Author& author : layers.plain.authors)
    if (author.name && author.name->find('@') != std::string::npos) author = {.name = {}, .email = author.name, .url = {}};
  Facts out;
  out.canonical = std::exchange(face.canonical, {});
  out.language = std::exchange(face.language, {});
  const std::string site = layers.open_graph.site_name;
  face.title = without_site(face.title, site, headline);
  out.complete(std::move(micro));
  out.complete(std::move(layers.open_graph));
  out.complete(std::move(layers.twitter));
  out.complete(std::move(layers.plain));
  out.complete(std::move(face));
  keep(out.title, std::move(headline));
  out.title = without_site(out.title, out.site_name, headline);
  for (std::string* url : {&out.image, &out.canonical})
    if (!url->empty()) *url = resolve(*url, base).value_or(std::string());
  return out;
}

std::string base_of(const Page& page, std::string_view url) {
  for (std::size_t i = 0; i < page.size(); ++i)
    if (page[i].tag == Tag::base && page.has_attribute(i, "href")) return rebase(page.attribute(i, "href"), url);
  return std::string(url);
}

std::optional<std::string> next_page_of(const Page& page, std::string_view base) {
  for (std::size_t i = 0; i < page.size(); ++i) {
    if ((page[i].tag != Tag::link && page[i].tag != Tag::a) || page.attribute(i, "rel") != "next") continue;
    const auto next = resolve(page.attribute(i, "href"), base);
    if (next && *next != base) return next;
  }
  return std::nullopt;
}

std::string without_site(std::string_view title, std::string_view site, std::string_view headline) {
  if (!headline.empty() && title.size() > headline.size() && title.starts_with(headline)) return std::string(headline);
  for (const std::string_view sign : {" | ", " - ", " – ", " — ", " :: ", " · ", " » ", " • "}) {
    const auto at = title.rfind(sign);
    if (at == std::string_view::npos || at < 8) continue;
    const std::string_view tail = title.substr(at + sign.size());
    if (!site.empty() ? lower(tail).find(lower(site)) != std::string::npos || tail == site : tail.size() < at / 2)
      return std::string(title.substr(0, at));
  }
  return std::string(title);
}

}  // namespace riverd::feeds::content::extract
