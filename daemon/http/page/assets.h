#pragma once
/// The stylesheet, the script and the icon, embedded in the binary (assets/).

#include <string>
#include <string_view>

namespace riverd::http::page {

struct Asset {
  std::string path;  ///< `/assets/river-DIGEST.css`: a changed file has another path, so it may be cached for ever
  std::string type;  ///< Content-Type
  std::string_view bytes;
};

[[nodiscard]] const Asset& stylesheet();
[[nodiscard]] const Asset& script();
[[nodiscard]] const Asset& icon();

/// The asset at a path; null where there is none.
[[nodiscard]] const Asset* find_asset(std::string_view path);

}  // namespace riverd::http::page
