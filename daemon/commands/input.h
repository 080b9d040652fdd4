#pragma once
/// Documents that commands are given.

#include <string>
#include <string_view>

#include "base/result.h"

namespace riverd::commands {

/// Reads FILE, or standard input for "-": at most 64 MiB. Errors: not_found, io, too_large.
[[nodiscard]] Result<std::string> read_input(const std::string& file);

/// The charset parameter of a Content-Type (RFC 9110, 8.3), without quotes; empty where there is none.
[[nodiscard]] std::string charset_of(std::string_view content_type);

}  // namespace riverd::commands
