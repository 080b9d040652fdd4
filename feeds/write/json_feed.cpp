#include "feeds/write/json.h"
#include "feeds/write/river.h"

namespace riverd::feeds::write {
namespace {

/// Writes the members of one JSON object; absent values leave no key.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  ~Object() { out_ += '}'; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  std::string& key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json_string(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
  void maybe(std::string_view name, const std::optional<std::string>& value) {
    if (value) text(name, *value);
  }
  void date(std::string_view name, std::optional<Time> value) {
    if (value) text(name, rfc3339(*value));
  }
  /// A list, each element appended by `append(out, element)`; an empty one leaves no key.
  template <class List, class Append>
  void list(std::string_view name, const List& elements, Append append) {
    if (elements.empty()) return;
    key(name) += '[';
    bool first = true;
    for (const auto& element : elements) {
      if (!first) out_ += ',';
      first = false;
      append(out_, element);
    }
    out_ += ']';
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_author(std::string& out, const Author& author) {
  Object object(out);
  object.maybe("name", author.name ? author.name : author.email);
  object.maybe("url", author.url);
}

void append_attachment(std::string& out, const Enclosure& enclosure) {
  Object object(out);
  object.text("url", enclosure.url);
  object.text("mime_type", enclosure.type.value_or("application/octet-stream"));  // the format demands one
  if (enclosure.length && *enclosure.length >= 0) object.key("size_in_bytes") += std::to_string(*enclosure.length);
}

void append_source(std::string& out, const SourceRef& source) {
  Object object(out);
  object.text("name", source.name);
  object.maybe("title", source.title);
  object.maybe("url", source.url);
}

void append_item(std::string& out, const RiverPost& item) {
  const Post& post = *item.post;
  Object object(out);
  object.text("id", post_urn(post.id));
  object.maybe("url", post.link);
  if (!post.title.empty()) object.text("title", post.title);
  if (post.content_html) {
    object.text("content_html", *post.content_html);
  } else {
    object.text("content_text", post.summary.value_or(""));  // one of the two is demanded
  }
  object.maybe("summary", post.summary);
  object.maybe("image", post.thumbnail);
  object.date("date_published", post.date);
  object.date("date_modified", post.updated);
  object.list("authors", post.authors, append_author);
  object.list("tags", post.tags, append_json_string);
  object.maybe("language", post.language);
  object.list("attachments", post.enclosures, append_attachment);
  Object extension(object.key("_riverd"));
  extension.text("id", post.id);
  extension.maybe("guid", post.guid);
  extension.list("categories", post.categories, append_json_string);
  if (item.kept != nullptr) {
    extension.key("seq") += std::to_string(item.kept->seq);
    extension.list("sources", item.kept->sources, append_source);
  }
}

}  // namespace

std::string json_feed(const River& river, const std::vector<RiverPost>& posts) {
  std::string out;
  {
    Object object(out);
    object.text("version", "https://jsonfeed.org/version/1.1");
    object.text("title", river.title);
    object.text("home_page_url", river.home);
    object.text("feed_url", river.first.empty() ? river.self : river.first);
    object.maybe("next_url", river.next);
    std::string& items = object.key("items");  // demanded, also when empty
    items += '[';
    bool first = true;
    for (const auto& item : posts) {
      if (!first) items += ',';
      first = false;
      append_item(items, item);
    }
    items += ']';
  }
  out += '\n';
  return out;
}

}  // namespace riverd::feeds::write
