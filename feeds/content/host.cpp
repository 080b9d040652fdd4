#include "feeds/content/host.h"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "feeds/content/utf8.h"

namespace riverd::feeds::content {
namespace {

constexpr std::size_t kLongestHost = 2048;  // before it is encoded; a domain name has at most 253 bytes then

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size();
    const int high = escape ? hex_digit(text[i + 1]) : -1;
    const int low = escape ? hex_digit(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F ||
         std::string_view("#/:<>?@[\\]^|%\"'`{}&();,$!*+=").find(c) != std::string_view::npos;
}

std::optional<std::string> ipv6(std::string_view text) {
  in6_addr address{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) return std::nullopt;
  if (inet_ntop(AF_INET6, &address, out.data(), out.size()) == nullptr) return std::nullopt;
  return "[" + std::string(out.data()) + "]";
}

/// A number of an IPv4 address in decimal, octal (0...) or hexadecimal (0x...).
std::optional<std::uint64_t> ipv4_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  unsigned base = 10;
  if (text.size() >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() >= 2 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0 || static_cast<unsigned>(digit) >= base) return std::nullopt;
    value = std::min<std::uint64_t>(value * base + static_cast<unsigned>(digit), std::uint64_t{1} << 33);
  }
  return value;
}

bool ends_in_number(std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const std::string_view last = host.substr(host.rfind('.') + 1);
  const bool digits =
      !last.empty() && std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits || (last.size() > 1 && last[0] == '0' && (last[1] | 0x20) == 'x' && ipv4_number(last));
}

std::optional<std::string> ipv4(std::string_view host) {
  if (host.back() == '.') host.remove_suffix(1);
  std::uint64_t address = 0;
  unsigned parts = 0;
  for (;;) {
    const std::size_t dot = host.find('.');
    const auto number = ipv4_number(host.substr(0, dot));
    if (!number || ++parts > 4) return std::nullopt;
    if (dot == std::string_view::npos) {
      if (*number >= std::uint64_t{1} << (8 * (5 - parts))) return std::nullopt;
      address |= *number;
      break;
    }
    if (*number > 255 || parts > 3) return std::nullopt;
    address |= *number << (8 * (4 - parts));
    host.remove_prefix(dot + 1);
  }
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (!out.empty()) out += '.';
    out += std::to_string((address >> shift) & 0xFF);
  }
  return out;
}

std::optional<std::string> to_ascii(const std::string& host) {
  char* encoded = nullptr;
  // Without the STD3 rules: real hosts have underscores. What URLs forbid is checked afterwards.
  const int code = idn2_to_ascii_8z(host.c_str(), &encoded, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owner(encoded, idn2_free);
  if (code != IDN2_OK) return std::nullopt;
  return std::string(encoded);
}

}  // namespace

std::optional<std::string> serialise_host(std::string_view raw) {
  if (raw.empty() || raw.size() > kLongestHost) return std::nullopt;
  if (raw.front() == '[') {
    return raw.back() == ']' ? ipv6(raw.substr(1, raw.size() - 2)) : std::nullopt;
  }
  std::string host = percent_decoded(raw);
  if (host.find('\0') != std::string::npos || !is_valid_utf8(host)) return std::nullopt;
  if (std::any_of(host.begin(), host.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    auto ascii = to_ascii(host);
    if (!ascii) return std::nullopt;
    host = *std::move(ascii);
  }
  for (char& c : host) {
    if (forbidden(c)) return std::nullopt;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  if (host.find_first_not_of('.') == std::string::npos) return std::nullopt;
  return ends_in_number(host) ? ipv4(host) : std::optional(host);
}

}  // namespace riverd::feeds::content
