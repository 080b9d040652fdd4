/// Which sources share a host's patience, and when it may be asked again.

#include <libpsl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "daemon/fetch/address.h"
#include "daemon/poll/outcome.h"

namespace riverd::poll {
namespace {

/// Platforms that throttle by address whatever blog is asked, and are not in the list's private section.
constexpr std::array<std::string_view, 12> kPlatforms = {"substack.com", "medium.com",    "tumblr.com",    "wordpress.com",
                                                         "blogspot.com", "youtube.com",   "reddit.com",    "livejournal.com",
                                                         "ghost.io",     "feedburner.com", "buttondown.com", "bearblog.dev"};

constexpr Seconds kSpacingFirst{15};
constexpr Seconds kSpacingMost{300};

const psl_ctx_t* suffixes() {
  static const std::unique_ptr<psl_ctx_t, void (*)(psl_ctx_t*)> list(psl_latest(nullptr), psl_free);
  return list ? list.get() : psl_builtin();
}

std::string host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  const auto port = url.find(':', url.starts_with('[') ? std::min(url.find(']'), url.size()) : 0);
  std::string host(url.substr(0, port));
  std::transform(host.begin(), host.end(), host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  while (host.ends_with('.')) host.pop_back();
  return host;
}

/// The part of `host` one label longer than its ICANN suffix: bbc.co.uk of news.bbc.co.uk. Empty where there is none.
std::string registrable(const std::string& host) {
  for (std::size_t at = 0; at != std::string::npos;) {
    const auto dot = host.find('.', at);
    if (dot == std::string::npos) return {};
    if (psl_is_public_suffix2(suffixes(), host.c_str() + dot + 1, PSL_TYPE_ICANN) != 0) return host.substr(at);
    at = dot + 1;
  }
  return {};
}

/// Whether strangers have names under the host's domain: a suffix of the private section, or a known platform.
bool is_platform(const std::string& host, const std::string& domain) {
  if (std::find(kPlatforms.begin(), kPlatforms.end(), domain) != kPlatforms.end()) return true;
  for (auto dot = host.find('.'); dot != std::string::npos; dot = host.find('.', dot + 1)) {
    const std::string_view rest = std::string_view(host).substr(dot + 1);
    if (rest.size() < domain.size()) return false;
    const bool any = psl_is_public_suffix2(suffixes(), host.c_str() + dot + 1, PSL_TYPE_PRIVATE) != 0;
    if (any && psl_is_public_suffix2(suffixes(), host.c_str() + dot + 1, PSL_TYPE_ICANN) == 0) return true;
  }
  return false;
}

bool is_address(const std::string& host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

std::string host_key(std::string_view url, std::string_view peer) {
  const std::string host = host_of(url);
  const bool named = host.find('.') != std::string::npos && !is_address(host);
  if (host.empty() || fetch::is_private_host(host) || (!named && !is_address(host))) return {};
  if (!peer.empty() && fetch::is_private_host(peer)) return {};
  if (!named) return host;
  const std::string domain = registrable(host);
  return !domain.empty() && is_platform(host, domain) ? domain : host;
}

storage::HostState slowed_host(const std::optional<storage::HostState>& before, const std::string& key, Time now,
                               std::optional<Seconds> wait, bool throttles) {
  storage::HostState host = before && before->host == key ? *before : storage::HostState{};
  host.host = key;
  if (throttles) host.spacing = std::clamp(host.spacing * 2, kSpacingFirst, kSpacingMost);
  const Time until = now + wait.value_or(std::max(host.spacing, Seconds(60)));
  // A not_before left from before the clock was set back binds nobody beyond the longest that a server may ask for.
  if (host.not_before > now + Seconds(7 * 86'400)) host.not_before = until;
  host.not_before = std::max(host.not_before, until);
  return host;
}

Time after_host(const storage::HostState& host, Time due, double spread) {
  if (due >= host.not_before) return due;
  // Those that waited come back one after the other: over the learnt gap times some, at least two minutes.
  const auto window = std::clamp(host.spacing * 20, Seconds(120), Seconds(3600));
  const auto shift = static_cast<std::int64_t>(std::clamp(spread, 0.0, 1.0) * static_cast<double>(window.count()));
  return host.not_before + Seconds(shift);
}

}  // namespace riverd::poll
