#include "daemon/poll/catalogue.h"

#include <xxhash.h>

#include <algorithm>
#include <cstdlib>

#include "daemon/fetch/address.h"

namespace riverd::poll {
namespace {

// Between two starts to one public host, whatever per_host allows at once.
constexpr std::chrono::milliseconds kSpacing{100};

/// Digest of all that shapes the request: sources with one key are one poll.
std::uint64_t request_key(const config::Source& source) {
  std::string all = source.url;
  const auto add = [&all](std::string_view part) {
    all += '\0';
    all += part;
  };
  if (source.extra) {
    for (const auto& [name, value] : source.extra->headers) {
      add(name);
      add(value);
    }
    add(source.extra->user_agent.value_or(""));
    add(source.extra->basic_auth.value_or(""));
    add(source.extra->proxy.value_or(""));
  }
  return XXH3_64bits(all.data(), all.size());
}

}  // namespace

Catalogue::Catalogue(std::shared_ptr<const config::Config> config) : config_(std::move(config)) {
  const auto& sources = config_->sources;
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    if (sources[i].enabled) by_name_.push_back(i);
  }
  std::sort(by_name_.begin(), by_name_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return sources[a].name < sources[b].name; });
  by_name_.shrink_to_fit();
}

const config::Source* Catalogue::find(std::string_view name) const {
  const auto& sources = config_->sources;
  const auto found = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                      [&](std::uint32_t i, std::string_view wanted) { return sources[i].name < wanted; });
  return found != by_name_.end() && sources[*found].name == name ? &sources[*found] : nullptr;
}

std::size_t Catalogue::sharing() const {
  const auto shares = [this](std::uint32_t i) { return !config_->sources[i].interval; };
  return static_cast<std::size_t>(std::count_if(by_name_.begin(), by_name_.end(), shares));
}

schedule::Limits Catalogue::limits() const {
  const config::Schedule& schedule = config_->schedule;
  return {schedule.min_interval, schedule.hinted_min_interval, schedule.max_interval, schedule.budget};
}

Terms Catalogue::terms(const config::Source& source) const { return {limits(), source.interval, source.url}; }

fetch::Request Catalogue::request(const config::Source& source, Conditions conditions) {
  fetch::Request request;
  request.url = std::move(conditions.url);
  request.etag = std::move(conditions.etag);
  request.last_modified = std::move(conditions.last_modified);
  request.validator_url = std::move(conditions.validator_url);
  request.credentials_url = source.url;
  if (source.extra) {
    request.headers = source.extra->headers;
    request.user_agent = source.extra->user_agent;
    request.basic_auth = source.extra->basic_auth;
    request.proxy = source.extra->proxy;
  }
  return request;
}

std::vector<storage::ConfiguredSource> configured_sources(const config::Config& config) {
  std::vector<storage::ConfiguredSource> out;
  out.reserve(config.sources.size());
  for (const config::Source& source : config.sources) {
    storage::ConfiguredSource one;
    one.name = source.name;
    one.url = source.url;
    one.title = source.title;
    one.enabled = source.enabled;
    one.request_key = request_key(source);
    one.categories = source.categories;
    out.push_back(std::move(one));
  }
  return out;
}

fetch::Options fetch_options(const config::Config& config) {
  const config::Fetch& from = config.fetch;
  fetch::Options options;
  options.user_agent =
      from.user_agent.empty() ? "riverd/" RIVERD_VERSION " (+" RIVERD_URL ")" : from.user_agent;
  options.timeout = from.timeout;
  options.connect_timeout = from.connect_timeout;
  options.max_body = from.max_body;
  options.concurrency = std::max(from.concurrency, 1U);
  options.per_host = std::max(from.per_host, 1U);
  options.allow_private_networks = from.allow_private_networks;
  options.proxy = from.proxy;
  if (const char* file = std::getenv("SSL_CERT_FILE")) options.ca_file = file;  // as OpenSSL's own programs
  options.spacing = [](std::string_view host) {
    return fetch::is_private_host(host) ? std::chrono::milliseconds(0) : kSpacing;
  };
  return options;
}

}  // namespace riverd::poll
