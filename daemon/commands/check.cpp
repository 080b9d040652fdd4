#include "daemon/commands/advice.h"
#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"

namespace riverd::commands {

int run_check(const CheckOptions& options) {
  int status = kDone;
  const auto config = load_config(options.config, status);
  if (!config) return status;
  for (const auto& sentence : advice(*config)) warn(options.config + ": " + sentence);
  if (options.resolved) return print(config::resolved(*config));
  const auto count = config->sources.size();
  return print(options.config + ": ok, " + std::to_string(count) + (count == 1 ? " source\n" : " sources\n"));
}

}  // namespace riverd::commands
