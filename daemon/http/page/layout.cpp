#include "daemon/http/page/layout.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "daemon/http/page/assets.h"
#include "feeds/content/text.h"

namespace riverd::http::page {
namespace {

constexpr std::string_view kWave =
    "<svg viewBox=\"0 0 32 32\" aria-hidden=\"true\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.8\" "
    "stroke-linecap=\"round\"><path d=\"M3 10c4.5-4.5 8.5-4.5 13 0s8.5 4.5 13 0\"/><path d=\"M3 17c4.5-4.5 "
    "8.5-4.5 13 0s8.5 4.5 13 0\" opacity=\".75\"/><path d=\"M3 24c4.5-4.5 8.5-4.5 13 0s8.5 4.5 13 "
    "0\" opacity=\".5\"/></svg>";

std::string percent_encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

void append_feed_links(std::string& out, const Filter& filter) {
  struct Form {
    std::string_view path, type, name;
  };
  static constexpr std::array<Form, 3> kForms = {{{"/feed.atom", "application/atom+xml", "Atom"},
                                                  {"/feed.rss", "application/rss+xml", "RSS"},
                                                  {"/feed.json", "application/feed+json", "JSON Feed"}}};
  for (const auto& form : kForms) {
    out += "<link rel=\"alternate\" type=\"" + std::string(form.type) + "\" title=\"" + std::string(form.name) +
           "\" href=\"" + escaped(link_to(form.path, filter)) + "\">\n";
  }
}

/// A search keeps the other filters that are on.
void append_hidden_fields(std::string& out, const Filter& filter) {
  const auto field = [&out](std::string_view name, const std::vector<std::string>& values) {
    for (const auto& value : values)
      out += "<input type=\"hidden\" name=\"" + std::string(name) + "\" value=\"" + escaped(value) + "\">";
  };
  field("source", filter.sources);
  field("category", filter.categories);
  field("tag", filter.tags);
  field("author", filter.authors);
}

void append_way(std::string& out, std::string_view href, std::string_view name, bool current) {
  out += "<a href=\"" + std::string(href) + "\"" + (current ? " aria-current=\"page\"" : "") + ">" + std::string(name) +
         "</a>\n";
}

std::string format_date(const char* pattern, Time time) {
  const std::string text = rfc3339(time);  // YYYY-MM-DDTHH:MM:SSZ
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto month = static_cast<std::size_t>((text[5] - '0') * 10 + (text[6] - '0'));
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), pattern, std::atoi(text.substr(8, 2).c_str()), kMonths.at(month - 1),
                text.substr(0, 4).c_str(), text.substr(11, 5).c_str());
  return out.data();
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  feeds::content::append_escaped(out, text);
  return out;
}

std::string link_to(std::string_view path, const Filter& filter, std::string_view cursor) {
  std::string out(path);
  char separator = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    out += separator;
    out += name;
    out += '=';
    out += percent_encoded(value);
    separator = '&';
  };
  for (const auto& source : filter.sources) add("source", source);
  for (const auto& category : filter.categories) add("category", category);
  for (const auto& tag : filter.tags) add("tag", tag);
  for (const auto& author : filter.authors) add("author", author);
  if (!filter.q.empty()) add("q", filter.q);
  if (!cursor.empty()) add("cursor", cursor);
  return out;
}

std::string page_head(const Site& site, std::string_view title, Way way, const Filter& filter) {
  std::string out;
  out += "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n";
  out += "<title>" + escaped(title) + "</title>\n";
  out += "<link rel=\"icon\" type=\"image/svg+xml\" href=\"" + icon().path + "\">\n";
  out += "<link rel=\"stylesheet\" href=\"" + stylesheet().path + "\">\n";
  out += "<script src=\"" + script().path + "\" defer></script>\n";
  append_feed_links(out, filter);
  out += "</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header class=\"head\">\n";
  out += "<a class=\"brand\" href=\"/\">" + std::string(kWave) + "<span>" + escaped(site.title) + "</span></a>\n";
  if (way == Way::door) return out + "</header>\n";
  out += "<form class=\"search\" role=\"search\" action=\"/\" method=\"get\">";
  append_hidden_fields(out, filter);
  out += "<label class=\"quiet\" for=\"q\">Search all posts</label><input id=\"q\" name=\"q\" type=\"search\" "
         "placeholder=\"Search\" autocomplete=\"off\" value=\"" +
         escaped(filter.q) + "\"><button>Search</button></form>\n";
  out += "<nav class=\"ways\" aria-label=\"Pages\">\n";
  append_way(out, "/", "River", way == Way::river);
  append_way(out, "/sources", "Sources", way == Way::sources);
  if (way == Way::river) out += "<a class=\"narrow\" href=\"#browse\">Browse</a>\n";
  out += "</nav>\n</header>\n";
  return out;
}

std::string page_foot(const Site& site, Way way) {
  if (way == Way::door) return "</body>\n</html>\n";
  std::string out = "<footer class=\"foot\">";
  if (way == Way::river)
    out += "<p class=\"keys\"><kbd>j</kbd> <kbd>k</kbd> move, <kbd>o</kbd> opens, <kbd>v</kbd> goes to its page, "
           "<kbd>/</kbd> searches</p>\n";
  out += "<p>All of it as <a href=\"/feed.atom\">Atom</a>, <a href=\"/feed.rss\">RSS</a>, "
         "<a href=\"/feed.json\">JSON Feed</a>; its sources as <a href=\"/opml\">OPML</a></p>\n";
  if (site.signed_in)
    out += "<form action=\"/sign-out\" method=\"post\"><button>Sign out</button></form>\n";
  return out + "</footer>\n</body>\n</html>\n";
}

std::string time_element(Time time, std::string_view text, TimeForm form) {
  static constexpr std::array<const char*, 3> kForms = {"clock", "date", "relative"};
  return "<time datetime=\"" + rfc3339(time) + "\" data-form=\"" + kForms.at(static_cast<std::size_t>(form)) + "\">" +
         escaped(text) + "</time>";
}

std::string long_date(Time time) { return format_date("%d %s %s, %s UTC", time); }

std::string clock_time(Time time) { return rfc3339(time).substr(11, 5); }

std::string relative(Time time, Time now) {
  const auto seconds = (time - now).count();
  const auto size = std::llabs(seconds);
  std::string amount;
  if (size < 60) return seconds <= 0 ? "just now" : "in a moment";
  if (size < 3600) amount = std::to_string(size / 60) + " min";
  else if (size < 172'800) amount = std::to_string(size / 3600) + " h";
  else amount = std::to_string(size / 86'400) + " d";
  return seconds < 0 ? amount + " ago" : "in " + amount;
}

std::string hue(std::string_view source) {
  std::uint32_t digest = 2'166'136'261U;  // FNV-1a: spread, and the same on every machine
  for (const char c : source) digest = (digest ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return "h" + std::to_string((digest >> 8U) % 12);
}

std::string_view label(const feeds::write::SourceRef& source) {
  return source.title && !source.title->empty() ? std::string_view(*source.title) : std::string_view(source.name);
}

}  // namespace riverd::http::page
