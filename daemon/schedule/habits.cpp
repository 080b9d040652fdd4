#include "daemon/schedule/habits.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "daemon/schedule/tuning.h"

namespace riverd::schedule {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kWeekSeconds = 7 * kDaySeconds;
constexpr std::int64_t kThursday = 3;  // 1 January 1970
constexpr std::int32_t kMarkReach = 4 * 1800;  // seconds: how far from an entry's second of the week others are likelier

/// What minutes feeds like in general: the full hour most, the half hour next (518 feeds of public parsers' fixtures).
constexpr std::array<float, kMinuteBins> kMinutesLiked = {2.6F, 0.90F, 0.85F, 0.80F, 0.80F, 0.80F,
                                                          1.45F, 0.85F, 0.80F, 0.75F, 0.75F, 0.75F};

using Day = std::array<float, kDayBins>;

/// A running mean over 2 * reach + 1 bins, around the clock.
Day box(const Day& in, std::size_t reach) {
  Day out{};
  float sum = 0;
  for (std::size_t i = 0; i <= 2 * reach; ++i) sum += in[(kDayBins + i - reach) % kDayBins];
  const float scale = 1.0F / static_cast<float>(2 * reach + 1);
  for (std::size_t i = 0; i < kDayBins; ++i) {
    out[i] = std::max(sum, 0.0F) * scale;
    sum += in[(i + reach + 1) % kDayBins] - in[(kDayBins + i - reach) % kDayBins];
  }
  return out;
}

template <std::size_t N>
void scale_to_mean_one(std::array<float, N>& values) {
  const float sum = std::accumulate(values.begin(), values.end(), 0.0F);
  const float factor = sum > 0 ? static_cast<float>(N) / sum : 0.0F;
  for (float& value : values) value = factor > 0 ? value * factor : 1.0F;
}

/// How much of its even share each hour was watched; 1 everywhere where nothing is known.
template <std::size_t N>
std::array<float, N> watched_share(const std::array<std::uint16_t, N>& watched) {
  std::array<float, N> share{};
  const float sum = static_cast<float>(std::accumulate(watched.begin(), watched.end(), 0));
  for (std::size_t i = 0; i < N; ++i) share[i] = sum > 0 ? static_cast<float>(watched[i]) * static_cast<float>(N) / sum : 1.0F;
  return share;
}

/// Counts as entries' worth, in today's unit.
template <std::size_t N>
std::array<float, N> entries(const std::array<std::uint16_t, N>& counts, float unit) {
  std::array<float, N> values{};
  for (std::size_t i = 0; i < N; ++i) values[i] = static_cast<float>(counts[i]) * unit;
  return values;
}

}  // namespace

std::size_t day_bin(std::int64_t at) { return static_cast<std::size_t>(within(at, kDaySeconds) / 900); }

std::size_t minute_bin(std::int64_t at) {
  return static_cast<std::size_t>(within(at + 3900 - static_cast<std::int64_t>(kTuning.minute_offset), 3600) / 300);
}

std::size_t weekday_bin(std::int64_t at) {
  return static_cast<std::size_t>(within(at + kThursday * kDaySeconds, kWeekSeconds) / kDaySeconds);
}

Habits::Habits(const SourceModel& model) {
  const auto worth = static_cast<float>(model.tally_worth());
  fill_day(model.tallies(), worth);
  fill_minute(model.tallies(), worth);
  fill_weekday(model.tallies(), worth);
  fill_week(model);
  const auto& weights = model.habit_weights();
  const float best = *std::max_element(weights.begin(), weights.end());
  float sum = 0;
  for (std::size_t k = 0; k < kHabits; ++k) sum += share_[k] = std::exp(weights[k] - best);
  for (float& share : share_) share /= sum;
}

