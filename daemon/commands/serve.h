#pragma once
/// `riverd serve`: the daemon.

#include <string>

namespace riverd::commands {

struct ServeOptions {
  std::string config;
};

/// Runs until SIGTERM or SIGINT, then ends within 5 s. SIGHUP reads the config again. Returns the exit status.
[[nodiscard]] int run_serve(const ServeOptions& options);

}  // namespace riverd::commands
