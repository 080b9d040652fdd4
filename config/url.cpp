#include "config/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace riverd::config {
namespace {

constexpr std::size_t kMaxUrl = 8U << 10U;
constexpr std::size_t kMaxSocketPath = 107;  // sun_path without its end

Error invalid(std::string message) { return {Errc::invalid, std::move(message)}; }

bool is_space_or_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space_or_control(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space_or_control(text.back())) text.remove_suffix(1);
  return text;
}

bool equals_ignoring_case(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + ('a' - 'A') : x) == y; });
}

bool is_ipv6(std::string_view text) {
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool is_host_name(std::string_view host) {
  constexpr std::string_view kForbidden = "#/:<>?@[\\]^|%\"`{}";
  if (host.empty() || host.size() > 253 || host.front() == '.') return false;
  if (host.find("..") != std::string_view::npos) return false;
  return std::ranges::none_of(host, [&](char c) { return is_space_or_control(c) || kForbidden.find(c) != std::string_view::npos; });
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) {
      result += text[i];
      continue;
    }
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

Result<HostPort> check_host_port(std::string_view text) {
  HostPort result;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return invalid("an IPv6 address needs its closing ]");
    if (!is_ipv6(text.substr(1, close - 1))) return invalid("\"" + std::string(text.substr(0, close + 1)) + "\" is no IPv6 address");
    result.host = text.substr(0, close + 1);
    text.remove_prefix(close + 1);
  } else {
    const auto end = std::min(text.find(':'), text.size());
    result.host = text.substr(0, end);
    if (!is_host_name(result.host)) {
      return invalid(result.host.empty() ? "the host is missing" : "\"" + std::string(result.host) + "\" is no host name");
    }
    text.remove_prefix(end);
  }
  if (text.empty()) return result;
  if (text.front() != ':') return invalid("unexpected \"" + std::string(text) + "\" after the host");
  result.port = text.substr(1);
  if (result.port.empty()) return result;
  unsigned port = 0;
  const auto [end, failed] = std::from_chars(result.port.data(), result.port.data() + result.port.size(), port);
  if (failed != std::errc{} || end != result.port.data() + result.port.size() || port > 65535) {
    return invalid("\"" + std::string(result.port) + "\" is no port");
  }
  return result;
}

Result<void> check_served_host(std::string_view text) {
  if (text == "*" || is_ipv6(text) || check_host_port(text)) return {};
  return invalid("\"" + std::string(text) + "\" is no host name; write it like \"river.example.org\"");
}

Result<CheckedUrl> check_url(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return invalid("the URL is empty");
  if (text.size() > kMaxUrl) return invalid("the URL is longer than 8 KiB");
  const auto shown = "\"" + std::string(text) + "\"";
  const auto colon = text.find(':');
  const auto scheme = text.substr(0, std::min(colon, text.size()));
  if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https")) {
    return invalid("bad URL " + shown + "; it must begin with http:// or https://");
  }
  if (colon == std::string_view::npos || text.substr(colon, 3) != "://") return invalid("bad URL " + shown + "; " + std::string(scheme) + ": needs // behind it");
  if (std::ranges::any_of(text, is_space_or_control)) return invalid("bad URL " + shown + "; it has a space or control character in it");
  const auto start = colon + 3;
  const auto end = std::min(text.find_first_of("/?#\\", start), text.size());
  if (end < text.size() && text[end] == '\\') return invalid("bad URL " + shown + "; it has a backslash behind the host");
  auto authority = text.substr(start, end - start);
  CheckedUrl result;
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    result.credentials = percent_decoded(authority.substr(0, at));
    if (result.credentials->find(':') == std::string::npos) *result.credentials += ':';
    authority.remove_prefix(at + 1);
  }
  if (auto checked = check_host_port(authority); !checked) return checked.error().during("bad URL " + shown);
  const auto path = text.substr(end, std::min(text.find('#', end), text.size()) - end);
  result.url = std::string(text.substr(0, start)) + std::string(authority) + std::string(path);
  return result;
}

Result<void> check_listen(std::string_view text) {
  if (text.starts_with("unix:")) {
    const auto path = text.substr(5);
    if (path.empty()) return invalid("unix: needs a path behind it");
    if (path.size() > kMaxSocketPath) return invalid("the socket's path is longer than 107 bytes");
    return {};
  }
  auto checked = check_host_port(text);
  if (!checked) return checked.error();
  if (checked->port.empty()) return invalid("the port is missing; write host:port, [v6]:port or unix:PATH");
  return {};
}

Result<void> check_proxy(std::string_view text) {
  constexpr std::array<std::string_view, 6> kSchemes = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"};
  if (std::ranges::any_of(text, is_space_or_control)) return invalid("the proxy has a space or control character in it");
  if (const auto end = text.find("://"); end != std::string_view::npos) {
    const auto scheme = text.substr(0, end);
    if (std::ranges::none_of(kSchemes, [&](auto known) { return equals_ignoring_case(scheme, known); })) {
      return invalid("\"" + std::string(scheme) + "\" is no kind of proxy; use http, https, socks4, socks4a, socks5 or socks5h");
    }
    text.remove_prefix(end + 3);
  }
  if (const auto at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  while (text.ends_with('/')) text.remove_suffix(1);
  auto checked = check_host_port(text);
  if (!checked) return checked.error().during("bad proxy");
  return {};
}

}  // namespace riverd::config
