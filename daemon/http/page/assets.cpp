#include "daemon/http/page/assets.h"

#include "base/hash.h"
#include "embedded_assets.h"

namespace riverd::http::page {
namespace {

Asset make(std::string_view name, std::string_view ending, std::string_view type, std::string_view bytes) {
  const auto digest = sha256(bytes);
  std::string path = "/assets/" + std::string(name) + "-" + base32(digest.data(), 5) + std::string(ending);
  return {std::move(path), std::string(type), bytes};
}

}  // namespace

const Asset& stylesheet() {
  static const Asset asset = make("river", ".css", "text/css; charset=utf-8", embedded::kStylesheet);
  return asset;
}

const Asset& script() {
  static const Asset asset = make("river", ".js", "text/javascript; charset=utf-8", embedded::kScript);
  return asset;
}

const Asset& icon() {
  static const Asset asset = make("icon", ".svg", "image/svg+xml", embedded::kIcon);
  return asset;
}

const Asset* find_asset(std::string_view path) {
  for (const Asset* asset : {&stylesheet(), &script(), &icon()})
    if (asset->path == path) return asset;
  return nullptr;
}

}  // namespace riverd::http::page
