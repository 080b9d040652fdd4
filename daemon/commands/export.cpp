#include <algorithm>
#include <map>

#include "base/file.h"
#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/hexo.h"
#include "daemon/commands/river.h"
#include "feeds/write/opml.h"
#include "feeds/write/river.h"

namespace riverd::commands {
namespace {

std::string posts_text(std::uint64_t count) { return std::to_string(count) + (count == 1 ? " post" : " posts"); }

/// Where the river is read: what the config says of it, else where the server listens.
std::string home_of(const config::Server& server) {
  if (server.public_url) return *server.public_url;
  return server.listen.starts_with("unix:") ? "http://localhost/" : "http://" + server.listen + "/";
}

/// Writes a document to a file, or to standard output for "-".
int deliver(const ExportOptions& options, const std::string& document, const std::string& what) {
  if (options.out == "-") return print(document);
  if (const auto written = replace_file(options.out, document); !written) return fail(written.error());
  return print("wrote " + what + " to " + options.out + "\n");
}

int export_hexo(const ExportOptions& options, storage::Store& store, const storage::PostQuery& query) {
  auto folder = HexoFolder::open(options.out);
  if (!folder) return fail(folder.error());
  const auto write = [&](storage::StoredPost&& post) { return folder->write(std::move(post)); };
  if (const auto done = each_post(store, query, options.limit, write); !done) return fail(done.error());
  if (options.delete_gone) {
    if (const auto removed = folder->remove_others(); !removed) return fail(removed.error());
  }
  return print("exported " + posts_text(folder->posts()) + " to " + options.out + ": " + std::to_string(folder->changed()) +
               " written, " + std::to_string(folder->removed()) + " deleted\n");
}

int export_feed(const ExportOptions& options, const config::Config& config, storage::Store& store, const storage::PostQuery& query) {
  std::vector<storage::StoredPost> posts;
  const auto gather = [&](storage::StoredPost&& post) -> Result<void> {
    posts.push_back(std::move(post));
    return {};
  };
  if (const auto done = each_post(store, query, options.limit, gather); !done) return fail(done.error());
  std::vector<feeds::write::Kept> kept;
  kept.reserve(posts.size());
  std::vector<feeds::write::RiverPost> entries;
  entries.reserve(posts.size());
  feeds::write::River river;
  for (const auto& post : posts) {
    kept.push_back({post.seq, post.sources});
    entries.push_back({&post.post, &kept.back(), post.arrived});
    river.updated = std::max(river.updated, post.arrived);
  }
  river.title = config.server.title;
  river.home = home_of(config.server);
  river.self = river.home + "feed." + options.format;
  river.generator = "riverd " RIVERD_VERSION;
  const auto document = options.format == "atom"  ? feeds::write::atom(river, entries)
                        : options.format == "rss" ? feeds::write::rss(river, entries)
                                                  : feeds::write::json_feed(river, entries);
  return deliver(options, document, posts_text(posts.size()));
}

/// The configured sources; titles and pages that only their feeds tell come from the store, where there is one.
int export_opml(const ExportOptions& options, const config::Config& config) {
  std::map<std::string, storage::SourceView, std::less<>> polled;
  if (const auto store = open_river(config)) {
    if (auto views = (*store)->sources()) {
      for (auto& view : *views) polled.emplace(view.name, std::move(view));
    }
  }
  std::vector<feeds::read::Subscription> subscriptions;
  for (const auto& source : config.sources) {
    auto& subscription = subscriptions.emplace_back();
    subscription.url = source.url;
    subscription.title = source.title.value_or("");
    subscription.categories = source.categories;
    subscription.tags = source.tags;
    if (!source.site_url.empty()) subscription.site_url = source.site_url;
    const auto view = polled.find(source.name);
    if (view == polled.end()) continue;
    if (subscription.title.empty()) subscription.title = view->second.state.title;
    if (!subscription.site_url && !view->second.state.site_url.empty()) subscription.site_url = view->second.state.site_url;
  }
  const auto count = std::to_string(subscriptions.size()) + (subscriptions.size() == 1 ? " source" : " sources");
  return deliver(options, feeds::write::opml(config.server.title, subscriptions), count);
}

Result<void> goes_together(const ExportOptions& options) {
  const bool hexo = options.format == "hexo";
  if (hexo && options.out == "-") return Error(Errc::invalid, "--format hexo writes a folder: give its path with --out");
  if (!hexo && options.delete_gone) return Error(Errc::invalid, "--delete goes with --format hexo only");
  if (options.format == "opml" && (options.limit != 0 || options.filters != Filters())) {
    return Error(Errc::invalid, "--format opml writes every source of the config: filters of posts and --limit do not go with it");
  }
  return {};
}

}  // namespace

int run_export(const ExportOptions& options) {
  if (const auto fit = goes_together(options); !fit) return fail(fit.error());
  int status = kDone;
  const auto config = load_config(options.config, status);
  if (!config) return status;
  if (options.format == "opml") return export_opml(options, *config);
  const auto query = query_of(options.filters, now());
  if (!query) return fail(query.error());
  const auto store = open_river(*config);
  if (!store) return fail(store.error());
  if (const auto known = know_sources(options.filters, *config, **store); !known) return fail(known.error());
  if (options.format == "hexo") return export_hexo(options, **store, *query);
  return export_feed(options, *config, **store, *query);
}

}  // namespace riverd::commands
