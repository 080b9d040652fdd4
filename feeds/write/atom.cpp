#include <cstdint>

#include "feeds/write/river.h"
#include "feeds/write/xml.h"

namespace riverd::feeds::write {
namespace {

/// Where posts' sections are told from their tags: the scheme of their category elements.
constexpr std::string_view kSectionScheme = "urn:riverd:category";

std::string number(std::optional<std::int64_t> value) { return value && *value >= 0 ? std::to_string(*value) : std::string(); }

/// What RFC 4287, 3.2.3, takes for an address.
bool is_email(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size();
}

void append_person(std::string& out, const Author& author) {
  out += "<author>";
  text_element(out, "name", author.name ? *author.name : author.email.value_or("unknown"));
  if (author.url) text_element(out, "uri", *author.url);
  if (author.email && is_email(*author.email)) text_element(out, "email", *author.email);
  close_element(out, "author");
}

/// RFC 4287, 4.2.11: where the entry came from. The first source is the one whose version is shown.
void append_source(std::string& out, const Kept& kept) {
  if (kept.sources.empty()) return;
  const SourceRef& source = kept.sources.front();
  out += "<source>";
  if (source.url) {
    text_element(out, "id", *source.url);
    empty_element(out, "link", {{"rel", "self"}, {"href", *source.url}});
  }
  text_element(out, "title", source.title.value_or(source.name));
  close_element(out, "source");
}

void append_categories(std::string& out, const Post& post) {
  for (const auto& tag : post.tags) empty_element(out, "category", {{"term", tag}});
  for (const auto& category : post.categories)
    empty_element(out, "category", {{"term", category}, {"scheme", kSectionScheme}});
}

void append_entry(std::string& out, const RiverPost& item) {
  const Post& post = *item.post;
  open_element(out, "entry", {{"xml:lang", post.language ? *post.language : ""}});
  out += '\n';
  text_element(out, "id", post_urn(post.id));
  text_element(out, "title", post.title, {{"type", "text"}});
  // RFC 4287 demands updated; a post without dates was new when it arrived.
  text_element(out, "updated", rfc3339(post.updated ? *post.updated : post.date.value_or(item.arrived)));
  if (post.date) text_element(out, "published", rfc3339(*post.date));
  if (post.link) empty_element(out, "link", {{"rel", "alternate"}, {"type", "text/html"}, {"href", *post.link}});
  for (const auto& enclosure : post.enclosures)
    empty_element(out, "link", {{"rel", "enclosure"},
                                {"href", enclosure.url},
                                {"type", enclosure.type ? media_type(*enclosure.type) : std::string_view()},
                                {"length", number(enclosure.length)}});
  for (const auto& author : post.authors) append_person(out, author);
  append_categories(out, post);
  if (post.thumbnail) empty_element(out, "media:thumbnail", {{"url", *post.thumbnail}});
  if (post.summary) text_element(out, "summary", *post.summary, {{"type", "text"}});
  // An entry without an alternate link must have content (4.1.2), if only an empty one.
  if (post.content_html || !post.link) text_element(out, "content", post.content_html.value_or(""), {{"type", "html"}});
  if (item.kept != nullptr) append_source(out, *item.kept);
  close_element(out, "entry");
}

}  // namespace

std::string atom(const River& river, const std::vector<RiverPost>& posts) {
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
  open_element(out, "feed", {{"xmlns", "http://www.w3.org/2005/Atom"}, {"xmlns:media", "http://search.yahoo.com/mrss/"}});
  out += '\n';
  const std::string& first = river.first.empty() ? river.self : river.first;
  text_element(out, "id", first);  // older pages belong to the same feed (RFC 5005, 3)
  text_element(out, "title", river.title, {{"type", "text"}});
  text_element(out, "updated", rfc3339(river.updated));
  out += "<author>";
  text_element(out, "name", river.title);
  close_element(out, "author");
  text_element(out, "generator", river.generator);
  empty_element(out, "link", {{"rel", "self"}, {"type", "application/atom+xml"}, {"href", river.self}});
  empty_element(out, "link", {{"rel", "alternate"}, {"type", "text/html"}, {"href", river.home}});
  empty_element(out, "link", {{"rel", "first"}, {"type", "application/atom+xml"}, {"href", first}});
  if (river.next) empty_element(out, "link", {{"rel", "next"}, {"type", "application/atom+xml"}, {"href", *river.next}});
  for (const auto& item : posts) append_entry(out, item);
  close_element(out, "feed");
  return out;
}

std::string post_urn(std::string_view id) {
  // The id is base32 of 128 bits (base/hash.h); written in hexadecimal with the hyphens of RFC 4122.
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char c : id) {
    const unsigned digit = c >= 'a' && c <= 'z' ? static_cast<unsigned>(c - 'a') : static_cast<unsigned>(c - '2' + 26);
    pending = (pending << 5U) | (digit & 31U);
    bits += 5;
    while (bits >= 4 && hex.size() < 32) {
      bits -= 4;
      hex += kHex[(pending >> bits) & 15U];
    }
  }
  hex.resize(32, '0');
  for (const std::size_t at : {8U, 13U, 18U, 23U}) hex.insert(at, "-");
  return "urn:uuid:" + hex;
}

}  // namespace riverd::feeds::write
