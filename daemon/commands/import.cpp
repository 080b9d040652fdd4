#include "base/file.h"
#include "config/append.h"
#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/input.h"
#include "feeds/read/opml.h"

namespace riverd::commands {
namespace {

std::vector<config::NewSource> sources_of(const feeds::read::SubscriptionList& list) {
  std::vector<config::NewSource> sources;
  sources.reserve(list.subscriptions.size());
  for (const auto& subscription : list.subscriptions) {
    sources.push_back({subscription.url, "", subscription.title, subscription.site_url.value_or(""), subscription.categories, subscription.tags});
  }
  return sources;
}

std::string feeds_text(std::size_t count) { return std::to_string(count) + (count == 1 ? " feed" : " feeds"); }

}  // namespace

int run_import(const ImportOptions& options) {
  int status = kDone;
  const auto config = load_config(options.config, status);
  if (!config) return status;
  const auto text = read_input(options.file);
  if (!text) return fail(text.error());
  const auto list = feeds::read::read_subscriptions(*text);
  if (!list) {
    complain(options.file + ": " + list.error().message());
    return kNotAFeed;
  }
  for (const auto& warning : list->warnings) complain(options.file + ": " + warning);

  const auto before = read_input(options.config);
  if (!before) return fail(before.error());
  const auto appended = config::append_sources(*before, *config, sources_of(*list));
  if (!appended) return fail(appended.error());
  std::string_view hint;
  if (options.dry_run) return print(appended->text.substr(before->size()));
  if (!appended->names.empty()) {
    if (const auto written = replace_file(options.config, appended->text); !written) return fail(written.error());
    hint = kReloadHint;
  }
  auto summary = "added " + feeds_text(appended->names.size()) + " to " + options.config;
  if (!appended->there.empty()) summary += ", " + feeds_text(appended->there.size()) + " there already";
  return print(summary.append("\n").append(hint));
}

}  // namespace riverd::commands
