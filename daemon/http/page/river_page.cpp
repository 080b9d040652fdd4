#include <algorithm>
#include <map>

#include "daemon/http/page/layout.h"

namespace riverd::http::page {
namespace {

using storage::StoredPost;

Time shown_time(const StoredPost& post) { return post.post.date.value_or(post.arrived); }

std::string day_name(Time time, Time now) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const auto today = std::chrono::floor<std::chrono::days>(now);
  if (day == today) return "Today";
  if (day == today - std::chrono::days{1}) return "Yesterday";
  static constexpr const char* kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};
  const std::string date = long_date(time);
  return std::string(kDays[std::chrono::weekday{day}.c_encoding()]) + ", " + date.substr(0, date.find(','));
}

std::string first_source(const StoredPost& post) { return post.sources.empty() ? "" : post.sources.front().name; }

void append_meta(std::string& out, const StoredPost& post) {
  out += "<div class=\"meta\">";
  for (const auto& source : post.sources) {
    Filter filter;
    filter.sources = {source.name};
    out += "<a href=\"" + escaped(link_to("/", filter)) + "\">" + escaped(label(source)) + "</a> ";
  }
  const Time time = shown_time(post);
  out += time_element(time, clock_time(time), TimeForm::clock);
  out += "</div>\n";
}

void append_tags(std::string& out, const StoredPost& post) {
  if (post.post.tags.empty()) return;
  static constexpr std::size_t kMost = 6;
  out += "<ul class=\"tags\" aria-label=\"Tags\">";
  for (std::size_t i = 0; i < std::min(kMost, post.post.tags.size()); ++i) {
    Filter filter;
    filter.tags = {post.post.tags[i]};
    out += "<li><a href=\"" + escaped(link_to("/", filter)) + "\">#" + escaped(post.post.tags[i]) + "</a></li>";
  }
  out += "</ul>\n";
}

std::string headline(const StoredPost& post) {
  if (!post.post.title.empty()) return post.post.title;
  if (post.post.summary && !post.post.summary->empty()) return post.post.summary->substr(0, post.post.summary->find(' ', 60));
  return post.post.link.value_or("Untitled");
}

void append_post(std::string& out, const Site& site, const StoredPost& post) {
  const std::string id = escaped(post.post.id);
  out += "<li class=\"post " + hue(first_source(post)) + "\" id=\"p-" + id + "\"><article aria-labelledby=\"t-" + id +
         "\">\n";
  append_meta(out, post);
  out += "<h3 id=\"t-" + id + "\"" +
         (post.post.language ? " lang=\"" + escaped(*post.post.language) + "\"" : std::string()) +
         " dir=\"auto\"><a href=\"/posts/" + id + "\">" + escaped(headline(post)) + "</a></h3>\n";
  if (post.post.summary && !post.post.title.empty())
    out += "<p class=\"summary\" dir=\"auto\">" + escaped(*post.post.summary) + "</p>\n";
  append_tags(out, post);
  if (site.images && post.post.thumbnail)
    out += "<a class=\"thumb\" href=\"/posts/" + id + "\" tabindex=\"-1\" aria-hidden=\"true\"><img src=\"" +
           escaped(*post.post.thumbnail) + "\" alt=\"\" loading=\"lazy\" referrerpolicy=\"no-referrer\"></a>\n";
  out += "</article></li>\n";
}

void append_days(std::string& out, const Site& site, const River& river) {
  std::string open_day;
  for (const auto& post : river.posts) {
    const Time time = shown_time(post);
    const std::string day = rfc3339(time).substr(0, 10);
    if (day != open_day) {
      if (!open_day.empty()) out += "</ol></section>\n";
      out += "<section class=\"day\" data-day=\"" + day + "\" aria-label=\"" + escaped(day_name(time, site.now)) +
             "\"><h2>" + escaped(day_name(time, site.now)) + "</h2>\n<ol class=\"posts\">\n";
      open_day = day;
    }
    append_post(out, site, post);
  }
  if (!open_day.empty()) out += "</ol></section>\n";
}

void append_entry(std::string& out, const Filter& target, bool current, const std::string& before,
                  std::string_view name, std::uint64_t count) {
  out += "<li><a href=\"" + escaped(current ? "/" : link_to("/", target)) + "\"" +
         (current ? " aria-current=\"true\"" : "") + ">" + before + "<span class=\"name\">" + escaped(name) +
         "</span>" + (count > 0 ? "<span class=\"count\">" + std::to_string(count) + "</span>" : std::string()) +
         "</a></li>\n";
}

