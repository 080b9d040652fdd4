#pragma once
/// `riverd update`: one round of polls, then done.

#include <string>
#include <vector>

namespace riverd::commands {

struct UpdateOptions {
  std::string config;
  bool json = false;                 ///< print the totals as one JSON object (contract 1.2)
  bool due = false;                  ///< only sources that are due, as the daemon would
  std::vector<std::string> sources;  ///< by name; empty: all
};

/// Polls once, conditionally, never before a Retry-After. Returns the exit status: 1 when some sources failed.
[[nodiscard]] int run_update(const UpdateOptions& options);

}  // namespace riverd::commands
