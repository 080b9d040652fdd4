#include "daemon/http/routes.h"

#include "daemon/http/text.h"

namespace riverd::http {
namespace {

constexpr Route reads(Resource resource, Access access = Access::read) { return {resource, access, true, false}; }
constexpr Route writes(Resource resource, Access access) { return {resource, access, false, true}; }

/// `{...}` stands for one segment that is not empty.
bool fits(std::string_view pattern, const std::vector<std::string>& segments) {
  pattern.remove_prefix(1);
  for (const auto& segment : segments) {
    if (pattern.empty()) return false;
    const std::string_view piece = next_piece(pattern, '/');
    if (piece.starts_with('{') ? segment.empty() : segment != piece) return false;
  }
  return pattern.empty();
}

}  // namespace

const std::vector<KnownPath>& known_paths() {
  static const std::vector<KnownPath> paths = {
      {"/api/v1/posts", reads(Resource::posts)},
      {"/api/v1/posts/{id}", reads(Resource::post)},
      {"/api/v1/sources", reads(Resource::sources)},
      {"/api/v1/sources/{name}/poll", writes(Resource::poll, Access::write)},
      {"/api/v1/events", reads(Resource::events)},
      {"/feed.json", reads(Resource::json_feed)},
      {"/feed.atom", reads(Resource::atom)},
      {"/feed.rss", reads(Resource::rss)},
      {"/opml", reads(Resource::opml)},
      {"/healthz", reads(Resource::healthz, Access::open)},
      {"/metrics", reads(Resource::metrics)},
      {"/openapi.json", reads(Resource::openapi)},
      {"/sign-in", {Resource::sign_in, Access::open, true, true}},
      {"/sign-out", writes(Resource::sign_out, Access::open)},
      {"/assets/{name}", reads(Resource::asset, Access::open)},
      {"/favicon.ico", reads(Resource::asset, Access::open)},
  };
  return paths;
}

Route find_route(const std::vector<std::string>& segments) {
  for (const auto& known : known_paths())
    if (fits(known.path, segments)) return known.route;
  if (segments.empty() || segments.front() == "api") return {};
  return reads(Resource::page);
}

}  // namespace riverd::http
