#pragma once
/// URLs as the fetcher requests them, taken apart by libcurl's own parser: what is checked is what is requested.

#include <string>
#include <string_view>

#include "base/result.h"

namespace riverd::fetch {

struct Url {
  std::string text;       ///< absolute, without user:password@ and fragment; host lower case, IPv4 in dotted form
  std::string scheme;     ///< http or https
  std::string host;       ///< lower case; IPv6 in brackets
  std::string port;       ///< always given
  std::string user_info;  ///< user:password, decoded, as the URL had it; empty: none

  /// host:port, as error sentences name a peer.
  [[nodiscard]] std::string peer() const { return host + ":" + port; }
};

/// Same scheme, host and port (RFC 6454).
[[nodiscard]] bool same_origin(const Url& a, const Url& b);

/// Takes an absolute http(s) URL apart. The path and query stay as they are, but for what may not stand in a request
/// (spaces, bytes that are no ASCII), which is percent-encoded. Errors: invalid.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

/// Resolves a Location (RFC 9110, 10.2.2) against the URL that answered. Errors: invalid, also for other schemes.
[[nodiscard]] Result<Url> resolve_location(const Url& base, std::string_view location);

/// A URL as it may be shown: user:password@ cut out, also of text that is no proper URL.
[[nodiscard]] std::string redacted(std::string_view url);

}  // namespace riverd::fetch
