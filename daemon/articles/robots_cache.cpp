#include "daemon/articles/robots_cache.h"

#include <algorithm>

namespace riverd::articles {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostHosts = 1000;
constexpr std::size_t kMostBytes = 16U << 20U;
constexpr RobotsCache::Milliseconds kFresh = 24h;  // RFC 9309, 2.4
constexpr RobotsCache::Milliseconds kLongestWait = 1h;

bool is_unreachable(int status) {
  return status == 429 || status >= 500 || status < 200;
}

}  // namespace

std::optional<RobotsAnswer> RobotsCache::find(const std::string& robots_url, Milliseconds now) const {
  const auto found = known_.find(robots_url);
  if (found == known_.end() || found->second.until <= now) return std::nullopt;
  RobotsAnswer answer = found->second.answer;
  if (!answer.robots) answer.retry_after = found->second.until - now;
  return answer;
}

RobotsAnswer RobotsCache::learn(const std::string& robots_url, const Result<fetch::Response>& answer,
                                std::optional<Milliseconds> asked, Milliseconds wait, Milliseconds now) {
  Known& known = known_[robots_url];
  if (known.answer.robots) bytes_ -= known.answer.robots->bytes();
  if (answer && !is_unreachable(answer->status)) {
    // A redirect that leads nowhere counts as none there (2.3.1.2).
    const bool has_rules = answer->status < 300;
    known.answer = {
        std::make_shared<const Robots>(has_rules ? Robots::parse(answer->body) : Robots()), 0ms, {}};
    known.until = now + kFresh;
    known.failures = 0;
    bytes_ += known.answer.robots->bytes();
    RobotsAnswer learnt = known.answer;
    make_room(robots_url);
    return learnt;
  }
  const std::string why = answer ? "it answered " + std::to_string(answer->status) : answer.error().message();
  const Milliseconds longer =
      std::min(wait * (1U << std::min(known.failures, 10U)), std::max(kLongestWait, wait));
  ++known.failures;
  known.answer = {nullptr, std::max(longer, asked.value_or(0ms)), why};
  known.until = now + known.answer.retry_after;
  RobotsAnswer learnt = known.answer;
  make_room(robots_url);
  return learnt;
}

/// The ones that are used up soonest go first.
void RobotsCache::make_room(const std::string& kept) {
  while (known_.size() > 1 && (known_.size() > kMostHosts || bytes_ > kMostBytes)) {
    auto oldest = known_.end();
    for (auto it = known_.begin(); it != known_.end(); ++it) {
      if (it->first != kept && (oldest == known_.end() || it->second.until < oldest->second.until)) oldest = it;
    }
    if (oldest->second.answer.robots) bytes_ -= oldest->second.answer.robots->bytes();
    known_.erase(oldest);
  }
}

}  // namespace riverd::articles
