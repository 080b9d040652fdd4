#pragma once
/// What a config without mistakes may still get wrong: each a sentence for whoever wrote it.

#include <optional>
#include <string>
#include <vector>

#include "config/config.h"

namespace riverd::commands {

/// That nobody can read: reads need a token, and there is none.
[[nodiscard]] std::optional<std::string> locked_reads(const config::Config& config);

/// That, groups that this machine does not have, and URLs that several sources have.
[[nodiscard]] std::vector<std::string> advice(const config::Config& config);

}  // namespace riverd::commands
