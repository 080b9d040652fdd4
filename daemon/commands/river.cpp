#include "daemon/commands/river.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace riverd::commands {
namespace {

constexpr unsigned kPage = 500;
constexpr std::chrono::milliseconds kPatience{60'000};  // nobody but who started the command waits for it

}  // namespace

Time now() { return std::chrono::time_point_cast<Seconds>(std::chrono::system_clock::now()); }

Result<std::unique_ptr<storage::Store>> open_river(const config::Config& config) {
  const auto& path = config.storage.path;
  if (::access(path.c_str(), F_OK) != 0) {
    const int code = errno;
    if (code == ENOENT) return Error(Errc::not_found, "there is no store at " + path + " yet; run \"riverd update --config " + config.file + "\" first");
    return Error(Errc::io, "open " + path + ": " + std::strerror(code));
  }
  storage::Options options;
  options.path = path;
  options.readers = 1;
  options.query_limit = kPatience;
  return storage::open_sqlite(options);
}

storage::Retention retention_of(const config::Config& config) {
  storage::Retention retention{config.storage.keep, config.storage.keep_posts, {}};
  for (const auto& source : config.sources) {
    if (source.extra && source.extra->keep) retention.sources.emplace_back(source.name, *source.extra->keep);
  }
  return retention;
}

bool keeps_all(const storage::Retention& retention) {
  return !retention.keep && retention.keep_posts == 0 && retention.sources.empty();
}

Result<Time> parse_moment(std::string_view text, Time now) {
  if (const auto time = parse_rfc3339(text)) return *time;
  if (const auto day = parse_rfc3339(std::string(text) + "T00:00:00Z")) return *day;
  if (const auto ago = config::parse_duration(text)) return now - std::chrono::duration_cast<Seconds>(*ago);
  return Error(Errc::invalid, "\"" + std::string(text) + "\" is no time; write it like 2024-09-18, 2024-09-18T18:37:16Z or 7d (ago)");
}

Result<storage::PostQuery> query_of(const Filters& filters, Time now) {
  storage::PostQuery query;
  query.sources = filters.sources;
  query.categories = filters.categories;
  query.tags = filters.tags;
  query.authors = filters.authors;
  query.q = filters.q;
  const auto read = [&](const std::string& text, std::string_view name, std::optional<Time>& into) -> Result<void> {
    if (text.empty()) return {};
    const auto time = parse_moment(text, now);
    if (!time) return time.error().during(name);
    into = *time;
    return {};
  };
  if (auto since = read(filters.since, "--since", query.since); !since) return since.error();
  if (auto until = read(filters.until, "--until", query.until); !until) return until.error();
  return query;
}

Result<void> know_sources(const Filters& filters, const config::Config& config, storage::Store& store) {
  for (const auto& name : filters.sources) {
    if (std::ranges::find(config.sources, name, &config::Source::name) != config.sources.end()) continue;
    const auto kept = store.source(name);
    if (!kept) return kept.error();
    if (!*kept) return Error(Errc::invalid, "--source: there is no source named \"" + name + "\" in " + config.file + " or the store");
  }
  return {};
}

Result<void> each_post(storage::Store& store, storage::PostQuery query, std::uint64_t limit,
                       const std::function<Result<void>(storage::StoredPost&&)>& visit) {
  std::uint64_t seen = 0;
  for (;;) {
    query.limit = limit == 0 ? kPage : static_cast<unsigned>(std::min<std::uint64_t>(kPage, limit - seen));
    auto page = store.posts(query);
    if (!page) return page.error();
    for (auto& post : page->posts) {
      if (auto visited = visit(std::move(post)); !visited) return visited;
      ++seen;
    }
    if (!page->next_cursor || (limit != 0 && seen >= limit)) return {};
    query.cursor = *page->next_cursor;
  }
}

}  // namespace riverd::commands
