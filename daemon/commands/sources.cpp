#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/river.h"
#include "feeds/write/json.h"

namespace riverd::commands {
namespace {

constexpr unsigned kDays = 7;
constexpr std::size_t kLeastErrorColumns = 20;
constexpr std::size_t kLeastNameColumns = 10;

using Row = std::vector<std::string>;

/// One source with what the table says of it.
struct Line {
  storage::SourceView view;
  std::uint64_t posts_a_week = 0;
};

std::string short_time(Seconds span) {
  const auto seconds = span.count();
  if (seconds < 60) return std::to_string(std::max<std::int64_t>(seconds, 0)) + "s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 2 * 86'400) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86'400) + "d";
}

std::string ago(const std::optional<Time>& time, Time now) { return time ? short_time(now - *time) + " ago" : "never"; }

/// What is wrong with a source: its poll's error, else what happened to its stories' pages.
std::string trouble_of(const storage::SourceView& view) {
  if (!view.state.error.empty() || !view.pages || view.pages->problem.empty()) return view.state.error;
  return "articles: " + view.pages->problem;
}

Row row_of(const Line& line, Time now) {
  const auto& state = line.view.state;
  return {printable(line.view.name), std::string(to_string(state.state)), ago(state.last_success, now),
          state.interval.count() > 0 ? short_time(state.interval) : "-", std::to_string(line.posts_a_week),
          std::to_string(line.view.posts), printable(trouble_of(line.view))};
}

/// Makes a table as wide as the terminal: the errors get what is left, and the names give way before the errors vanish.
void fit(std::vector<std::size_t>& widths) {
  const auto others = [&] { return std::accumulate(widths.begin(), widths.end() - 1, 2 * (widths.size() - 1)); };
  const auto most = terminal_columns();
  if (const auto wanted = others() + kLeastErrorColumns; wanted > most) {
    widths.front() = std::max(kLeastNameColumns, widths.front() - std::min(widths.front(), wanted - most));
  }
  widths.back() = std::max(kLeastErrorColumns, most - std::min(most, others()));
}

/// Columns as wide as their widest cell; on a terminal no wider in all than that.
std::string table_of(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  if (output_is_terminal()) fit(widths);
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      const auto cell = cut_to_columns(row[i], widths[i]);
      text += cell + std::string(widths[i] - columns(cell) + 2, ' ');
    }
    text += cut_to_columns(row.back(), widths.back());
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

void append_time(std::string& out, std::string_view key, const std::optional<Time>& time) {
  out.append(",\"").append(key).append("\":");
  if (time) feeds::write::append_json_string(out, rfc3339(*time));
  else out += "null";
}

void append_text(std::string& out, std::string_view key, std::string_view text) {
  out.append(",\"").append(key).append("\":");
  if (text.empty()) out += "null";
  else feeds::write::append_json_string(out, text);
}

void append_articles(std::string& out, const std::optional<storage::PageCounts>& pages) {
  if (!pages) return;
  out += ",\"articles\":{\"waiting\":" + std::to_string(pages->waiting) + ",\"complete\":" + std::to_string(pages->complete) +
         ",\"failed\":" + std::to_string(pages->failed);
  append_text(out, "problem", pages->problem);
  append_time(out, "problem_at", pages->problem_at);
  out += '}';
}

std::string json_of(const std::vector<Line>& lines) {
  std::string out = "{\"sources\":[";
  for (const auto& [view, posts_a_week] : lines) {
    const auto& state = view.state;
    if (out.back() == '}') out += ',';
    out += "{\"name\":";
    feeds::write::append_json_string(out, view.name);
    append_text(out, "title", view.title.value_or(""));
    append_text(out, "url", view.url);
    append_text(out, "state", to_string(state.state));
    out += ",\"posts\":" + std::to_string(view.posts) + ",\"posts_a_week\":" + std::to_string(posts_a_week);
    append_time(out, "last_poll", state.last_poll);
    append_time(out, "last_success", state.last_success);
    append_time(out, "next_poll", state.next_poll);
    append_text(out, "next_poll_reason", state.next_poll_reason);
    out += ",\"interval_seconds\":" + std::to_string(state.interval.count());
    out += ",\"http_status\":" + (state.http_status > 0 ? std::to_string(state.http_status) : "null");
    append_text(out, "error", state.error);
    append_articles(out, view.pages);
    out += '}';
  }
  return out + "]}\n";
}

Result<std::vector<Line>> lines_of(storage::Store& store, bool failing_only) {
  auto views = store.sources();
  if (!views) return views.error();
  std::unordered_map<storage::SourceId, std::uint64_t> week;
  auto activity = store.activity(now(), kDays);
  if (!activity) return activity.error();
  for (const auto& source : *activity) {
    week[source.source] = std::accumulate(source.per_day.begin(), source.per_day.end(), std::uint64_t{0});
  }
  std::vector<Line> lines;
  for (auto& view : *views) {
    const auto state = view.state.state;
    if (!view.configured || (failing_only && state != storage::State::failing && state != storage::State::gone)) continue;
    const auto id = view.id;
    lines.push_back({std::move(view), week[id]});
  }
  return lines;
}

}  // namespace

int run_sources(const SourcesOptions& options) {
  int status = kDone;
  const auto config = load_config(options.config, status);
  if (!config) return status;
  const auto store = open_river(*config);
  if (!store) return fail(store.error());
  const auto lines = lines_of(**store, options.failing);
  if (!lines) return fail(lines.error());
  if (options.json) return print(json_of(*lines));
  std::vector<Row> rows = {{"NAME", "STATE", "LAST SUCCESS", "INTERVAL", "POSTS/WEEK", "POSTS", "ERROR"}};
  for (const auto& line : *lines) rows.push_back(row_of(line, now()));
  return print(table_of(rows));
}

}  // namespace riverd::commands
