#pragma once
/// URLs as people write them into a config.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace riverd::config {

struct CheckedUrl {
  std::string url;                         ///< without white space around it, user information and fragment
  std::optional<std::string> credentials;  ///< user:password, percent-decoded, where the URL had them
};

/// Checks an absolute http or https URL: scheme, host (a name, IPv4 or [IPv6]), port. The path is left as it is written;
/// non-ASCII characters are welcome in it, controls and spaces are not. At most 8 KiB. Errors: invalid.
[[nodiscard]] Result<CheckedUrl> check_url(std::string_view text);

/// Checks where to listen: host:port, [v6]:port or unix:PATH. Errors: invalid.
[[nodiscard]] Result<void> check_listen(std::string_view text);

/// Checks a proxy: http, https, socks4, socks4a, socks5 or socks5h URL, or host:port. Errors: invalid.
[[nodiscard]] Result<void> check_proxy(std::string_view text);

/// An authority without user information, taken apart. Views into what was given.
struct HostPort {
  std::string_view host;  ///< with its brackets where it is IPv6
  std::string_view port;  ///< empty where there is none
};

/// Takes host[:port] apart and checks both. Errors: invalid.
[[nodiscard]] Result<HostPort> check_host_port(std::string_view text);

/// Checks the name of a host as clients ask for it: a name or address, with or without a port, or "*". Errors: invalid.
[[nodiscard]] Result<void> check_served_host(std::string_view text);

/// Decodes %XX; other bytes stay.
[[nodiscard]] std::string percent_decoded(std::string_view text);

}  // namespace riverd::config
