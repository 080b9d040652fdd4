#include "daemon/schedule/policy.h"

#include <algorithm>
#include <cmath>

#include "daemon/schedule/law.h"
#include "daemon/schedule/plan.h"
#include "daemon/schedule/tuning.h"

namespace riverd::schedule {

GapBounds gap_bounds(const Limits& limits, const Wishes& wishes) {
  const Seconds consented = std::min(limits.min_interval, limits.hinted_min_interval);
  GapBounds bounds{limits.min_interval, std::max(limits.max_interval, limits.min_interval)};
  if (wishes.hint > Seconds(0)) bounds.least = std::max(consented, wishes.hint);
  bounds.most = std::max(bounds.most, bounds.least);
  return bounds;
}

Decision decide(const SourceModel& model, const Limits& limits, const Wishes& wishes, const Price& price, Time now,
                double spread) {
  (void)spread;
  const GapBounds bounds = gap_bounds(limits, wishes);
  Task task;
  task.now = now.time_since_epoch().count();
  task.rate = model.rate();
  const double value = value_rate(task.rate, price.feed_worth);
  task.worth = value / task.rate;
  task.price = price.request;
  task.least = static_cast<double>(bounds.least.count());
  task.most = static_cast<double>(bounds.most.count());
  if (model.gap_cap() > Seconds(0)) task.most = std::clamp(static_cast<double>(model.gap_cap().count()), task.least, task.most);
  task.guess = std::clamp(std::sqrt(2 * task.price / value), task.least, task.most);
  double gap = task.most;
  if (value * task.most * task.most / 2 > 0.08 * task.price) gap = plan_gap(model, task);
  Decision d;
  d.interval = Seconds(static_cast<std::int64_t>(gap));
  d.next = now + d.interval;
  return d;
}

}  // namespace riverd::schedule
