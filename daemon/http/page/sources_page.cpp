#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "daemon/http/page/layout.h"
#include "daemon/http/page/view.h"

namespace riverd::http::page {
namespace {

using storage::Activity;
using storage::SourceView;
using storage::State;

/// Posts a day as bars; the words for those who cannot see them.
std::string sparkline(const std::vector<std::uint32_t>& days) {
  const std::uint32_t most = std::max(1U, *std::max_element(days.begin(), days.end()));
  std::uint64_t sum = 0;
  std::string bars;
  const double width = 120.0 / static_cast<double>(days.size());
  for (std::size_t i = 0; i < days.size(); ++i) {
    sum += days[i];
    if (days[i] == 0) continue;
    const double height = std::max(2.0, 24.0 * days[i] / most);
    std::array<char, 96> bar{};
    std::snprintf(bar.data(), bar.size(), "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
                  static_cast<double>(i) * width, 26 - height, std::max(0.8, width - 0.8), height);
    bars += bar.data();
  }
  return "<svg class=\"spark\" viewBox=\"0 0 120 26\" role=\"img\" fill=\"currentColor\" aria-label=\"" +
         std::to_string(sum) + (sum == 1 ? " post in " : " posts in ") + std::to_string(days.size()) +
         " days\" preserveAspectRatio=\"none\"><rect x=\"0\" y=\"25\" width=\"120\" height=\"1\" opacity=\".3\"/>" + bars +
         "</svg>";
}

/// What fails comes first, then what is gone, then the others by name.
int rank(State state) {
  switch (state) {
    case State::failing: return 0;
    case State::gone: return 1;
    case State::fresh: return 2;
    case State::ok: return 3;
    case State::disabled: return 4;
  }
  return 5;
}

std::string moment(std::optional<Time> time, Time now, std::string_view never) {
  return time ? time_element(*time, relative(*time, now), TimeForm::relative) : std::string(never);
}

/// A moment that has been, even if it came while the page was being made.
std::string past(std::optional<Time> time, Time now, std::string_view never) {
  return moment(time, std::max(now, time.value_or(now)), never);
}

/// What became of the stories' pages, where the source wants them.
void append_pages(std::string& out, const std::optional<storage::PageCounts>& pages) {
  if (!pages) return;
  out += "<span class=\"when\">" + std::to_string(pages->complete) + " articles";
  if (pages->waiting > 0) out += ", " + std::to_string(pages->waiting) + " on their way";
  if (pages->failed > 0) out += ", " + std::to_string(pages->failed) + " not to be had";
  out += "</span>";
  if (!pages->problem.empty()) out += "<p class=\"why\">" + escaped(pages->problem) + "</p>";
}

void append_row(std::string& out, const Site& site, const SourceView& source, const std::vector<std::uint32_t>& days) {
  Filter filter;
  filter.sources = {source.name};
  const auto& state = source.state;
  const std::string word(storage::to_string(state.state));
  const std::string& title = source.title ? *source.title : source.name;
  out += "<tr id=\"s-" + escaped(source.name) + "\"><td class=\"source\"><a href=\"" + escaped(link_to("/", filter)) + "\">" +
         escaped(title) + "</a>";
  if (title != source.name) out += "<span class=\"when\">" + escaped(source.name) + "</span>";
  if (!state.error.empty()) out += "<p class=\"why\">" + escaped(state.error) + "</p>";
  append_pages(out, source.pages);
  out += "</td><td><span class=\"state " + word + "\">" + word + "</span>";
  if (state.failing_since) out += "<span class=\"when\">since " + past(state.failing_since, site.now, "") + "</span>";
  out += "</td><td data-label=\"Last success\">" + past(state.last_success, site.now, "never") + "</td>";
  out += "<td data-label=\"Next poll\">" + moment(state.next_poll, site.now, "not planned");
  if (!state.next_poll_reason.empty()) out += "<span class=\"when\">" + escaped(state.next_poll_reason) + "</span>";
  out += "</td><td class=\"number\" data-label=\"Posts\">" + std::to_string(source.posts) + "</td><td class=\"days\">" + sparkline(days) +
         "</td></tr>\n";
}

void append_tally(std::string& out, const Health& health) {
  out += "<ul class=\"tally\"><li><strong>" + std::to_string(health.totals.sources) + "</strong>sources</li><li><strong>" +
         std::to_string(health.totals.failing) + "</strong>failing</li><li><strong>" +
         std::to_string(health.totals.posts) + "</strong>posts</li></ul>\n";
}

}  // namespace

std::string render(const Site& site, const Health& health) {
  std::vector<const SourceView*> rows;
  for (const auto& source : health.sources) rows.push_back(&source);
  std::sort(rows.begin(), rows.end(), [](const SourceView* a, const SourceView* b) {
    return std::pair(rank(a->state.state), a->name) < std::pair(rank(b->state.state), b->name);
  });
  std::map<storage::SourceId, const Activity*> activity;
  for (const auto& entry : health.activity) activity[entry.source] = &entry;

  std::string out = page_head(site, "Sources · " + site.title, Way::sources, {});
  out += "<div class=\"page wide\"><main id=\"main\">\n<div class=\"lead\"><h1>Sources</h1></div>\n";
  append_tally(out, health);
  out += "<table class=\"health\"><thead><tr><th scope=\"col\">Source</th><th scope=\"col\">State</th><th "
         "scope=\"col\">Last success</th><th scope=\"col\">Next poll</th><th scope=\"col\" class=\"number\">Posts</th><th "
         "scope=\"col\">Posts a day</th></tr></thead>\n<tbody>\n";
  const std::vector<std::uint32_t> none(health.days);
  for (const SourceView* source : rows) {
    const auto found = activity.find(source->id);
    append_row(out, site, *source, found == activity.end() ? none : found->second->per_day);
  }
  out += "</tbody></table>\n";
  if (health.totals.sources > rows.size())
    out += "<p>The first " + std::to_string(rows.size()) + " of them; <a href=\"/api/v1/sources\">all as JSON</a>.</p>\n";
  out += "</main></div>\n";
  return out + page_foot(site, Way::sources);
}

std::string render_problem(const Site& site, std::string_view headline, std::string_view detail) {
  return page_head(site, std::string(headline) + " · " + site.title, Way::none, {}) +
         "<div class=\"page single\"><main id=\"main\" class=\"problem\"><h1>" + escaped(headline) + "</h1>\n<p>" +
         escaped(detail) + "</p>\n<p><a href=\"/\">Back to the river</a></p></main></div>\n" + page_foot(site, Way::none);
}

std::string render_sign_in(const Site& site, std::string_view next, bool wrong) {
  std::string out = page_head(site, "Sign in · " + site.title, Way::door, {});
  out += "<main id=\"main\"><form class=\"sign-in\" action=\"/sign-in\" method=\"post\"><h1>Sign in</h1>\n";
  if (wrong) out += "<p class=\"wrong\" id=\"wrong\" role=\"alert\">That is not the token of this river.</p>\n";
  out += "<label for=\"token\">Token</label><input id=\"token\" name=\"token\" type=\"password\" "
         "autocomplete=\"current-password\" required autofocus";
  if (wrong) out += " aria-invalid=\"true\" aria-describedby=\"wrong\"";
  out += ">\n<p class=\"hint\">It is the <code>server.token</code> of the configuration.</p>\n"
         "<input type=\"hidden\" name=\"next\" value=\"" + escaped(next) + "\"><button>Sign in</button></form></main>\n";
  return out + page_foot(site, Way::door);
}

}  // namespace riverd::http::page
