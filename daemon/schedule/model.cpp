#include "daemon/schedule/model.h"

#include <algorithm>
#include <cmath>

#include "daemon/schedule/habits.h"
#include "daemon/schedule/tuning.h"

namespace riverd::schedule {
namespace {

constexpr double kUnit = 16;            // what one entry counts at Tallies::unit_at
constexpr double kUnitMost = 128;       // then all is halved
constexpr std::uint16_t kFull = 60'000;
constexpr std::size_t kMostInstants = 1000;
constexpr std::int64_t kDaySeconds = 86'400;

std::int64_t bounded(Time time) {
  return std::clamp<std::int64_t>(time.time_since_epoch().count(), 1, 0xFFFF'FFFF);
}

template <class Array>
void halve(Array& counts) {
  for (auto& count : counts) count = static_cast<std::uint16_t>(count / 2);
}

void halve_all(Tallies& t) {
  halve(t.day);
  halve(t.minute);
  halve(t.weekday);
  halve(t.watched_hour);
  halve(t.watched_weekday);
}

void add(std::uint16_t& count, double amount) {
  count = static_cast<std::uint16_t>(std::min<double>(kFull, std::round(count + amount)));
}

/// How much one entry at `at` counts; halves everything where that would grow too large.
double unit(Tallies& t, std::int64_t at) {
  if (t.unit_at == 0 || t.unit_at > at) t.unit_at = static_cast<std::uint32_t>(at);
  double value = kUnit * std::exp(static_cast<double>(at - t.unit_at) / kTuning.habit_memory);
  while (value > kUnitMost) {
    halve_all(t);
    value /= 2;
    const double step = kTuning.habit_memory * std::log(2.0);
    t.unit_at = static_cast<std::uint32_t>(std::min<double>(static_cast<double>(at), t.unit_at + step));
  }
  return value;
}

void count_entry(Tallies& t, std::int64_t at, double weight) {
  const double amount = unit(t, at) * weight;
  add(t.day[day_bin(at)], amount);
  add(t.minute[minute_bin(at)], amount);
  add(t.weekday[weekday_bin(at)], amount);
  if (t.day[day_bin(at)] >= kFull || t.minute[minute_bin(at)] >= kFull || t.weekday[weekday_bin(at)] >= kFull) halve_all(t);
}

}  // namespace

double SourceModel::rate() const {
  const double watched = last_at_ - since_;
  const auto effective = [watched](double memory) { return memory * (1 - std::exp(-watched / memory)); };
  const double slow = (kTuning.prior_entries + static_cast<double>(slow_)) /
                      (kTuning.prior_entries / kTuning.prior_rate + effective(kTuning.slow_memory));
  return (kTuning.prior_days * slow + static_cast<double>(fast_)) / (kTuning.prior_days + effective(kTuning.fast_memory));
}

double SourceModel::burst_share() const {
  if (gaps_ <= 0) return 0;
  const double excess = static_cast<double>(short_gaps_ - short_expected_) / static_cast<double>(gaps_);
  const double trust = static_cast<double>(gaps_) / (static_cast<double>(gaps_) + kTuning.burst_prior);
  return std::clamp(excess * trust, 0.0, kTuning.burst_most);
}

double SourceModel::tally_worth() const {
  return std::exp(-static_cast<double>(static_cast<std::int64_t>(last_at_) - tallies_.unit_at) / kTuning.habit_memory) / kUnit;
}

void SourceModel::observe(const Observation& seen) {
  const std::int64_t now = bounded(seen.at);
  if (now < last_at_) {  // the clock was set back: go on from there
    last_at_ = static_cast<std::uint32_t>(now);
    since_ = std::min(since_, last_at_);
    newest_ = std::min(newest_, last_at_);
  }
  window_ = static_cast<std::uint16_t>(std::clamp<std::size_t>(seen.window, window_, 0xFFFF));
  const bool first = last_at_ == 0;
  std::vector<Instant> instants = first ? first_instants(seen) : later_instants(seen);
  std::sort(instants.begin(), instants.end(), [](const Instant& a, const Instant& b) { return a.at < b.at; });
  if (first) {
    since_ = static_cast<std::uint32_t>(instants.empty() ? now : instants.front().at);
    last_at_ = since_;
  }
  watch(last_at_, now);
  forget(now);
  learn(instants, now);
  gap_cap_ = 0;
  if (!first) overflowed(seen, instants);
  last_at_ = static_cast<std::uint32_t>(now);
}

std::vector<SourceModel::Instant> SourceModel::first_instants(const Observation& seen) {
  std::vector<Instant> instants;
  const std::int64_t now = bounded(seen.at);
  std::size_t midnights = 0;
  for (const auto& stated : seen.fresh) {
    if (!stated || stated->time_since_epoch().count() <= 0 || *stated > seen.at || instants.size() >= kMostInstants) continue;
    instants.push_back({std::min(bounded(*stated), now), true});
    if (instants.back().at % kDaySeconds == 0) ++midnights;
  }
  if (midnights * 2 > instants.size())
    for (Instant& instant : instants) instant.trains = false;
  return instants;
}

std::vector<SourceModel::Instant> SourceModel::later_instants(const Observation& seen) const {
  std::vector<Instant> instants;
  const std::int64_t now = bounded(seen.at);
  const std::int64_t previous = std::min<std::int64_t>(now, last_at_);
  const std::size_t count = std::min(seen.fresh.size(), kMostInstants);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t stated = seen.fresh[i] ? seen.fresh[i]->time_since_epoch().count() : 0;
    if (stated > previous && stated <= now) {
      instants.push_back({stated, true});
    } else if (stated > 0 && stated <= previous) {  // it was late, or the date is wrong
      instants.push_back({previous + (now - previous) / 2, true});
    } else {
      const auto place = (now - previous) * static_cast<std::int64_t>(2 * i + 1) / static_cast<std::int64_t>(2 * count);
      instants.push_back({previous + place, true});
    }
  }
  return instants;
}

void SourceModel::forget(std::int64_t now) {
  const double passed = static_cast<double>(now - last_at_);
  fast_ *= static_cast<float>(std::exp(-passed / kTuning.fast_memory));
  slow_ *= static_cast<float>(std::exp(-passed / kTuning.slow_memory));
}

void SourceModel::watch(std::int64_t from, std::int64_t to) {
  if (to <= from) return;
  const double worth = unit(tallies_, to);
  if (to - from >= 3 * kDaySeconds) {  // long: every hour alike
    const double days = std::min(static_cast<double>(to - from), kTuning.habit_memory) / kDay;
    for (auto& hour : tallies_.watched_hour) add(hour, worth * days * 4);
    for (auto& day : tallies_.watched_weekday) add(day, worth * days * 48 / 7);
  } else {
    for (std::int64_t at = from; at < to;) {
      const std::int64_t next = std::min(to, (at / 3600 + 1) * 3600);
      const double hours = static_cast<double>(next - at) / kHour;
      add(tallies_.watched_hour[static_cast<std::size_t>(within(at, kDaySeconds) / 3600)], worth * hours * 4);
      add(tallies_.watched_weekday[weekday_bin(at)], worth * hours * 2);
      at = next;
    }
  }
  const auto full = [](std::uint16_t count) { return count >= kFull; };
  if (std::any_of(tallies_.watched_hour.begin(), tallies_.watched_hour.end(), full)) halve_all(tallies_);
}

void SourceModel::learn(const std::vector<Instant>& instants, std::int64_t now) {
  if (instants.empty()) return;
  const Habits before(*this);
  const double rate_before = rate();
  for (const Instant& instant : instants) {
    const double age = static_cast<double>(now - instant.at);
    fast_ += static_cast<float>(std::exp(-age / kTuning.fast_memory));
    slow_ += static_cast<float>(std::exp(-age / kTuning.slow_memory));
    const std::int64_t gap = newest_ == 0 ? kDaySeconds : instant.at - newest_;
    const bool follows = gap < 120;
    if (!follows && newest_ != 0) {
      gaps_ = gaps_ * 0.99F + 1;
      short_gaps_ = short_gaps_ * 0.99F + (gap <= 2700 ? 1.0F : 0.0F);
      short_expected_ = short_expected_ * 0.99F + static_cast<float>(1 - std::exp(-rate_before * 2580));
    }
    if (instant.trains) {
      const double weight = follows ? kTuning.batch_weight : 1.0;
      const auto values = before.each(instant.at);
      for (std::size_t k = 0; k < kHabits; ++k) {
        habit_weights_[k] = static_cast<float>(kTuning.weight_memory) * habit_weights_[k] +
                            static_cast<float>(weight) * std::log(std::max(values[k], 0.02F));
      }
      count_entry(tallies_, instant.at, weight);
      remember(instant.at);
    }
    newest_ = std::max(newest_, static_cast<std::uint32_t>(std::max<std::int64_t>(instant.at, 1)));
  }
}

void SourceModel::overflowed(const Observation& seen, const std::vector<Instant>& instants) {
  const std::int64_t now = bounded(seen.at);
  if (seen.window < 2 || seen.fresh.size() < seen.window || now <= last_at_ || instants.empty()) return;
  const double gap = static_cast<double>(now - last_at_);
  const double span = std::max(60.0, static_cast<double>(now - instants.front().at));
  const double pace = static_cast<double>(instants.size()) / span;
  const double missed = std::clamp(pace * (gap - span), 0.0, 400.0);
  fast_ += static_cast<float>(missed);
  slow_ += static_cast<float>(missed);
  gap_cap_ = static_cast<std::uint32_t>(std::max(1.0, kTuning.overflow_shrink * gap));
}

void SourceModel::remember(std::int64_t at) {
  recent_[recent_next_] = static_cast<std::uint32_t>(at);
  recent_next_ = static_cast<std::uint8_t>((recent_next_ + 1) % kRecent);
  recent_count_ = static_cast<std::uint8_t>(std::min<std::size_t>(recent_count_ + 1U, kRecent));
}

}  // namespace riverd::schedule