bool has(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

void append_categories(std::string& out, const River& river) {
  if (river.categories.empty()) return;
  out += "<h2>Categories</h2>\n<ul>\n";
  for (const auto& category : river.categories) {
    Filter filter;
    filter.categories = {category.name};
    append_entry(out, filter, has(river.filter.categories, category.name), "", category.name, category.posts);
  }
  out += "</ul>\n";
}

void append_sources(std::string& out, const River& river) {
  static constexpr std::size_t kMost = 200;  // a hundred thousand would be no help: /sources has them all
  out += "<h2>Sources</h2>\n<ul>\n";
  std::size_t shown = 0;
  for (const auto& source : river.sources) {
    const bool current = has(river.filter.sources, source.name);
    if (shown >= kMost && !current) continue;
    ++shown;
    Filter filter;
    filter.sources = {source.name};
    const std::string bead = "<span class=\"bead " + hue(source.name) + " " +
                             std::string(storage::to_string(source.state.state)) + "\"></span>";
    append_entry(out, filter, current, bead, source.title ? *source.title : source.name, source.posts);
  }
  out += "</ul>\n";
  if (river.sources.size() > shown) out += "<p><a href=\"/sources\">All sources</a></p>\n";
}

void append_tag_cloud(std::string& out, const River& river) {
  if (river.tags.empty()) return;
  out += "<h2>Tags</h2>\n<ul class=\"cloud\">\n";
  for (const auto& tag : river.tags) {
    Filter filter;
    filter.tags = {tag.name};
    out += "<li><a href=\"" + escaped(link_to("/", filter)) + "\">#" + escaped(tag.name) + "</a></li>\n";
  }
  out += "</ul>\n";
}

/// What the filter shows, in words; and the page's title.
std::string describe(const River& river) {
  std::string out;
  const auto add = [&out](std::string_view part) {
    if (!out.empty()) out += " · ";
    out += part;
  };
  for (const auto& name : river.filter.sources) {
    const auto found = std::find_if(river.sources.begin(), river.sources.end(),
                                    [&](const storage::SourceView& source) { return source.name == name; });
    add(found != river.sources.end() && found->title ? *found->title : name);
  }
  for (const auto& category : river.filter.categories) add(category);
  for (const auto& tag : river.filter.tags) add("#" + tag);
  for (const auto& author : river.filter.authors) add("by " + author);
  if (!river.filter.q.empty()) add("“" + river.filter.q + "”");
  return out.empty() ? "The river" : out;
}

void append_lead(std::string& out, const River& river) {
  out += "<div class=\"lead\"><h1 dir=\"auto\">" + escaped(describe(river)) + "</h1>\n";
  if (!river.filter.empty()) out += "<p><a href=\"/\">Show everything</a></p>\n";
  if (!river.first_page) out += "<p><a href=\"" + escaped(link_to("/", river.filter)) + "\">Back to the newest</a></p>\n";
  out += "<p class=\"feeds\"><a href=\"" + escaped(link_to("/feed.atom", river.filter)) + "\">Follow this as a feed</a></p></div>\n";
}

void append_empty(std::string& out, const River& river) {
  out += "<div class=\"empty\"><strong>";
  if (!river.filter.empty()) out += "Nothing here matches.</strong>Try fewer words, or <a href=\"/\">show everything</a>.";
  else if (river.sources.empty()) out += "No sources yet.</strong>Add a [[source]] to the config and reload riverd.";
  else out += "The first posts are on their way.</strong>They show up here by themselves.";
  out += "</div>\n";
}

/// The events that come after what the page shows: what is stored before the stream begins is not missed.
std::string link_to_events(const River& river) {
  const std::string link = link_to("/api/v1/events", river.filter);
  return link + (river.filter.empty() ? "?" : "&") + "after=" + std::to_string(river.seq);
}

}  // namespace

std::string render(const Site& site, const River& river) {
  const std::string what = describe(river);
  std::string out = page_head(site, river.filter.empty() ? site.title : what + " · " + site.title, Way::river, river.filter);
  out += "<div class=\"page\">\n<main id=\"main\">\n";
  append_lead(out, river);
  out += "<div class=\"fresh\" role=\"status\"><button type=\"button\" id=\"fresh\" hidden></button></div>\n";
  out += "<div id=\"river\"";
  if (river.first_page)
    out += " data-events=\"" + escaped(link_to_events(river)) + "\" data-home=\"" +
           escaped(link_to("/", river.filter)) + "\"";
  out += ">\n";
  append_days(out, site, river);
  out += "</div>\n";
  if (river.posts.empty()) append_empty(out, river);
  if (river.next_cursor)
    out += "<a class=\"older\" rel=\"next\" href=\"" + escaped(link_to("/", river.filter, *river.next_cursor)) +
           "\">Older posts</a>\n";
  out += "</main>\n<nav class=\"browse\" id=\"browse\" aria-label=\"Browse\">\n";
  append_categories(out, river);
  append_sources(out, river);
  append_tag_cloud(out, river);
  out += "</nav>\n</div>\n";
  return out + page_foot(site, Way::river);
}

}  // namespace riverd::http::page
