#include "daemon/fetch/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace riverd::fetch {
namespace {

template <std::size_t N>
struct Prefix {
  std::array<std::uint8_t, N> bytes;
  unsigned bits;
  [[nodiscard]] bool holds(const std::array<std::uint8_t, N>& address) const {
    const std::size_t whole = bits / 8;
    if (!std::equal(bytes.begin(), bytes.begin() + whole, address.begin())) return false;
    const unsigned rest = bits % 8;
    return rest == 0 || (bytes[whole] ^ address[whole]) >> (8 - rest) == 0;
  }
};

constexpr Prefix<4> kNotGlobal4[] = {
    {{0, 0, 0, 0}, 8},        // this network
    {{10, 0, 0, 0}, 8},       // RFC 1918
    {{100, 64, 0, 0}, 10},    // shared, CGNAT (RFC 6598)
    {{127, 0, 0, 0}, 8},      // loopback
    {{169, 254, 0, 0}, 16},   // link-local, most clouds' metadata
    {{172, 16, 0, 0}, 12},    // RFC 1918
    {{192, 0, 0, 0}, 24},     // IETF protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 88, 99, 0}, 24},   // 6to4 relays
    {{192, 168, 0, 0}, 16},   // RFC 1918
    {{198, 18, 0, 0}, 15},    // benchmarking
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{168, 63, 129, 16}, 32}, // Azure's platform service
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, broadcast
};

// Within 2000::/3, the only space handed out so far; all else is refused as a whole.
constexpr Prefix<16> kNotGlobal6[] = {
    {{0x20, 0x01}, 23},              // IETF protocol assignments: Teredo, ORCHID, benchmarking
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4
    {{0x3f, 0xff}, 20},              // documentation (RFC 9637)
};
constexpr Prefix<16> kGlobal6 = {{0x20}, 3};
constexpr Prefix<16> kMapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Prefix<16> kNat64 = {{0x00, 0x64, 0xff, 0x9b}, 96};

bool ends_with_label(std::string_view host, std::string_view suffix) {
  return host.ends_with(suffix) && (host.size() == suffix.size() || host[host.size() - suffix.size() - 1] == '.');
}

}  // namespace

bool is_global(const std::array<std::uint8_t, 4>& ipv4) {
  return std::none_of(std::begin(kNotGlobal4), std::end(kNotGlobal4),
                      [&](const auto& prefix) { return prefix.holds(ipv4); });
}

bool is_global(const std::array<std::uint8_t, 16>& ipv6) {
  if (kMapped.holds(ipv6) || kNat64.holds(ipv6)) {
    return is_global(std::array<std::uint8_t, 4>{ipv6[12], ipv6[13], ipv6[14], ipv6[15]});
  }
  return kGlobal6.holds(ipv6) && std::none_of(std::begin(kNotGlobal6), std::end(kNotGlobal6),
                                              [&](const auto& prefix) { return prefix.holds(ipv6); });
}

bool is_global(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in&>(address).sin_addr, bytes.size());
    return is_global(bytes);
  }
  if (address.sa_family == AF_INET6) {
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, bytes.size());
    return is_global(bytes);
  }
  return false;
}

std::string to_string(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  } else if (address.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof text);
  }
  return text;
}

bool is_private_host(std::string_view host) {
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string text(host.substr(0, host.find('%')));  // a zone index is no part of the address
  std::array<std::uint8_t, 4> ipv4{};
  if (inet_pton(AF_INET, text.c_str(), ipv4.data()) == 1) return !is_global(ipv4);
  std::array<std::uint8_t, 16> ipv6{};
  if (inet_pton(AF_INET6, text.c_str(), ipv6.data()) == 1) return !is_global(ipv6);
  return ends_with_label(host, "localhost") || ends_with_label(host, "local") || ends_with_label(host, "internal") ||
         ends_with_label(host, "home.arpa");
}

}  // namespace riverd::fetch
