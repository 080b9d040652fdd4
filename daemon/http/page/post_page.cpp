#include "daemon/http/page/layout.h"
#include "daemon/http/page/view.h"

namespace riverd::http::page {
namespace {

using storage::StoredPost;

/// Images of the content load late and without a referrer; with images off, each becomes a link that says what it shows.
/// Works on the sanitiser's own serialisation, in which `<` is always markup and attributes are double-quoted.
std::string with_images(std::string_view html, bool images) {
  static constexpr std::string_view kImage = "<img ";
  std::string out;
  out.reserve(html.size() + 256);
  while (true) {
    const auto at = html.find(kImage);
    out += html.substr(0, at);
    if (at == std::string_view::npos) return out;
    html.remove_prefix(at + kImage.size());
    if (images) {
      out += "<img loading=\"lazy\" referrerpolicy=\"no-referrer\" ";
      continue;
    }
    const auto end = html.find('>');
    if (end == std::string_view::npos) return out;
    const std::string_view tag = html.substr(0, end);
    html.remove_prefix(end + 1);
    const auto alt = tag.find("alt=\"");
    const std::string_view text = alt == std::string_view::npos ? "" : tag.substr(alt + 5, tag.find('"', alt + 5) - alt - 5);
    if (!text.empty()) out += "[" + std::string(text) + "]";
  }
}

void append_byline(std::string& out, const StoredPost& post) {
  out += "<div class=\"meta\">";
  for (const auto& source : post.sources) {
    Filter filter;
    filter.sources = {source.name};
    out += "<a href=\"" + escaped(link_to("/", filter)) + "\">" + escaped(label(source)) + "</a> ";
  }
  for (const auto& author : post.post.authors) {
    if (!author.name) continue;
    Filter filter;
    filter.authors = {*author.name};
    out += "<span>by <a href=\"" + escaped(link_to("/", filter)) + "\">" + escaped(*author.name) + "</a></span> ";
  }
  const Time time = post.post.date.value_or(post.arrived);
  out += time_element(time, long_date(time), TimeForm::date);
  if (post.post.updated && post.post.updated != post.post.date)
    out += " <span>updated " + time_element(*post.post.updated, long_date(*post.post.updated), TimeForm::date) + "</span>";
  out += "</div>\n";
}

void append_enclosures(std::string& out, const StoredPost& post) {
  if (post.post.enclosures.empty()) return;
  out += "<h2>Attached</h2>\n<ul class=\"media\">\n";
  for (const auto& enclosure : post.post.enclosures) {
    const std::string url = escaped(enclosure.url);
    out += "<li>";
    if (enclosure.type && enclosure.type->starts_with("audio/"))
      out += "<audio controls preload=\"none\" src=\"" + url + "\"></audio> ";
    out += "<a href=\"" + url + "\">" + escaped(enclosure.type.value_or("file")) + "</a>";
    if (enclosure.length && *enclosure.length > 0) out += " (" + std::to_string((*enclosure.length + 1023) / 1024) + " KiB)";
    out += "</li>\n";
  }
  out += "</ul>\n";
}

void append_tags(std::string& out, const StoredPost& post) {
  if (post.post.tags.empty()) return;
  out += "<ul class=\"tags\" aria-label=\"Tags\">";
  for (const auto& tag : post.post.tags) {
    Filter filter;
    filter.tags = {tag};
    out += "<li><a href=\"" + escaped(link_to("/", filter)) + "\">#" + escaped(tag) + "</a></li>";
  }
  out += "</ul>\n";
}

}  // namespace

std::string render(const Site& site, const StoredPost& stored) {
  const feeds::Post& post = stored.post;
  const std::string title = post.title.empty() ? "Untitled" : post.title;
  std::string out = page_head(site, title + " · " + site.title, Way::none, {});
  out += "<div class=\"page single\"><main id=\"main\"><article class=\"story\"" +
         (post.language ? " lang=\"" + escaped(*post.language) + "\"" : std::string()) + ">\n<header>\n";
  append_byline(out, stored);
  out += "<h1 dir=\"auto\">" + escaped(title) + "</h1>\n";
  append_tags(out, stored);
  out += "</header>\n<div class=\"content\" dir=\"auto\">\n";
  if (post.content_html) out += with_images(*post.content_html, site.images);
  else if (post.summary) out += "<p>" + escaped(*post.summary) + "</p>";
  out += "\n";
  append_enclosures(out, stored);
  out += "</div>\n<footer>\n";
  if (post.link) out += "<a class=\"original\" href=\"" + escaped(*post.link) + "\" rel=\"noopener noreferrer\">Read it where it was published</a>\n";
  out += "<p>This post as <a href=\"/api/v1/posts/" + escaped(post.id) + "\">JSON</a> or <a href=\"/api/v1/posts/" +
         escaped(post.id) + ".md\">Markdown</a>.</p></footer>\n</article></main></div>\n";
  return out + page_foot(site, Way::none);
}

}  // namespace riverd::http::page
