#pragma once
/// Which resource a path names, and what may be done with it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace riverd::http {

enum class Resource : std::uint8_t {
  posts, post, sources, poll, events, atom, rss, json_feed, opml, healthz, metrics, openapi,
  sign_in, sign_out,
  asset,    ///< of the page; needs no session
  page,     ///< all else outside of /api
  unknown,
};

/// Who may ask for it.
enum class Access : std::uint8_t {
  open,   ///< everybody
  read,   ///< everybody, or with protect_reads who is signed in
  write,  ///< who has the token
};

struct Route {
  Resource resource = Resource::unknown;
  Access access = Access::read;
  bool get = false;
  bool post = false;

  /// The Allow field.
  [[nodiscard]] std::string_view allow() const {
    if (get && post) return "GET, HEAD, POST, OPTIONS";
    return get ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
  }
};

/// The resource at a path, by its decoded segments.
[[nodiscard]] Route find_route(const std::vector<std::string>& segments);

/// A path as the contract writes it (`/api/v1/posts/{id}`), and its resource: for tests of /openapi.json.
struct KnownPath {
  std::string_view path;
  Route route;
};
[[nodiscard]] const std::vector<KnownPath>& known_paths();

}  // namespace riverd::http
