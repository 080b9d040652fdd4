#include "daemon/schedule/policy.h"

#include <algorithm>
#include <cmath>

#include "daemon/schedule/habits.h"
#include "daemon/schedule/law.h"
#include "daemon/schedule/plan.h"
#include "daemon/schedule/tuning.h"

namespace riverd::schedule {
namespace {

constexpr Seconds kDayLong{86'400};
constexpr Seconds kUnvalidatedLeast{4 * 3600};  // between whole bodies that bring nothing

Seconds bounded_hint(const Limits& limits, Seconds hint) {
  return std::clamp(hint, Seconds(0), std::max(limits.max_interval, kDayLong));
}

/// A server without validators sends its whole body every time: such a source is asked as often as it writes, no more.
Seconds unvalidated_least(const SourceModel& model, const GapBounds& bounds) {
  const double between = 1 / std::max(model.rate(), 1e-9);
  const auto least = Seconds(static_cast<std::int64_t>(std::min(between, static_cast<double>(kUnvalidatedLeast.count()))));
  return std::clamp(least, bounds.least, bounds.most);
}

/// A gap of the policy's own choice, and why it is that long.
Decision planned(const SourceModel& model, const GapBounds& bounds, const Price& price, Time now,
                 double spread) {
  Task task;
  task.spread = std::clamp(spread, 0.0, 1.0);
  task.now = now.time_since_epoch().count();
  task.rate = model.rate();
  const double value = value_rate(task.rate, price.feed_worth);
  task.worth = value / task.rate;
  task.price = price.request;
  task.least = static_cast<double>(bounds.least.count());
  task.most = static_cast<double>(bounds.most.count());
  const bool overflow = model.gap_cap() > Seconds(0);
  if (overflow) task.most = std::clamp(static_cast<double>(model.gap_cap().count()), task.least, task.most);
  task.guess = std::clamp(std::sqrt(2 * task.price / value), task.least, task.most);
  Decision d;
  const bool worthless = value * task.most * task.most / 2 <= kTuning.quiet_share * task.price;
  const bool free = task.price <= 0;  // no budget: nothing to weigh
  const double gap = free ? task.least : worthless ? task.most : plan_gap(model, task);
  d.interval = Seconds(static_cast<std::int64_t>(std::ceil(gap)));
  if (overflow) {
    d.reason = "entries were pushed out of its document unseen";
  } else if (d.interval >= bounds.most) {
    d.reason = "it is quiet: the longest interval";
  } else if (d.interval <= bounds.least) {
    d.reason = "the shortest interval allowed";
  } else {
    d.reason = "as soon as entries worth a request are expected";
  }
  return d;
}

Seconds jitter(Seconds interval, double spread) {
  const double window = std::min(kTuning.jitter, 0.05 * static_cast<double>(interval.count()));
  return Seconds(static_cast<std::int64_t>(std::clamp(spread, 0.0, 1.0) * window));
}

bool skipped(const Wishes& wishes, Time at) {
  const std::int64_t second = at.time_since_epoch().count();
  return (wishes.skip_hours >> static_cast<unsigned>(second / 3600 % 24) & 1U) != 0 ||
         (static_cast<unsigned>(wishes.skip_days) >> weekday_bin(second) & 1U) != 0;
}

/// The first hour that is not skipped; a document that skips everything is not believed.
Time after_skips(const Wishes& wishes, Time at) {
  const bool all = (wishes.skip_hours & 0xFF'FFFFU) == 0xFF'FFFFU || (wishes.skip_days & 0x7FU) == 0x7FU;
  if (all || at.time_since_epoch().count() < 0) return at;
  Time moved = at;
  while (skipped(wishes, moved)) moved += Seconds(3600);
  return moved;
}

}  // namespace

std::string words(Seconds span) {
  const std::int64_t s = span.count();
  const auto two = [](std::int64_t a, const char* big, std::int64_t b, const char* small) {
    return std::to_string(a) + big + (b == 0 ? "" : " " + std::to_string(b) + small);
  };
  if (s < 90) return std::to_string(s) + " s";
  if (s < 5400) return two(s / 60, " min", 0, "");
  if (s < 2 * 86'400) return two(s / 3600, " h", s / 60 % 60, " min");
  return two(s / 86'400, " d", s / 3600 % 24, " h");
}

GapBounds gap_bounds(const Limits& limits, const Wishes& wishes) {
  const Seconds hint = bounded_hint(limits, wishes.hint);
  if (wishes.interval) {
    const Seconds fixed = std::max(*wishes.interval, hint);
    return {fixed, std::max(fixed, limits.max_interval)};
  }
  const Seconds consent = std::max(hint, wishes.consent);
  GapBounds bounds{limits.min_interval, limits.max_interval};
  if (consent > Seconds(0)) bounds.least = std::min(bounds.least, std::max(limits.hinted_min_interval, consent));
  bounds.least = std::max({bounds.least, hint, Seconds(1)});
  bounds.most = std::max(bounds.most, bounds.least);
  return bounds;
}

Decision decide(const SourceModel& model, const Limits& limits, const Wishes& wishes, const Price& price, Time now,
                double spread) {
  GapBounds bounds = gap_bounds(limits, wishes);
  Decision d;
  if (wishes.interval) {
    d.interval = bounds.least;
    d.reason = "the config fixes its interval";
  } else {
    if (wishes.no_validators) bounds.least = unvalidated_least(model, bounds);
    d = planned(model, bounds, price, now, spread);
  }
  const bool asked = bounds.least > limits.min_interval || wishes.interval;
  if (d.interval <= bounds.least && asked && bounds.least <= bounded_hint(limits, wishes.hint)) {
    d.reason = "the publisher asks for " + words(bounds.least) + " between requests";
  }
  d.next = now + d.interval;
  if (wishes.interval) d.next += jitter(d.interval, spread);  // a plan is spread by itself
  if (const Time moved = after_skips(wishes, d.next); moved != d.next) {
    d.next = moved;
    d.reason = "the publisher asks to skip these hours or days";
  }
  if (wishes.not_before && *wishes.not_before > d.next) {
    d.next = *wishes.not_before;
    d.reason = "the server asked to wait";
  }
  d.interval = d.next - now;
  return d;
}

}  // namespace riverd::schedule
