#include "daemon/schedule/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "daemon/schedule/habits.h"
#include "daemon/schedule/tuning.h"

namespace riverd::schedule {
namespace {

constexpr std::size_t kMostSteps = 400;

/// The horizon cut into steps; instants_[0] is now, the others stand on the grid.
struct Horizon {
  Horizon() { at[0] = entries[0] = moment[0] = 0; }

  std::size_t steps = 0;
  // Filled up to `steps` only.
  std::array<double, kMostSteps + 2> at;       // seconds from now
  std::array<double, kMostSteps + 2> entries;  // expected until then
  std::array<double, kMostSteps + 2> moment;   // sum of entries * their instant
  std::array<double, kMostSteps + 2> best;     // least cost from a poll at that instant on
};

double step_length(double guess) {
  if (guess <= kTuning.finest_until) return std::clamp(std::floor(guess / 5), 1.0, 2 * kMinute);
  if (guess <= kTuning.fine_until) return 5 * kMinute;
  return guess <= kTuning.medium_until ? 15 * kMinute : 30 * kMinute;
}

void lay_grid(Horizon& h, const Task& task) {
  const double step = step_length(task.guess);
  const double length = std::clamp(kTuning.horizon_gaps * std::max(task.guess, task.least), kTuning.horizon_least, kTuning.horizon_most);
  const auto whole = static_cast<std::int64_t>(step);
  const auto offset = static_cast<std::int64_t>(kTuning.grid_offset + task.spread * kTuning.grid_spread);
  const std::int64_t phase = within(task.now - offset, whole);
  double at = static_cast<double>(whole - phase);
  bool least_stands = false;  // the earliest instant allowed is a choice too, on the grid or not
  while (h.steps < kMostSteps && (at < length || h.steps < 2)) {
    if (!least_stands && task.least <= at) {
      least_stands = true;
      if (task.least < at) h.at[++h.steps] = task.least;
    }
    h.at[++h.steps] = at;
    at += step;
  }
}

/// Recent entries make more of them likely, for about an hour: by how much, in entries a second now.
double burst_excess(const SourceModel& model, const Task& task, double base_now, double share) {
  if (share <= 0) return 0;
  double heat = 0;
  for (std::size_t i = 0; i < model.recent_count(); ++i) {
    const double age = static_cast<double>(task.now - static_cast<std::int64_t>(model.recent(i)));
    if (age >= 0 && age < 8 * kTuning.burst_fade) heat += std::exp(-age / kTuning.burst_fade) / kTuning.burst_fade;
  }
  return (1 - share) * base_now + share * heat - base_now;
}

void expect_entries(Horizon& h, const SourceModel& model, const Task& task) {
  const Habits habits(model);
  const auto base_at = [&](double at) {
    const double habit = habits.at(task.now + static_cast<std::int64_t>(at));
    return task.rate * (kTuning.flat_share + (1 - kTuning.flat_share) * habit);
  };
  const double share = model.burst_share();
  double excess = burst_excess(model, task, base_at(0), share);
  double fade_length = 0, fade = 1;  // nearly all steps are equally long
  for (std::size_t i = 1; i <= h.steps; ++i) {
    const double length = h.at[i] - h.at[i - 1];
    const double middle = h.at[i] - length / 2;
    // Steps longer than a habit's bins are sampled thrice.
    double base = base_at(middle);
    if (length > 6 * kMinute) base = (base + base_at(h.at[i] - 2 * kMinute) + base_at(h.at[i - 1] + 3 * kMinute)) / 3;
    if (excess != 0 && length != fade_length) {
      fade = std::exp(-(1 - share) * length / kTuning.burst_fade);
      fade_length = length;
    }
    const double mean = excess * (1 + fade) / 2;
    excess *= fade;
    const double count = std::max(0.1 * base, base + mean) * length;
    h.entries[i] = h.entries[i - 1] + count;
    h.moment[i] = h.moment[i - 1] + count * middle;
  }
}

/// Delay and danger that pile up between polls at steps j and m.
double pile(const Horizon& h, const Task& task, double room, std::size_t j, std::size_t m) {
  const double count = h.entries[m] - h.entries[j];
  const double delay = h.at[m] * count - (h.moment[m] - h.moment[j]);
  return task.worth * (delay + kTuning.overflow_cost * std::max(0.0, count - room));
}

/// What a gap that is still open at the horizon will cost beyond it, against one that begins there: with a constant rate,
/// polls every `guess`, c x + v guess^2 / 2 x (1 - x), where x is the share of the gap that has passed.
double debt(const Task& task, double gap) {
  const double passed = std::min(1.0, gap / task.guess);
  return task.price * passed + task.worth * task.rate * task.guess * task.guess / 2 * passed * (1 - passed);
}

/// Fills best[j] and returns the step of the next poll after j, none beyond `last`; the last step of all where polling
/// beyond the horizon is cheaper.
std::size_t best_next(Horizon& h, const Task& task, double room, std::size_t j, std::size_t last) {
  double least_cost = std::numeric_limits<double>::infinity();
  std::size_t chosen = h.steps;
  for (std::size_t m = j + 1; m <= last; ++m) {
    const double gap = h.at[m] - h.at[j];
    const double cost = pile(h, task, room, j, m) + task.price;
    if (gap < task.least && m < h.steps) continue;
    if (gap > task.most && chosen != h.steps) break;
    if (cost + h.best[m] < least_cost) {
      least_cost = cost + h.best[m];
      chosen = m;
    }
    if (cost > least_cost || gap > task.most) break;
  }
  if (j > 0 && h.at[h.steps] - h.at[j] <= task.most) {
    const double open = pile(h, task, room, j, h.steps) + debt(task, h.at[h.steps] - h.at[j]);
    least_cost = std::min(least_cost, open);
  }
  h.best[j] = least_cost;
  return chosen;
}

}  // namespace

double plan_gap(const SourceModel& model, const Task& task) {
  Horizon h;
  lay_grid(h, task);
  expect_entries(h, model, task);
  const double room = model.window() == 0 ? 1e9 : std::max(1.0, kTuning.overflow_share * static_cast<double>(model.window()));
  h.best[h.steps] = 0;
  // What piles up grows faster the longer it does, so whoever polls earlier polls next no later: each search ends where the
  // one after it found its own.
  std::size_t next = h.steps;
  for (std::size_t j = h.steps - 1; j > 0; --j) next = best_next(h, task, room, j, next);
  const double gap = h.at[best_next(h, task, room, 0, next)];
  return std::clamp(gap, task.least, task.most);
}

}  // namespace riverd::schedule
