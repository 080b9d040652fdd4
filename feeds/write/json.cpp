#include "feeds/write/json.h"

#include <cstdint>
#include <cstring>

#include "base/time.h"
#include "feeds/content/text.h"
#include "feeds/content/utf8.h"

namespace riverd::feeds::write {
namespace {

void append_escape(std::string& out, unsigned char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

bool needs_escape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\' || c == 0x7F; }

// Eight bytes at once: most of what is served goes through here.
constexpr std::uint64_t kEach = 0x0101010101010101;
constexpr std::uint64_t kHigh = 0x80 * kEach;

std::uint64_t eight(std::string_view text, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + at, sizeof word);
  return word;
}

/// Not 0 where one of the bytes is `c` (Warren, Hacker's Delight, 6-1); a false alarm only beside a true one.
std::uint64_t has(std::uint64_t word, unsigned char c) {
  const std::uint64_t zero = word ^ (c * kEach);
  return (zero - kEach) & ~zero & kHigh;
}

/// Not 0 where one of the bytes needs an escape.
std::uint64_t has_escape(std::uint64_t word) {
  const std::uint64_t control = (word - 0x20 * kEach) & ~word & kHigh;
  return control | has(word, '"') | has(word, '\\') | has(word, 0x7F);
}

/// The next place of a byte that needs an escape, or the end.
std::size_t find_escape(std::string_view text, std::size_t from) {
  while (from + 8 <= text.size() && has_escape(eight(text, from)) == 0) from += 8;
  while (from < text.size() && !needs_escape(static_cast<unsigned char>(text[from]))) ++from;
  return from;
}

/// Whether it can be written as it is, but for escapes.
bool is_clean(std::string_view text) {
  if (content::is_ascii(text)) return true;
  return std::memchr(text.data(), 0, text.size()) == nullptr && content::is_valid_utf8(text);
}

void append_valid_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t start = 0;
  for (std::size_t i = find_escape(text, 0); i < text.size(); i = find_escape(text, start)) {
    out.append(text, start, i - start);
    append_escape(out, static_cast<unsigned char>(text[i]));
    start = i + 1;
  }
  out.append(text, start);
  out += '"';
}

/// Writes the members of one JSON object, commas between them.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  ~Object() { out_ += '}'; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  std::string& key(std::string_view name) {
    out_ += first_ ? "\"" : ",\"";  // names are ours: nothing in them needs an escape
    first_ = false;
    return out_.append(name).append("\":");
  }
  void add(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
  template <class Text>
  void add(std::string_view name, const std::optional<Text>& value) {
    key(name);
    if (value) append_json_string(out_, *value);
    else out_ += "null";
  }
  void add(std::string_view name, const std::optional<Time>& value) {
    key(name);
    if (value) append_json_string(out_, rfc3339(*value));
    else out_ += "null";
  }
  void add(std::string_view name, std::int64_t value) { key(name) += std::to_string(value); }
  void add(std::string_view name, const std::optional<std::int64_t>& value) {
    key(name) += value ? std::to_string(*value) : "null";
  }
  void add(std::string_view name, const std::vector<std::string_view>& values) {
    list(name, values, [this](std::string_view value) { append_json_string(out_, value); });
  }
  template <class T, class Write>
  void list(std::string_view name, const std::vector<T>& values, Write write) {
    key(name) += '[';
    bool first = true;
    for (const T& value : values) {
      if (!first) out_ += ',';
      first = false;
      write(value);
    }
    out_ += ']';
  }

 private:
  std::string& out_;
  bool first_ = true;
};

template <class Authors>
void add_authors(Object& object, std::string& out, const Authors& authors) {
  object.list("authors", authors, [&out](const auto& author) {
    Object one(out);
    one.add("name", author.name);
    one.add("email", author.email);
    one.add("url", author.url);
  });
}

void add_enclosures(Object& object, std::string& out, const std::vector<EnclosureView>& enclosures) {
  object.list("enclosures", enclosures, [&out](const EnclosureView& enclosure) {
    Object one(out);
    one.add("url", enclosure.url);
    one.add("type", enclosure.type);
    one.add("length", enclosure.length);
  });
}

