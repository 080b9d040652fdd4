#pragma once
/// Which addresses are the public Internet's.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

struct sockaddr;

namespace riverd::fetch {

/// Whether an address is globally reachable by the IANA special-purpose registries (RFC 6890 and after): no loopback,
/// link-local, private, shared (CGNAT), unique local, documentation, benchmarking, multicast, reserved or unspecified
/// address, no 6to4 or Teredo, no cloud metadata service; IPv4 inside IPv6 (mapped, NAT64) is judged as that IPv4 address.
[[nodiscard]] bool is_global(const std::array<std::uint8_t, 4>& ipv4);
[[nodiscard]] bool is_global(const std::array<std::uint8_t, 16>& ipv6);

/// The same for a socket address; false for other families.
[[nodiscard]] bool is_global(const sockaddr& address);

/// As text, without port; empty for other families than IPv4 and IPv6.
[[nodiscard]] std::string to_string(const sockaddr& address);

/// Whether a URL's host names this machine or its network by its form alone: an address that is not global, localhost, or
/// a name under .localhost, .local, .internal, .home.arpa. Other names may still resolve to private addresses.
///   host   lower case, IPv6 in brackets or not
[[nodiscard]] bool is_private_host(std::string_view host);

}  // namespace riverd::fetch
