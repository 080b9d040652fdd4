#pragma once
/// Adding sources to a config's text.

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace riverd::config {

/// A source to be added.
struct NewSource {
  std::string url;
  std::string name;   ///< empty: derived from the URL
  std::string title;  ///< empty: none
  std::string site_url;  ///< empty, or no http(s) URL: none
  std::vector<std::string> categories;
  std::vector<std::string> tags;
};

struct Appended {
  std::string text;                    ///< the old text byte for byte, then the new [[source]] tables
  std::vector<std::string> names;      ///< of the sources added, in order
  std::vector<std::string> there;      ///< names of the sources that carry a feed that was to be added
};

/// Appends sources to the text of a config. A feed that the config polls already (also under http for https, or with a
/// tracking parameter more) is left out, also where an included file or another new source has it.
///   toml     the main file's text, as `config` was read from it
/// Errors: exists, for a name that is taken; config, when the result would not be a valid config, with the reason.
[[nodiscard]] Result<Appended> append_sources(std::string_view toml, const Config& config, const std::vector<NewSource>& sources,
                                              const Environment& environment = process_environment());

/// A TOML basic string with its quotes (TOML 1.0).
[[nodiscard]] std::string toml_string(std::string_view text);

}  // namespace riverd::config
