#pragma once
/// The configuration as the server uses it: made anew by a reload, immutable, shared.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "daemon/http/request.h"

namespace riverd::http {

/// Who can reach a listener: decides how suspicious the server is of a Host field.
enum class Exposure : std::uint8_t {
  loopback,  ///< this machine's browsers: any web page could try to rebind its name to us
  network,   ///< an address that others reach
  local,     ///< a Unix socket: a proxy stands in front
};

struct Settings {
  std::shared_ptr<const Site> site;
  std::string token;            ///< empty: no writes, nobody can sign in
  std::vector<std::string> hosts;  ///< lower case, without port; those of server.hosts and of public_url
  bool any_host = false;
  bool named_hosts = false;     ///< server.hosts has names
  std::vector<std::string> cors_origins;
  bool cors_any = false;
  bool secure_cookie = false;   ///< public_url is https
  std::uint32_t max_connections = 1000;
};

///   listener_url   "http://127.0.0.1:8380": the base of links where public_url is not configured
///   since          now
[[nodiscard]] std::shared_ptr<const Settings> make_settings(const config::Server& config, std::string_view listener_url,
                                                            Time since = {});

/// Whether a request for `host` (a Host field: name or address, with or without port) is for us. Loopback names and
/// addresses always are; on a loopback listener only those and the configured ones; elsewhere every name unless
/// server.hosts names some, and every IP address (nobody can rebind an address).
[[nodiscard]] bool host_allowed(const Settings& settings, std::string_view host, Exposure exposure);

/// The origin to allow for a request's Origin field: "*", that origin, or empty.
[[nodiscard]] std::string_view allowed_origin(const Settings& settings, std::string_view origin);

}  // namespace riverd::http
