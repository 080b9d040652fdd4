#include <algorithm>

#include "feeds/content/text.h"
#include "feeds/write/river.h"
#include "feeds/write/xml.h"

namespace riverd::feeds::write {
namespace {

/// Text for an element that readers take as HTML: escaped once more, but only where reading it as HTML would change it,
/// since some readers show titles as they are.
std::string as_html(std::string_view text) {
  if (text.find('<') == std::string_view::npos && content::decode_entities(text) == text) return std::string(text);
  std::string out;
  content::append_escaped(out, text);
  return out;
}

/// RSS 2.0 wants "mail (Name)" in author; a name alone is dc:creator.
void append_author(std::string& out, const Author& author) {
  if (author.email) {
    text_element(out, "author", author.name ? *author.email + " (" + *author.name + ")" : *author.email);
  } else if (author.name) {
    text_element(out, "dc:creator", *author.name);
  }
}

/// RSS 2.0 knows one enclosure an item: the first; the others are media:content.
void append_enclosures(std::string& out, const Post& post) {
  bool first = true;
  for (const auto& enclosure : post.enclosures) {
    const std::string length = enclosure.length ? std::to_string(*enclosure.length) : "";
    if (first) {
      empty_element(out, "enclosure",
                    {{"url", enclosure.url},
                     {"length", length.empty() ? "0" : std::string_view(length)},
                     {"type", enclosure.type ? std::string_view(*enclosure.type) : "application/octet-stream"}});
    } else {
      empty_element(out, "media:content",
                    {{"url", enclosure.url}, {"fileSize", length}, {"type", enclosure.type ? *enclosure.type : ""}});
    }
    first = false;
  }
}

void append_bodies(std::string& out, const Post& post) {
  if (post.summary) text_element(out, "description", as_html(*post.summary));
  if (post.content_html) text_element(out, "content:encoded", *post.content_html);
}

void append_item(std::string& out, const RiverPost& item) {
  const Post& post = *item.post;
  out += "<item>\n";
  text_element(out, "title", as_html(post.title));
  if (post.link) text_element(out, "link", *post.link);
  text_element(out, "guid", post_urn(post.id), {{"isPermaLink", "false"}});
  if (post.date) text_element(out, "pubDate", http_date(*post.date));
  if (post.updated) text_element(out, "dcterms:modified", rfc3339(*post.updated));
  for (const auto& author : post.authors) append_author(out, author);
  for (const auto& tag : post.tags) text_element(out, "category", tag);
  for (const auto& category : post.categories)
    text_element(out, "category", category, {{"domain", "urn:riverd:category"}});
  if (post.language) text_element(out, "dc:language", *post.language);
  if (item.kept != nullptr && !item.kept->sources.empty()) {
    const SourceRef& source = item.kept->sources.front();
    if (source.url) text_element(out, "source", source.title.value_or(source.name), {{"url", *source.url}});
  }
  append_enclosures(out, post);
  if (post.thumbnail) empty_element(out, "media:thumbnail", {{"url", *post.thumbnail}});
  append_bodies(out, post);
  close_element(out, "item");
}

}  // namespace

std::string rss(const River& river, const std::vector<RiverPost>& posts) {
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
  open_element(out, "rss",
               {{"version", "2.0"},
                {"xmlns:atom", "http://www.w3.org/2005/Atom"},
                {"xmlns:content", "http://purl.org/rss/1.0/modules/content/"},
                {"xmlns:dc", "http://purl.org/dc/elements/1.1/"},
                {"xmlns:dcterms", "http://purl.org/dc/terms/"},
                {"xmlns:media", "http://search.yahoo.com/mrss/"}});
  out += "\n<channel>\n";
  text_element(out, "title", as_html(river.title));
  text_element(out, "link", river.home);
  text_element(out, "description", as_html(river.title));
  text_element(out, "lastBuildDate", http_date(river.updated));
  text_element(out, "generator", river.generator);
  empty_element(out, "atom:link", {{"rel", "self"}, {"type", "application/rss+xml"}, {"href", river.self}});
  if (river.next) empty_element(out, "atom:link", {{"rel", "next"}, {"href", *river.next}});
  for (const auto& item : posts) append_item(out, item);
  out += "</channel>\n</rss>\n";
  return out;
}

}  // namespace riverd::feeds::write
