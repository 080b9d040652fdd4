#pragma once
/// TOML text to a tree, with every mistake of syntax found on the way. Internal to config/.

#include <toml++/toml.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace riverd::config {

/// Parses one TOML file. After a mistake the line it is in is taken out and reading goes on, so that one misplaced
/// quote hides no other mistake; at most 20 are looked for. The tree lacks those lines.
/// No text overflows the stack: nesting and dotted keys are bounded.
[[nodiscard]] toml::table parse_document(std::string_view text, const std::string& file, std::vector<Diagnostic>& errors);

}  // namespace riverd::config
