#include <unistd.h>

#include "base/file.h"
#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/input.h"
#include "feeds/read/read.h"
#include "feeds/write/json.h"

namespace riverd::commands {

int run_parse(const ParseOptions& options) {
  feeds::Settings settings;
  feeds::read::Hints hints{.charset = charset_of(options.content_type), .base = options.base};
  if (!options.source.empty()) {
    int status = kDone;
    const auto config = load_config(options.config, status);
    if (!config) return status;
    const auto* source = find_source(*config, options.source);
    if (source == nullptr) return kUsage;
    settings = config::settings_of(*config, *source);
    if (hints.base.empty()) hints.base = source->url;
  }
  settings.markdown = true;
  settings.keep_repeats = true;
  const auto body = read_input(options.file);
  if (!body) return fail(body.error());
  const auto feed = feeds::read::read(*body, hints);
  if (!feed) return fail(feed.error().during(options.file));
  return print(feeds::write::parse_json(feeds::normalise(*feed, settings)) + "\n");
}

}  // namespace riverd::commands
