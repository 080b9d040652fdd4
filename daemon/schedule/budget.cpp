#include "daemon/schedule/budget.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "daemon/schedule/law.h"
#include "daemon/schedule/tuning.h"

namespace riverd::schedule {

Demand demand(const SourceModel& model, const Limits& limits, const Wishes& wishes) {
  const GapBounds bounds = gap_bounds(limits, wishes);
  return {static_cast<float>(model.rate()), static_cast<std::uint32_t>(bounds.least.count()),
          static_cast<std::uint32_t>(bounds.most.count())};
}

Budget::Budget(const Limits& limits, Time now) : limits_(limits), counted_to_(now), solved_at_(now) {}

void Budget::accrue(Time now) {
  if (now <= counted_to_) return;
  const double days = std::chrono::duration<double>(now - counted_to_).count() / kDay;
  allowed_ += days * limits_.budget * static_cast<double>(sources_);
  counted_to_ = now;
  // What was saved or overdrawn long ago is no reason to hurry or to wait today: two days' worth at most.
  const double most = 2 * limits_.budget * static_cast<double>(sources_);
  if (allowed_ - used_ > most) used_ = allowed_ - most;
  if (used_ - allowed_ > most) used_ = allowed_ + most;
}

void Budget::set_limits(const Limits& limits, Time now) {
  accrue(now);
  limits_ = limits;
  solve(now);
}

void Budget::set_demands(Demands demands, Time now) {
  demands_ = std::move(demands);
  solve(now);
}

void Budget::set_sources(std::size_t count, Time now) {
  accrue(now);
  sources_ = count;
}

void Budget::polled(std::int64_t source, const Demand& demand, Time now) {
  spent(now);
  demands_[source] = demand;
}

void Budget::spent(Time now) {
  accrue(now);
  used_ += 1;
}

void Budget::forget(std::int64_t source) { demands_.erase(source); }

double Budget::spending(double price) const {
  double total = 0;
  for (const auto& [source, demand] : demands_) {
    const double value = value_rate(static_cast<double>(demand.rate), base_.feed_worth);
    const double gap = std::sqrt(2 * price / value);
    total += 1 / std::clamp<double>(gap, demand.least, demand.most);
  }
  return total;
}

void Budget::solve(Time now) {
  if (demands_.empty() || limits_.budget <= 0) return;
  solved_at_ = now;
  solved_for_ = demands_.size();
  double roots = 0;  // the mean of square roots, squared: one flood among a thousand blogs changes little
  for (const auto& [source, demand] : demands_) roots += std::sqrt(static_cast<double>(demand.rate));
  const double typical = roots / static_cast<double>(demands_.size());
  const double share = std::min(kTuning.feed_share_most, kTuning.feed_share + kTuning.feed_share_slack * limits_.budget);
  base_.feed_worth = share * typical * typical;
  const double aim = kTuning.spend * limits_.budget / kDay * static_cast<double>(demands_.size());
  double low = std::log(1e-3), high = std::log(1e12);
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (spending(std::exp(middle)) > aim ? low : high) = middle;
  }
  base_.request = std::max(kTuning.least_price, std::exp(high));
}

Price Budget::price(Time now) {
  if (limits_.budget <= 0) return {};
  accrue(now);
  if (now - solved_at_ >= Seconds(3600) || demands_.size() > solved_for_ + solved_for_ / 2) solve(now);
  Price price = base_;
  const double day = std::max(1.0, limits_.budget * static_cast<double>(sources_));
  const double ahead = (used_ - allowed_) / day;
  price.request = std::max(kTuning.least_price, price.request * std::exp(std::clamp(kTuning.steer * ahead, -3.0, 6.0)));
  return price;
}

}  // namespace riverd::schedule
