#pragma once
/// References in config values: ${NAME}, ${NAME:-default} and ${file:PATH}. Internal to config/.

#include <string>
#include <string_view>

#include "config/config.h"

namespace riverd::config {

/// Replaces the references in text; "$${" stands for a plain "${". A file's text is taken without white space at its ends;
/// a relative PATH is one of `folder`. Errors: invalid, for a variable that is not set or a file that cannot be used.
[[nodiscard]] Result<std::string> expand(std::string_view text, const std::string& folder, const Environment& environment);

/// What expand() turns into `text`: every "${" in it is meant as it is.
[[nodiscard]] std::string without_references(std::string text);

/// Reads a small file that holds one secret: at most 64 KiB, white space at its ends dropped. Errors: invalid when it is
/// empty or holds a control character, not_found, io.
[[nodiscard]] Result<std::string> read_secret(const std::string& path);

/// path as it is when absolute, else in folder.
[[nodiscard]] std::string path_in(const std::string& folder, const std::string& path);

}  // namespace riverd::config
