#pragma once
/// The plan: at which instants to poll so that delay, and the price of the requests, add up to the least.

#include <cstdint>

#include "base/time.h"
#include "daemon/schedule/model.h"

namespace riverd::schedule {

/// What one plan is made for.
struct Task {
  std::int64_t now = 0;    ///< unix seconds
  double rate = 0;         ///< entries a second
  double worth = 1;        ///< of a second of delay of one entry
  double price = 0;        ///< of a request
  double least = 600;      ///< bounds of a gap, seconds
  double most = 86'400;
  double guess = 3600;     ///< the gap that a constant rate would give: sets step and horizon
  double spread = 0;       ///< in [0,1), random: where the grid of instants stands
};

/// The gap to the next poll, in seconds, within [least, most] (rounded up to whole steps where that stays under most).
[[nodiscard]] double plan_gap(const SourceModel& model, const Task& task);

}  // namespace riverd::schedule
