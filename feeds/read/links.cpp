#include "feeds/read/links.h"

#include <algorithm>

#include "feeds/content/url.h"

namespace riverd::feeds::read {
namespace {

constexpr std::string_view kRegistry = "http://www.iana.org/assignments/relation/";

void to_lower(std::string& text) { std::transform(text.begin(), text.end(), text.begin(), lower); }

}  // namespace

LinkElement read_link(Xml element, const Scope& outer) {
  LinkElement link;
  link.rel = element.attribute("rel");
  to_lower(link.rel);
  if (link.rel.compare(0, kRegistry.size(), kRegistry) == 0) link.rel.erase(0, kRegistry.size());
  if (link.rel.empty()) link.rel = "alternate";
  link.type = element.attribute("type");
  to_lower(link.type);
  link.type = std::string(trim(std::string_view(link.type).substr(0, link.type.find(';'))));
  link.href = read_url_attribute(element, "href", outer);
  return link;
}

std::string read_url_text(Xml element, const Scope& outer) {
  Scope storage;
  const std::string text = element.trimmed_text();
  if (text.empty()) return {};
  return content::resolve(text, enter(element, outer, storage).base).value_or("");
}

std::string read_url_attribute(Xml element, std::string_view name, const Scope& outer) {
  Scope storage;
  const std::string value = element.attribute(name);
  if (value.empty()) return {};
  return content::resolve(value, enter(element, outer, storage).base).value_or("");
}

std::string read_plain_link(Xml element, const Scope& outer) {
  std::string url = read_url_text(element, outer);
  return url.empty() ? read_url_attribute(element, "rdf:resource", outer) : url;
}

int alternate_rank(std::string_view type) {
  if (type == "text/html" || type == "application/xhtml+xml") return LinkRank::html;
  return type.empty() ? LinkRank::untyped : LinkRank::other;
}

bool is_web_url(std::string_view text) {
  return equals_ignoring_case(text.substr(0, 7), "http://") || equals_ignoring_case(text.substr(0, 8), "https://");
}

}  // namespace riverd::feeds::read
