#pragma once
/// The plain law under the policy: with a constant rate, the best gap is sqrt(2 price / value) (Sia, Cho, Cho 2007).

#include <cmath>

#include "daemon/schedule/tuning.h"

namespace riverd::schedule {

/// What a second of not looking costs, per second: its entries, and a share for the feed as such, as far as it is
/// likely to write at all. Entries alone would starve quiet feeds; feeds alone would lose busy ones' entries.
inline double value_rate(double rate, double feed_worth) {
  return rate + feed_worth * -std::expm1(-rate * kTuning.feed_horizon);
}

}  // namespace riverd::schedule
