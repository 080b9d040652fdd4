#include "feeds/read/json_feed.h"

#include "feeds/content/text.h"
#include "feeds/content/url.h"
#include "feeds/read/date.h"
#include "feeds/read/fingerprint.h"
#include "feeds/read/json_text.h"
#include "feeds/read/links.h"
#include "feeds/read/media.h"
#include "feeds/read/people.h"
#include "feeds/read/picks.h"
#include "feeds/read/scope.h"
#include "feeds/read/utf8.h"

namespace riverd::feeds::read {
namespace {

namespace json = boost::json;
constexpr std::size_t kMostEntries = 20000;
constexpr std::size_t kMostTags = 256;
constexpr int kDeepestDigest = 64;

std::optional<std::string> filled(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

/// Strings of JSON may hold what no XML could: escaped controls.
std::string clean_text(const json::object& object, std::string_view name) {
  std::string text = member_text(object, name);
  const Utf8Scan scan = scan_utf8(text);
  return scan.valid() && !scan.controls ? text : clean_utf8(text);
}

std::string one_line(const json::object& object, std::string_view name) {
  return content::fold_space(clean_text(object, name));
}

void add_value(Digest& digest, const json::value& value, int depth) {
  if (const json::object* object = value.if_object()) {
    for (const auto& member : *object) {
      digest.add(std::string_view(member.key().data(), member.key().size()));
      if (depth < kDeepestDigest) add_value(digest, member.value(), depth + 1);
    }
  } else if (const json::array* array = value.if_array()) {
    digest.add(static_cast<std::uint64_t>(array->size()));
    for (const json::value& one : *array) {
      if (depth < kDeepestDigest) add_value(digest, one, depth + 1);
    }
  } else if (const json::string* text = value.if_string()) {
    digest.add(std::string_view(text->data(), text->size()));
  } else {
    digest.add(std::string_view(text_of(value)));
  }
}

class JsonReader {
 public:
  JsonReader(const JsonDocument& document, const Hints& hints, Warnings& warnings)
      : document_(document), root_(document.value.get_object()), warnings_(warnings), base_(bounded_base(hints.base)) {}

  Feed read() {
    read_info();
    Digest seed;
    seed.add(std::string_view(feed_.info.format));
    seed.add(std::string_view(base_));
    seed.add(std::string_view(feed_.info.language.value_or("")));
    seed.add(feed_.info.authors);
    seed_ = seed.value();
    if (document_.breaks_off) feed_.ending = Ending::breaks_off;
    if (const json::array* items = member_array(root_, "items")) {
      for (const json::value& item : *items) {
        if (!add(item)) break;
      }
    }
    return std::move(feed_);
  }

 private:
  std::optional<std::string> url(const json::object& object, std::string_view name) const {
    const std::string text = clean_text(object, name);
    return text.empty() ? std::nullopt : content::resolve(text, base_);
  }

  void read_info() {
    FeedInfo& info = feed_.info;
    const std::string version = member_text(root_, "version");
    const bool one_dot_one = version.find("1.1") != std::string::npos || (version.empty() && root_.contains("authors"));
    info.format = one_dot_one ? "json-1.1" : "json-1.0";
    info.self = url(root_, "feed_url");
    if (base_.empty() && info.self) base_ = bounded_base(*info.self);  // it is the document's own URL
    info.title = filled(one_line(root_, "title"));
    info.link = url(root_, "home_page_url");
    info.description = filled(one_line(root_, "description"));
    info.language = filled(language_tag(member_text(root_, "language")));
    info.image = url(root_, "icon");
    info.icon = url(root_, "favicon");
    if (!info.image) info.image = info.icon;
    if (!info.icon) info.icon = info.image;
    info.next = url(root_, "next_url");
    info.generator = filled(one_line(root_, "generator"));
    info.copyright = filled(one_line(root_, "copyright"));
    info.hub = hub();
    info.authors = authors(root_);
  }

  /// The first that speaks WebSub (or says nothing): rssCloud is another protocol.
  std::optional<std::string> hub() const {
    const json::array* hubs = member_array(root_, "hubs");
    Pick<std::optional<std::string>> best;
    if (hubs == nullptr) return std::nullopt;
    for (const json::value& one : *hubs) {
      const json::object* object = one.if_object();
      if (object == nullptr) continue;
      const int rank = equals_ignoring_case(member_text(*object, "type"), "rssCloud") ? 1 : 0;
      if (auto found = url(*object, "url")) best.offer(rank, std::move(found));
    }
    return best.take();
  }

  void add_person(std::vector<Author>& list, const json::value& value) const {
    if (const json::object* object = value.if_object()) {
      Author author = parse_person(clean_text(*object, "name"));
      if (const std::string mail = one_line(*object, "email"); !mail.empty()) author.email = mail;
      author.url = url(*object, "url");
      if (const std::string address = member_text(*object, "url"); equals_ignoring_case(std::string_view(address).substr(0, 7), "mailto:") && !author.email) {
        author.email = parse_person(address).email;
      }
      add_author(list, std::move(author));
    } else if (value.is_string()) {
      add_author(list, parse_person(clean_utf8(text_of(value))));
    }
  }

  /// 1.1's authors, else 1.0's author.
  std::vector<Author> authors(const json::object& object) const {
    std::vector<Author> list;
    for (const std::string_view name : {"authors", "author"}) {
      const json::value* value = object.if_contains({name.data(), name.size()});
      if (value == nullptr || !list.empty()) continue;
      if (const json::array* people = value->if_array()) {
        for (const json::value& one : *people) add_person(list, one);
      } else {
        add_person(list, *value);
      }
    }
    return list;
  }

  /// The item in which the document breaks off; null where it does so elsewhere, or not at all.
  const json::value* broken_item() const {
    const bool in_items = document_.broken_element && !root_.empty() && (root_.end() - 1)->key() == "items";
    const json::array* items = in_items ? member_array(root_, "items") : nullptr;
    return items == nullptr || items->empty() ? nullptr : &items->back();
  }

  bool add(const json::value& value) {
    const json::object* item = value.if_object();
    if (item == nullptr) {
      warnings_.add("an item that is no object was left out");
      return true;
    }
    if (feed_.entries.size() >= kMostEntries) {
      warnings_.add("more than " + std::to_string(kMostEntries) + " entries: the rest was ignored");
      return false;
    }
    feed_.entries.push_back(entry(*item));
    Digest digest(seed_);
    add_value(digest, value, 0);
    feed_.entries.back().fingerprint = digest.value();
    if (&value == broken_item()) feed_.ending = Ending::breaks_off_in_last_entry;
    return true;
  }

  Entry entry(const json::object& item) {
    Entry entry;
    entry.guid = std::string(trim(clean_text(item, "id")));
    entry.title = text(clean_text(item, "title"), Text::Kind::plain);
    entry.link = link(item, entry.guid);
    entry.published = date(item, "date_published");
    entry.updated = date(item, "date_modified");
    if (!entry.published) entry.published = entry.updated;
    if (!entry.updated) entry.updated = entry.published;
    entry.tags = tags(item);
    entry.authors = authors(item);
    if (entry.authors.empty()) entry.authors = feed_.info.authors;
    bodies(item, entry);
    attachments(item, entry);
    entry.language = language_tag(member_text(item, "language"));
    if (entry.language.empty()) entry.language = feed_.info.language.value_or("");
    return entry;
  }

  Text text(std::string_view value, Text::Kind kind) {
    Text result;
    result.value = feed_.texts.keep(value);
    result.kind = kind;
    result.base = feed_.texts.keep_repeated(base_);
    return result;
  }

  std::string link(const json::object& item, const std::string& guid) const {
    for (const std::string_view name : {"url", "external_url"}) {
      if (const auto found = url(item, name)) return *found;
    }
    return is_web_url(guid) ? content::resolve(guid, {}).value_or("") : std::string();
  }

  std::optional<Time> date(const json::object& item, std::string_view name) const {
    const std::string value = one_line(item, name);
    if (value.empty()) return std::nullopt;
    auto found = parse_date(value);
    if (!found) warnings_.add("a date that cannot be read: \"" + value.substr(0, 60) + "\"");
    return found;
  }

  static std::vector<std::string> tags(const json::object& item) {
    std::vector<std::string> list;
    const json::array* values = member_array(item, "tags");
    if (values == nullptr) return list;
    for (const json::value& value : *values) {
      std::string tag = content::fold_space(clean_utf8(text_of(value)));
      if (!tag.empty() && list.size() < kMostTags) list.push_back(std::move(tag));
    }
    return list;
  }

  void bodies(const json::object& item, Entry& entry) {
    std::string html = clean_text(item, "content_html");
    std::string plain = clean_text(item, "content_text");
    std::string summary = clean_text(item, "summary");
    if (trim(summary).empty() && !trim(html).empty()) summary = plain;  // two bodies: the other one is the summary
    if (!trim(html).empty()) entry.content = text(html, Text::Kind::html);
    else if (!trim(plain).empty()) entry.content = text(plain, Text::Kind::plain);
    if (trim(summary).empty()) return;
    (entry.content ? entry.summary : entry.content) = text(summary, Text::Kind::plain);
  }

  void attachments(const json::object& item, Entry& entry) const {
    Attachments all;
    all.offer_thumbnail(ThumbnailRank::media_thumbnail, url(item, "image").value_or(""));
    all.offer_thumbnail(ThumbnailRank::media_image, url(item, "banner_image").value_or(""));
    if (const json::array* values = member_array(item, "attachments")) {
      for (const json::value& value : *values) {
        const json::object* one = value.if_object();
        if (one == nullptr) continue;
        all.add({url(*one, "url").value_or(""), filled(one_line(*one, "mime_type")), length(*one)});
      }
    }
    entry.thumbnail = all.take_thumbnail();
    entry.enclosures = all.take_enclosures();
  }

  /// Some write the size as a fraction.
  static std::optional<std::int64_t> length(const json::object& attachment) {
    const json::value* size = attachment.if_contains("size_in_bytes");
    if (size == nullptr) return std::nullopt;
    const double* fraction = size->if_double();
    if (fraction != nullptr && *fraction >= 0 && *fraction < 9e15) return static_cast<std::int64_t>(*fraction);
    return parse_length(text_of(*size));
  }

  const JsonDocument& document_;
  const json::object& root_;
  Warnings& warnings_;
  std::string base_;
  std::uint64_t seed_ = 0;
  Feed feed_;
};

/// JSON Feed says what it is in `version`. Without that, only a document that has its other marks is taken for one.
bool is_json_feed(const json::object& root) {
  if (member_text(root, "version").find("jsonfeed.org") != std::string::npos) return true;
  const json::array* items = member_array(root, "items");
  if (items == nullptr) return false;
  if (root.contains("feed_url") || root.contains("home_page_url")) return true;
  const json::object* first = items->empty() ? nullptr : items->front().if_object();
  return first != nullptr && (first->contains("content_html") || first->contains("content_text"));
}

}  // namespace

bool looks_like_json(std::string_view text) {
  text = trim(text);
  return !text.empty() && (text.front() == '{' || text.front() == '[');
}

std::optional<Feed> read_json_feed(std::string_view text, const Hints& hints, Warnings& warnings) {
  const auto document = parse_json(trim(text), warnings);
  if (!document || !document->value.is_object() || !is_json_feed(document->value.get_object())) return std::nullopt;
  return JsonReader(*document, hints, warnings).read();
}

}  // namespace riverd::feeds::read