void add_sources(Object& object, std::string& out, const std::vector<const SourceRef*>& sources) {
  object.list("sources", sources, [&out](const SourceRef* source) {
    Object one(out);
    one.add("name", std::string_view(source->name));
    one.add("title", source->title);
    one.add("url", source->url);
  });
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (is_clean(text)) append_valid_json_string(out, text);
  else append_valid_json_string(out, content::valid_utf8(text));
}

PostView view_of(const Post& post, const Kept* kept) {
  PostView view;
  view.id = post.id;
  view.title = post.title;
  view.date = post.date;
  view.updated = post.updated;
  view.tags.assign(post.tags.begin(), post.tags.end());
  view.categories.assign(post.categories.begin(), post.categories.end());
  view.thumbnail = post.thumbnail;
  view.link = post.link;
  view.guid = post.guid;
  for (const auto& author : post.authors) view.authors.push_back({author.name, author.email, author.url});
  view.summary = post.summary;
  view.content_html = post.content_html;
  view.content = post.content;
  for (const auto& enclosure : post.enclosures) view.enclosures.push_back({enclosure.url, enclosure.type, enclosure.length});
  view.language = post.language;
  if (kept == nullptr) return view;
  view.seq = kept->seq;
  for (const auto& source : kept->sources) view.sources.push_back(&source);
  return view;
}

void append_json(std::string& out, const PostView& post) {
  std::optional<std::string> derived;
  std::optional<std::string_view> content = post.content;
  if (!content && post.content_html) {
    derived = markdown(*post.content_html);
    content = derived;
  }
  constexpr std::size_t kLarge = 64U << 10U;  // growing by doubling would hold such a body several times
  const std::size_t body = (post.content_html ? post.content_html->size() : 0) + (content ? content->size() : 0);
  if (body > kLarge) out.reserve(out.size() + 2 * body + kLarge);
  Object object(out);
  object.add("id", post.id);
  if (post.seq) object.add("seq", *post.seq);
  object.add("title", post.title);
  object.add("date", post.date);
  object.add("updated", post.updated);
  object.add("tags", post.tags);
  object.add("categories", post.categories);
  object.add("thumbnail", post.thumbnail);
  object.add("link", post.link);
  object.add("guid", post.guid);
  add_authors(object, out, post.authors);
  object.add("summary", post.summary);
  object.add("content_html", post.content_html);
  object.add("content", content);
  add_enclosures(object, out, post.enclosures);
  object.add("language", post.language);
  if (post.seq) add_sources(object, out, post.sources);
}

void append_json(std::string& out, const Post& post, const Kept* kept) { append_json(out, view_of(post, kept)); }

void append_json(std::string& out, const FeedInfo& feed) {
  std::optional<std::int64_t> ttl;
  if (feed.ttl) ttl = feed.ttl->count();
  Object object(out);
  object.add("format", std::string_view(feed.format));
  object.add("title", feed.title);
  object.add("link", feed.link);
  object.add("description", feed.description);
  object.add("language", feed.language);
  object.add("updated", feed.updated);
  object.add("icon", feed.icon);
  object.add("image", feed.image);
  object.add("generator", feed.generator);
  object.add("hub", feed.hub);
  object.add("self", feed.self);
  object.add("next", feed.next);
  object.add("ttl_seconds", ttl);
  object.add("encoding", std::string_view(feed.encoding));
  add_authors(object, out, feed.authors);
  object.add("copyright", feed.copyright);
}

void parse_json(const Normalised& document, const std::function<void(std::string_view)>& write) {
  constexpr std::size_t kPiece = 64U << 10U;
  std::string out = "{\"feed\":";
  append_json(out, document.feed);
  out += ",\"posts\":[";
  bool first = true;
  for (const Post& post : document.posts) {
    if (!first) out += ',';
    first = false;
    append_json(out, post);
    if (out.size() < kPiece) continue;
    write(out);
    out.clear();
    if (out.capacity() > 4 * kPiece) out = std::string();  // one long post is no reason to keep so much
  }
  out += "],\"warnings\":[";
  first = true;
  for (const std::string& warning : document.warnings) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, warning);
  }
  write(out += "]}\n");
}

}  // namespace riverd::feeds::write
