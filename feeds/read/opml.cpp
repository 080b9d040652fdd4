#include "feeds/read/opml.h"

#include <algorithm>
#include <pugixml.hpp>
#include <unordered_map>

#include "feeds/content/text.h"
#include "feeds/content/url.h"
#include "feeds/content/utf8.h"
#include "feeds/read/charset.h"
#include "feeds/read/newsboat.h"
#include "feeds/read/subscriptions.h"

namespace riverd::feeds::read {
namespace {

constexpr std::size_t kMaxWarnings = 100;
constexpr std::size_t kMaxFolders = 64;  // deeper ones tell nobody anything

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_ignoring_case(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

/// An attribute by its name in any case: xmlUrl, xmlurl, XMLURL.
std::string attribute(const pugi::xml_node& node, std::string_view name) {
  for (const auto& candidate : node.attributes()) {
    if (same_ignoring_case(candidate.name(), name)) return content::fold_space(content::valid_utf8(candidate.value()));
  }
  return {};
}

pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
  for (const auto& candidate : node.children()) {
    if (same_ignoring_case(candidate.name(), name)) return candidate;
  }
  return {};
}

bool is_outline(const pugi::xml_node& node) { return same_ignoring_case(node.name(), "outline"); }

/// The feed's URL: xmlUrl, or url where the type says it is a feed (FeedDemon and the like).
std::string feed_url(const pugi::xml_node& outline) {
  if (auto url = attribute(outline, "xmlUrl"); !url.empty()) return url;
  const auto type = attribute(outline, "type");
  for (const auto* known : {"rss", "rss1", "atom", "feed", "pie", "jsonfeed"}) {
    if (same_ignoring_case(type, known)) return attribute(outline, "url");
  }
  return {};
}

std::string name_of(const pugi::xml_node& outline) {
  auto title = attribute(outline, "title");
  return title.empty() ? attribute(outline, "text") : title;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (auto part = content::fold_space(text.substr(0, end)); !part.empty()) parts.push_back(std::move(part));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// OPML 2.0: a comma-separated list; what has a slash is a path of categories, what has none is a tag.
void add_category_attribute(std::string_view value, Subscription& subscription) {
  for (const auto& item : split(value, ',')) {
    if (item.find('/') == std::string::npos) {
      subscription.tags.push_back(item);
    } else {
      for (auto& part : split(item, '/')) subscription.categories.push_back(std::move(part));
    }
  }
}

/// Walks the outlines without recursion: a list may nest them as deep as it likes.
class Walk {
 public:
  explicit Walk(SubscriptionCollector& collector) : collector_(collector) {}

  void run(const pugi::xml_node& body) {
    auto node = body.first_child();
    while (node) {
      if (is_outline(node)) visit(node);
      if (is_outline(node) && node.first_child()) {
        enter(node);
        node = node.first_child();
        continue;
      }
      while (node && !node.next_sibling()) {
        node = node.parent();
        if (node == body) return;
        leave();
      }
      node = node.next_sibling();
    }
  }

 private:
  void visit(const pugi::xml_node& outline) {
    if (same_ignoring_case(attribute(outline, "type"), "include")) return collector_.warn("an included list is not followed: " + attribute(outline, "url"));
    auto url = feed_url(outline);
    if (url.empty()) return;
    Subscription subscription;
    subscription.title = name_of(outline);
    subscription.site_url = content::resolve(attribute(outline, "htmlUrl"), "");
    for (const auto& folder : folders_) {
      if (!folder.empty()) subscription.categories.push_back(folder);
    }
    add_category_attribute(attribute(outline, "category"), subscription);
    collector_.add(std::move(url), std::move(subscription));
  }

  /// A folder's name counts once it is entered; an outline that is a feed itself is no folder.
  void enter(const pugi::xml_node& outline) {
    ++depth_;
    if (depth_ <= kMaxFolders) folders_.push_back(feed_url(outline).empty() ? name_of(outline) : std::string());
  }
  void leave() {
    if (depth_ <= kMaxFolders) folders_.pop_back();
    --depth_;
  }

  SubscriptionCollector& collector_;
  std::vector<std::string> folders_;
  std::size_t depth_ = 0;
};

bool looks_like_xml(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return true;
  const auto first = text.find_first_not_of(std::string_view(" \t\r\n\0", 5));
  return first != std::string_view::npos && text[first] == '<';
}

/// An element that breaks off in its tag may hold half a URL.
void drop_broken_tail(pugi::xml_document& document, const pugi::xml_parse_result& parsed) {
  if (parsed.status != pugi::status_bad_attribute && parsed.status != pugi::status_bad_start_element) return;
  pugi::xml_node last = document;
  while (last.last_child()) last = last.last_child();
  last.parent().remove_child(last);
}

Result<SubscriptionList> read_opml(std::string_view text) {
  Warnings ignored;
  const auto decoded = decode(text, {}, ignored);
  pugi::xml_document document;
  const auto parsed = document.load_buffer(decoded.text().data(), decoded.text().size(), pugi::parse_default, pugi::encoding_utf8);
  drop_broken_tail(document, parsed);
  const auto opml = child(document, "opml");
  if (!opml) return Error(Errc::invalid, "this is no OPML: it has no <opml> element");
  SubscriptionCollector collector;
  if (!parsed) collector.warn(std::string("the XML is broken, what came before it is used: ") + parsed.description());
  const auto title = child(child(opml, "head"), "title");
  collector.title(content::fold_space(content::valid_utf8(title.child_value())));
  const auto body = child(opml, "body");
  Walk(collector).run(body ? body : opml);
  return std::move(collector).take();
}

/// Whether a URL can stand in a config and in XML as it was written; else it is written as URLs are.
bool is_writable(std::string_view url) {
  const auto is_space_or_control = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; };
  return std::ranges::none_of(url, is_space_or_control) && content::is_valid_utf8(url);
}

}  // namespace

void SubscriptionCollector::add(std::string url, Subscription subscription) {
  const auto as_written = url;
  if (url.starts_with("feed://")) url.replace(0, 4, "http");
  if (url.starts_with("feed:")) url.erase(0, 5);
  const auto resolved = content::resolve(url, "");
  if (!resolved) return warn("left out, no http or https URL: " + as_written);
  const bool usable = url.starts_with("http") && is_writable(url);
  subscription.url = usable ? std::move(url) : *resolved;
  if (subscription.title == subscription.url) subscription.title.clear();
  const auto unique = [](std::vector<std::string>& list) {
    std::vector<std::string> seen;
    for (auto& item : list) {
      if (std::ranges::find(seen, item) == seen.end()) seen.push_back(std::move(item));
    }
    list = std::move(seen);
  };
  const auto [known, fresh] = by_url_.try_emplace(subscription.url, list_.subscriptions.size());
  auto& kept = fresh ? list_.subscriptions.emplace_back(std::move(subscription)) : list_.subscriptions[known->second];
  if (!fresh) {
    kept.categories.insert(kept.categories.end(), subscription.categories.begin(), subscription.categories.end());
    kept.tags.insert(kept.tags.end(), subscription.tags.begin(), subscription.tags.end());
  }
  unique(kept.categories);
  unique(kept.tags);
}

void SubscriptionCollector::warn(std::string message) {
  if (list_.warnings.size() < kMaxWarnings) list_.warnings.push_back(std::move(message));
}

Result<SubscriptionList> read_subscriptions(std::string_view text) {
  return looks_like_xml(text) ? read_opml(text) : read_newsboat_urls(text);
}

}  // namespace riverd::feeds::read
