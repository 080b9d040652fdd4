#include "daemon/poll/hosts.h"

#include <algorithm>

#include "daemon/poll/outcome.h"

namespace riverd::poll {
namespace {
constexpr const char* kLeftAlone = "its host asked to be left alone";
constexpr const char* kSpaced = "its host is asked slowly";
}  // namespace

void Hosts::load(const std::vector<storage::HostState>& hosts) {
  for (const auto& host : hosts) hosts_[host.host].state = host;
}

void Hosts::merge(const std::vector<storage::HostState>& hosts, Time now) {
  for (const auto& host : hosts) {
    if (host.spacing == Seconds(0) && host.not_before <= now) continue;
    storage::HostState& known = hosts_[host.host].state;
    known.host = host.host;
    known.not_before = std::max(known.not_before, host.not_before);
    known.spacing = std::max(known.spacing, host.spacing);
  }
}

void Hosts::set(const storage::HostState& host) { hosts_[host.host].state = host; }

std::optional<storage::HostState> Hosts::find(const std::string& key) const {
  const auto found = hosts_.find(key);
  if (found == hosts_.end()) return std::nullopt;
  return found->second.state;
}

std::optional<Delay> Hosts::start_or_wait(const std::string& key, Time now, double spread) {
  if (key.empty()) return std::nullopt;
  const auto found = hosts_.find(key);
  if (found == hosts_.end()) return std::nullopt;
  Entry& host = found->second;
  if (now < host.state.not_before) return Delay{after_host(host.state, now, spread), kLeftAlone};
  if (host.state.spacing > Seconds(0) && host.last_start) {
    const Time free = *host.last_start + host.state.spacing;
    if (now < free) {
      const std::uint32_t rank = std::min(host.waiting++, 1000U);
      return Delay{free + host.state.spacing * rank, kSpaced};
    }
  }
  host.last_start = now;
  if (host.waiting > 0) --host.waiting;
  return std::nullopt;
}

std::optional<Delay> Hosts::forbidden_until(const std::string& key, Time now, double spread) const {
  const auto host = find(key);
  if (!host || now >= host->not_before) return std::nullopt;
  return Delay{after_host(*host, now, spread), kLeftAlone};
}

void Hosts::shift(Seconds by) {
  for (auto& [key, host] : hosts_) {
    host.state.not_before += by;
    if (host.last_start) *host.last_start += by;
  }
}

void Hosts::tidy(Time now) {
  std::erase_if(hosts_, [&](const auto& entry) {
    const Entry& host = entry.second;
    return host.state.spacing == Seconds(0) && host.state.not_before <= now;
  });
}

}  // namespace riverd::poll
