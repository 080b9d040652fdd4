#include <algorithm>
#include <boost/json.hpp>

#include "feeds/content/article_metadata.h"
#include "feeds/content/text.h"
#include "feeds/content/url.h"
#include "feeds/read/date.h"

namespace riverd::feeds::content::extract {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostObjects = 2000;

std::string text_of(const json::value& value) {
  if (const auto* s = value.if_string()) return fold_space(decode_entities(std::string_view(s->data(), s->size())));
  if (const auto* a = value.if_array(); a != nullptr && !a->empty()) return text_of(a->front());
  if (const auto* o = value.if_object()) {
    for (const char* key : {"name", "@value", "url", "contentUrl", "@id"})
      if (const auto* inner = o->if_contains(key); inner != nullptr && inner->is_string()) return text_of(*inner);
  }
  return {};
}

std::string field(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? std::string() : text_of(*value);
}

// Pictures are named by url before name.
std::string image_of(const json::value& value) {
  if (const auto* a = value.if_array()) return a->empty() ? std::string() : image_of(a->front());
  if (const auto* o = value.if_object()) {
    for (const char* key : {"url", "contentUrl", "@id"})
      if (const auto* inner = o->if_contains(key)) return image_of(*inner);
    return {};
  }
  return text_of(value);
}

bool is_article(const json::value& type) {
  if (const auto* a = type.if_array()) return std::ranges::any_of(*a, is_article);
  const auto* s = type.if_string();
  if (s == nullptr) return false;
  std::string_view name(s->data(), s->size());
  if (const auto slash = name.find_last_of("/#:"); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  return name.ends_with("Article") || name == "BlogPosting" || name == "LiveBlogPosting" || name == "SocialMediaPosting" || name == "Report" ||
         name == "DiscussionForumPosting" || name == "Review" || name.ends_with("NewsArticle") || name == "CriticReview";
}

void append_authors(std::vector<Author>& out, const json::value& value, std::string_view base) {
  if (out.size() >= 20) return;
  if (const auto* a = value.if_array()) {
    for (const auto& one : *a)
      if (!one.is_array()) append_authors(out, one, base);
    return;
  }
  Author author;
  if (const auto* o = value.if_object()) {
    const std::string name = field(*o, "name");
    if (!name.empty()) author.name = name;
    if (const std::string url = field(*o, "url"); !url.empty()) author.url = resolve(url, base);
    if (const std::string mail = field(*o, "email"); mail.find('@') != std::string::npos)
      author.email = mail.starts_with("mailto:") ? mail.substr(7) : mail;
  } else {
    const std::string name = text_of(value);
    if (!name.empty() && name.find("://") == std::string::npos) author.name = name;
  }
  if (author.name) out.push_back(std::move(author));
}

void append_tags(std::vector<std::string>& out, const json::value& value) {
  if (const auto* a = value.if_array()) {
    for (const auto& one : *a)
      if (!one.is_array()) append_tags(out, one);
    return;
  }
  const std::string all = text_of(value);
  for (std::size_t at = 0; at <= all.size() && out.size() < 50;) {
    const auto comma = std::min(all.find_first_of(",;", at), all.size());
    std::string tag = fold_space(std::string_view(all).substr(at, comma - at));
    if (!tag.empty() && tag.find(":http") == std::string::npos && std::ranges::find(out, tag) == out.end()) out.push_back(std::move(tag));
    at = comma + 1;
  }
}

Facts facts_of(const json::object& o, std::string_view base) {
  Facts out;
  out.title = field(o, "headline");
  if (out.title.empty()) out.title = field(o, "name");
  if (const auto* authors = o.if_contains("author")) append_authors(out.authors, *authors, base);
  if (out.authors.empty())
    if (const auto* creator = o.if_contains("creator")) append_authors(out.authors, *creator, base);
  out.published = read::parse_date(field(o, "datePublished"));
  if (!out.published) out.published = read::parse_date(field(o, "dateCreated"));
  out.updated = read::parse_date(field(o, "dateModified"));
  out.section = field(o, "articleSection");
  if (const auto* keywords = o.if_contains("keywords")) append_tags(out.tags, *keywords);
  if (const auto* image = o.if_contains("image")) out.image = image_of(*image);
  if (out.image.empty())
    if (const auto* image = o.if_contains("thumbnailUrl")) out.image = image_of(*image);
  out.language = field(o, "inLanguage");
  if (const auto* publisher = o.if_contains("publisher")) out.site_name = text_of(*publisher);
  out.description = field(o, "description");
  if (const auto* body = o.if_contains("articleBody"); body != nullptr && body->is_string())
    out.body = decode_entities(std::string_view(body->as_string().data(), body->as_string().size()));
  const auto* free = o.if_contains("isAccessibleForFree");
  if (free != nullptr) out.paywalled = free->is_bool() ? !free->as_bool() : text_of(*free) == "False" || text_of(*free) == "false";
  return out;
}

// The first article among an object, its @graph, its mainEntity and arrays of such; breadth first, bounded.
const json::object* find_article(const json::value& root) {
  std::vector<const json::value*> queue{&root};
  for (std::size_t i = 0; i < queue.size() && i < kMostObjects; ++i) {
    if (const auto* a = queue[i]->if_array()) {
      for (const auto& one : *a) queue.push_back(&one);
      continue;
    }
    const auto* o = queue[i]->if_object();
    if (o == nullptr) continue;
    if (const auto* type = o->if_contains("@type"); type != nullptr && is_article(*type)) return o;
    for (const char* key : {"@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item"})
      if (const auto* inner = o->if_contains(key); inner != nullptr && !inner->is_string()) queue.push_back(inner);
  }
  return nullptr;
}

// Line breaks inside strings, comment and CDATA wrappers: common, and no JSON.
std::string cleaned(std::string_view script) {
  std::string out(script);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  const auto first = out.find_first_of("{[");
  const auto last = out.find_last_of("}]");
  if (first == std::string::npos || last == std::string::npos || last < first) return {};
  return out.substr(first, last - first + 1);
}

void read_script(std::string_view script, std::string_view base, Facts& facts, bool& found) {
  if (script.size() > 2 * 1024 * 1024) return;
  json::parse_options options;
  options.allow_trailing_commas = true;
  options.allow_comments = true;
  options.allow_invalid_utf8 = true;
  boost::system::error_code error;
  json::monotonic_resource memory;
  const json::value value = json::parse(cleaned(script), error, &memory, options);
  if (error) return;
  const json::object* article = find_article(value);
  if (article == nullptr) return;
  facts.complete(facts_of(*article, base));
  found = true;
}

}  // namespace

Facts json_ld_facts(const Page& page, std::string_view base) {
  Facts facts;
  bool found = false;
  for (std::size_t i = 0; i < page.size() && !found; ++i) {
    if (page[i].tag != Tag::script || page[i].end == i + 1) continue;
    if (page.attribute(i, "type").find("ld+json") == std::string_view::npos) continue;
    read_script(page[i + 1].text, base, facts, found);
  }
  return facts;
}

}  // namespace riverd::feeds::content::extract
