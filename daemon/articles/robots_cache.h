#pragma once
/// The robots.txt of hosts asked lately, with their age. One thread.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "daemon/articles/robots.h"
#include "daemon/fetch/fetcher.h"

namespace riverd::articles {

/// What is known of one host.
struct RobotsAnswer {
  std::shared_ptr<const Robots> robots;      ///< null: it could not be had, so nothing may be asked for
  std::chrono::milliseconds retry_after{0};  ///< where it could not: how long to wait
  std::string why;                           ///< and why not
};

/// Bounded: a thousand hosts, and 16 MiB of rules.
class RobotsCache {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// What is known of the robots.txt at this URL and is not too old; nothing: fetch it, and learn() what
  /// came.
  ///   now  of the running clock
  [[nodiscard]] std::optional<RobotsAnswer> find(const std::string& robots_url, Milliseconds now) const;

  /// Learns from an answer (RFC 9309, 2.3.1): a success is read; a 4xx means that there are no rules; a 429,
  /// a 5xx or no answer means that the host may not be asked before it has been reached again, in `wait` and
  /// then ever later.
  ///   asked  how long the server asked to wait, by Retry-After
  RobotsAnswer learn(const std::string& robots_url, const Result<fetch::Response>& answer,
                     std::optional<Milliseconds> asked, Milliseconds wait, Milliseconds now);

  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  struct Known {
    RobotsAnswer answer;
    Milliseconds until{0};
    unsigned failures = 0;
  };
  void make_room(const std::string& kept);
  std::map<std::string, Known> known_;
  std::size_t bytes_ = 0;  ///< of all rules
};

}  // namespace riverd::articles
