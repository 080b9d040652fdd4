#pragma once
/// The configured sources as polling needs them: found by name, as requests, as terms. Immutable; 4 bytes a source on top
/// of the config.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "daemon/fetch/fetcher.h"
#include "daemon/poll/outcome.h"
#include "daemon/schedule/policy.h"
#include "storage/store.h"

namespace riverd::poll {

class Catalogue {
 public:
  explicit Catalogue(std::shared_ptr<const config::Config> config);

  [[nodiscard]] const config::Config& config() const { return *config_; }
  /// The source of this name; null where there is none, or it is not enabled.
  [[nodiscard]] const config::Source* find(std::string_view name) const;
  /// How many sources are enabled.
  [[nodiscard]] std::size_t size() const { return by_name_.size(); }

  /// How many of these share the budget: all without an interval of their own.
  [[nodiscard]] std::size_t sharing() const;

  [[nodiscard]] Terms terms(const config::Source& source) const;
  [[nodiscard]] static fetch::Request request(const config::Source& source, Conditions conditions);
  [[nodiscard]] schedule::Limits limits() const;

 private:
  const std::shared_ptr<const config::Config> config_;
  std::vector<std::uint32_t> by_name_;  ///< indices of enabled sources, sorted by name
};

/// What the store is told of the sources: all of them.
[[nodiscard]] std::vector<storage::ConfiguredSource> configured_sources(const config::Config& config);

/// The config's bounds of requests, with a small gap between starts to one public host.
[[nodiscard]] fetch::Options fetch_options(const config::Config& config);

}  // namespace riverd::poll
