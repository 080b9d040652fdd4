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

/// RSS 2.0 has one author an item at most, an address: "mail (Name)". Names alone, and several, are dc:creator.
void append_authors(std::string& out, const std::vector<Author>& authors) {
  if (authors.size() == 1 && authors[0].email) {
    const Author& author = authors[0];
    text_element(out, "author", author.name ? *author.email + " (" + *author.name + ")" : *author.email);
    return;
  }
  for (const auto& author : authors)
    if (author.name || author.email) text_element(out, "dc:creator", author.name ? *author.name : *author.email);
}

/// RSS 2.0 knows one enclosure an item: the first; the others are media:content.
void append_enclosures(std::string& out, const Post& post) {
  bool first = true;
  for (const auto& enclosure : post.enclosures) {
    const std::string length = enclosure.length && *enclosure.length >= 0 ? std::to_string(*enclosure.length) : "";
    const std::string_view type = enclosure.type ? media_type(*enclosure.type) : std::string_view();
    if (first) {
      empty_element(out, "enclosure",
                    {{"url", enclosure.url},
                     {"length", length.empty() ? "0" : std::string_view(length)},
                     {"type", type.empty() ? "application/octet-stream" : type}});
    } else {
      empty_element(out, "media:content",
                    {{"url", enclosure.url}, {"fileSize", length}, {"type", type}});
    }
    first = false;
  }
}

void append_bodies(std::string& out, const Post& post) {
  if (post.summary && !post.summary->empty()) text_element(out, "description", as_html(*post.summary));
  if (post.content_html) text_element(out, "content:encoded", *post.content_html);
}

void append_item(std::string& out, const RiverPost& item) {
  const Post& post = *item.post;
  out += "<item>\n";
  // An item has a title or a description at least, and neither is empty.
  const bool described = post.summary && !post.summary->empty();
  if (!post.title.empty()) text_element(out, "title", as_html(post.title));
  else if (!described) text_element(out, "title", as_html(post.link.value_or("Untitled")));
  if (post.link) text_element(out, "link", *post.link);
  text_element(out, "guid", post_urn(post.id), {{"isPermaLink", "false"}});
  if (post.date) text_element(out, "pubDate", http_date(*post.date));
  if (post.updated) text_element(out, "dcterms:modified", rfc3339(*post.updated));
  append_authors(out, post.authors);
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
  empty_element(out, "atom:link", {{"rel", "first"}, {"type", "application/rss+xml"}, {"href", river.first.empty() ? river.self : river.first}});
  if (river.next) empty_element(out, "atom:link", {{"rel", "next"}, {"type", "application/rss+xml"}, {"href", *river.next}});
  for (const auto& item : posts) append_item(out, item);
  out += "</channel>\n</rss>\n";
  return out;
}

}  // namespace riverd::feeds::write
