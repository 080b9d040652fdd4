#pragma once
/// A month of polling in a moment: sources with entries at given instants, polled as the policy says.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/schedule/budget.h"
#include "daemon/schedule/policy.h"

namespace riverd::schedule::test {

inline constexpr Time kMonday = Time(Seconds(1'767'571'200));  // Monday 2026-01-05 00:00 UTC
inline constexpr Seconds kHourLong{3600}, kDayLong{86'400};

/// One source: what it publishes, what the poller knows of it.
struct Source {
  std::vector<Time> entries;  // sorted; visible and dated at these instants
  std::size_t window = 20;
  Wishes wishes;
  SourceModel model;
  std::size_t seen = 0;
  std::vector<Time> polls;

  Observation look(Time now) {
    Observation o;
    o.at = now;
    if (!polls.empty()) o.previous = polls.back();
    const auto visible = static_cast<std::size_t>(std::upper_bound(entries.begin(), entries.end(), now) - entries.begin());
    const std::size_t oldest = visible > window ? visible - window : 0;
    if (visible > seen || polls.empty()) o.window = visible - oldest;
    for (std::size_t i = std::max(seen, oldest); i < visible; ++i) o.fresh.emplace_back(entries[i]);
    seen = visible;
    polls.push_back(now);
    return o;
  }

  Decision poll(Time now, const Limits& limits, const Price& price, double spread = 0.5) {
    model.observe(look(now));
    return decide(model, limits, wishes, price, now, spread);
  }

  /// Polls at a fixed price from `from` until `to`; returns the last decision.
  Decision run(Time from, Time to, const Limits& limits, const Price& price) {
    Decision d;
    for (Time now = from; now < to; now = d.next) d = poll(now, limits, price);
    return d;
  }
};

inline Limits limits() {
  Limits l;
  l.min_interval = Seconds(600);
  return l;
}

/// A price as a daemon with 4 to 12 requests a source and day has it.
inline constexpr Price kPrice{1500, 1.2 / 86'400};

/// Entries at `hours` (since midnight) on each of `days` days from kMonday - 30 d on.
inline std::vector<Time> daily(const std::vector<double>& hours, int days) {
  std::vector<Time> entries;
  for (int day = 0; day < days; ++day) {
    for (const double hour : hours) {
      entries.push_back(kMonday + kDayLong * (day - 30) + Seconds(static_cast<std::int64_t>(hour * 3600)));
    }
  }
  return entries;
}

/// Numbers that look random and are the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  double next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t x = state_;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return static_cast<double>((x ^ (x >> 31U)) >> 11U) * 0x1.0p-53;
  }

 private:
  std::uint64_t state_;
};

}  // namespace riverd::schedule::test
