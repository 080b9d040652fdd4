#include <algorithm>

#include "feeds/content/url.h"
#include "feeds/read/charset.h"
#include "feeds/read/links.h"
#include "feeds/read/read.h"
#include "feeds/read/xml_parser.h"

namespace riverd::feeds::read {
namespace {

constexpr std::size_t kMostLinked = 20;

bool is_feed_type(std::string_view type) {
  for (const std::string_view feed : {"application/rss+xml", "application/atom+xml", "application/feed+json",
                                      "application/rdf+xml", "application/x-rss+xml", "text/rss+xml", "application/json"}) {
    if (type == feed) return true;
  }
  return false;
}

/// WordPress names its REST interface beside its feeds, with the type that some JSON Feeds are named with.
bool is_interface(std::string_view href) { return href.find("/wp-json/") != std::string_view::npos; }

/// rel is a list of words in HTML.
bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t space = std::min(list.find_first_of(" \t\n\r\f"), list.size());
    if (equals_ignoring_case(list.substr(0, space), word)) return true;
    list.remove_prefix(std::min(space + 1, list.size()));
  }
  return false;
}

}  // namespace

std::vector<std::string> linked_feeds(std::string_view html, const std::string& base) {
  Warnings ignored;
  const Decoded decoded = decode(html, {}, ignored);
  XmlLimits limits;
  limits.stop_at_html = false;
  const XmlTree tree = parse_xml(decoded.text(), ignored, limits);
  Scope scope;
  scope.base = base;
  std::vector<std::string> found;
  for (NodeIndex i = 1; i < tree.nodes.size() && found.size() < kMostLinked; ++i) {
    const Xml element(tree, i);
    if (!element.is_element()) continue;
    if (element.tag() == Tag::base && element.has_attribute("href")) {
      scope.base = content::rebase(element.attribute("href"), base);
    }
    if (element.tag() != Tag::link || !has_word(element.raw_attribute("rel"), "alternate")) continue;
    LinkElement link = read_link(element, scope);
    if (!is_feed_type(link.type) || link.href.empty() || is_interface(link.href)) continue;
    if (std::find(found.begin(), found.end(), link.href) == found.end()) found.push_back(std::move(link.href));
  }
  return found;
}

}  // namespace riverd::feeds::read
