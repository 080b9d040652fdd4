#include "daemon/http/witness.h"

#include <algorithm>
#include <functional>

namespace riverd::http {

Time Witness::saw(std::string_view target, std::string_view tag, Time now) {
  const std::uint64_t key = std::hash<std::string_view>()(target);
  const std::lock_guard lock(mutex_);
  // Two workers may come in another order than they looked at the clock, and a clock may be set back: a change is never
  // dated before an answer that was given already.
  latest_ = std::max(latest_, now);
  const auto known = index_.find(key);
  if (known == index_.end()) {
    if (sights_.size() == most_) {
      index_.erase(sights_.back().target);
      sights_.pop_back();
    }
    sights_.push_front({key, std::string(tag), latest_});
    index_.emplace(key, sights_.begin());
    return latest_;
  }
  const auto sight = known->second;
  if (sight->tag != tag) {
    sight->tag = tag;
    sight->since = latest_;
  }
  sights_.splice(sights_.begin(), sights_, sight);
  return sight->since;
}

}  // namespace riverd::http