void Habits::fill_day(const Tallies& tallies, float worth) {
  const Day counts = entries(tallies.day, worth);
  const float total = std::accumulate(counts.begin(), counts.end(), 0.0F);
  const auto watched = watched_share(tallies.watched_hour);
  const Day smooth = box(box(box(counts, 4), 4), 4);
  for (std::size_t i = 0; i < kDayBins; ++i) {
    const float seen = std::max(watched[i / 4], 0.0F);
    const float sharp = 0.25F * counts[(i + kDayBins - 1) % kDayBins] + 0.5F * counts[i] + 0.25F * counts[(i + 1) % kDayBins];
    const auto prior = static_cast<float>(kTuning.day_prior), narrow = static_cast<float>(kTuning.narrow_prior);
    broad_[i] = (prior + smooth[i] * kDayBins) / (prior + total * seen);
    narrow_[i] = (narrow + sharp * kDayBins) / (narrow + total * seen);
  }
  scale_to_mean_one(broad_);
  scale_to_mean_one(narrow_);
}

void Habits::fill_minute(const Tallies& tallies, float worth) {
  const auto counts = entries(tallies.minute, worth);
  const auto prior = static_cast<float>(kTuning.minute_prior);
  for (std::size_t i = 0; i < kMinuteBins; ++i) minute_[i] = prior * kMinutesLiked[i] + counts[i] * kMinuteBins;
  scale_to_mean_one(minute_);
}

void Habits::fill_weekday(const Tallies& tallies, float worth) {
  const auto counts = entries(tallies.weekday, worth);
  const float total = std::accumulate(counts.begin(), counts.end(), 0.0F);
  const auto watched = watched_share(tallies.watched_weekday);
  const auto prior = static_cast<float>(kTuning.weekday_prior);
  for (std::size_t i = 0; i < kWeekdays; ++i) weekday_[i] = (prior + counts[i] * kWeekdays) / (prior + total * watched[i]);
  scale_to_mean_one(weekday_);
}

void Habits::fill_week(const SourceModel& model) {
  const std::size_t count = model.recent_count();
  weekly_ = count > 2 && model.recent(count - 1) - model.recent(0) > 2 * kWeekSeconds;
  if (!weekly_) return;
  constexpr auto kWhole = static_cast<std::int32_t>(kWeekSeconds);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t at = model.recent(i);
    const bool follows = i > 0 && at < model.recent(i - 1) + 120;
    const auto second = static_cast<std::int32_t>(within(at, kWeekSeconds));
    const float weight = follows ? static_cast<float>(kTuning.batch_weight) : 1.0F;
    marks_[mark_count_++] = {second, weight};
    if (second <= kMarkReach) marks_[mark_count_++] = {second + kWhole, weight};
    if (second >= kWhole - kMarkReach) marks_[mark_count_++] = {second - kWhole, weight};
    mark_total_ += weight;
  }
  std::sort(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(mark_count_),
            [](const Mark& a, const Mark& b) { return a.second < b.second; });
}

float Habits::week(std::int64_t at) const {
  if (!weekly_) return 1.0F;
  constexpr float kWidth = 1800.0F, kPeak = static_cast<float>(kWeekSeconds) / (kWidth * 2.5066283F);
  const auto second = static_cast<std::int32_t>(within(at, kWeekSeconds));
  const auto end = marks_.begin() + static_cast<std::ptrdiff_t>(mark_count_);
  const auto begin = std::lower_bound(marks_.begin(), end, second - kMarkReach,
                                      [](const Mark& mark, std::int32_t wanted) { return mark.second < wanted; });
  float sum = 0;
  for (auto mark = begin; mark != end && mark->second <= second + kMarkReach; ++mark) {
    const float x = static_cast<float>(second - mark->second) / kWidth;
    sum += mark->weight * kPeak * std::exp(-0.5F * x * x);
  }
  const auto prior = static_cast<float>(kTuning.week_prior);
  return (prior + sum) / (prior + mark_total_);
}

std::array<float, kHabits> Habits::each(std::int64_t at) const {
  const std::size_t day = day_bin(at);
  const float minute = minute_[minute_bin(at)];
  return {1.0F, broad_[day], broad_[day] * minute, narrow_[day], week(at), minute};
}

double Habits::at(std::int64_t at) const {
  const auto values = each(at);
  float sum = 0;
  for (std::size_t k = 0; k < kHabits; ++k) sum += share_[k] * values[k];
  return static_cast<double>(sum * weekday_[weekday_bin(at)]);
}

}  // namespace riverd::schedule
