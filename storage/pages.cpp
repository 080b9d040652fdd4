#include "storage/pages.h"

#include <algorithm>

namespace riverd::storage {

std::string page_host(std::string_view url) {
  const bool secure = url.starts_with("https://");
  if (!secure && !url.starts_with("http://")) return {};
  url.remove_prefix(secure ? 8 : 7);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  const std::string_view own_port = secure ? ":443" : ":80";
  if (url.ends_with(own_port)) url.remove_suffix(own_port.size());
  std::string host(url);
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return host;
}

}  // namespace riverd::storage
