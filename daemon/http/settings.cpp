#include "daemon/http/settings.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "daemon/http/text.h"

namespace riverd::http {
namespace {

/// `Name.Example.:8080` -> `name.example`; `[::1]:80` -> `::1`.
std::string host_name(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') == std::string_view::npos ? 0 : host.find(']') - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string out(host);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

/// The authority of an absolute URL.
std::string_view authority(std::string_view url) {
  const auto start = url.find("://");
  if (start == std::string_view::npos) return {};
  url.remove_prefix(start + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

enum class Literal : std::uint8_t { none, address, loopback };

/// Whether a host is an IP address, and one of this machine alone.
Literal literal(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1)
    return (ntohl(four.s_addr) >> 24U) == 127 ? Literal::loopback : Literal::address;
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six) ? Literal::loopback : Literal::address;
  return Literal::none;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

}  // namespace

std::shared_ptr<const Settings> make_settings(const config::Server& config, std::string_view listener_url, Time since) {
  auto site = std::make_shared<Site>();
  site->title = config.title;
  site->base_url = without_slash(config.public_url.value_or(std::string(listener_url)));
  site->images = config.images;
  site->protect_reads = config.protect_reads;
  site->has_token = !config.token.empty();
  site->since = since;

  auto out = std::make_shared<Settings>();
  out->site = std::move(site);
  out->token = config.token;
  for (const auto& host : config.hosts) {
    if (host == "*") out->any_host = true;
    out->hosts.push_back(host.find(':') != host.rfind(':') && !host.starts_with('[') ? host : host_name(host));
  }
  out->named_hosts = !config.hosts.empty();
  if (config.public_url) {
    out->hosts.push_back(host_name(authority(*config.public_url)));
    out->secure_cookie = config.public_url->starts_with("https:");
  }
  out->cors_origins = config.cors_origins;
  out->cors_any = std::find(config.cors_origins.begin(), config.cors_origins.end(), "*") != config.cors_origins.end();
  out->max_connections = config.max_connections;
  return out;
}

bool host_allowed(const Settings& settings, std::string_view host, Exposure exposure) {
  if (settings.any_host) return true;
  const std::string name = host_name(host);
  if (name == "localhost" || name.ends_with(".localhost")) return true;
  if (std::find(settings.hosts.begin(), settings.hosts.end(), name) != settings.hosts.end()) return true;
  const Literal address = literal(name);
  if (address == Literal::loopback) return true;
  if (exposure == Exposure::loopback) return false;
  return !settings.named_hosts || (address == Literal::address && exposure == Exposure::network);
}

std::string_view allowed_origin(const Settings& settings, std::string_view origin) {
  if (settings.cors_any) return "*";
  if (origin.empty() || origin == "null") return {};
  for (const auto& allowed : settings.cors_origins)
    if (equal_no_case(allowed, origin)) return allowed;
  return {};
}

}  // namespace riverd::http
