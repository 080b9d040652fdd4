#pragma once
/// When in the hour, day and week a source's entries come: six ways to see its habits, weighed by how well each foresaw
/// the entries so far.

#include <array>
#include <cstdint>

#include "daemon/schedule/model.h"

namespace riverd::schedule {

/// The habits of one source, made ready to be asked. All have mean 1 over their period.
class Habits {
 public:
  explicit Habits(const SourceModel& model);

  /// How likely each way holds an entry at `at`, against an even spread.
  [[nodiscard]] std::array<float, kHabits> each(std::int64_t at) const;
  /// All of them together, weekdays included.
  [[nodiscard]] double at(std::int64_t at) const;

 private:
  void fill_day(const Tallies& tallies, float worth);
  void fill_minute(const Tallies& tallies, float worth);
  void fill_weekday(const Tallies& tallies, float worth);
  void fill_week(const SourceModel& model);
  [[nodiscard]] float week(std::int64_t at) const;

  std::array<float, kDayBins> broad_{};
  std::array<float, kDayBins> narrow_{};
  std::array<float, kMinuteBins> minute_{};
  std::array<float, kWeekdays> weekday_{};
  std::array<float, kHabits> share_{};
  struct Mark {
    std::int32_t second;  ///< of the week
    float weight;
  };
  std::array<Mark, 3 * kRecent> marks_;  ///< by second; those near the week's ends stand beyond the other end, too
  std::size_t mark_count_ = 0;
  float mark_total_ = 0;
  bool weekly_ = false;
};

/// Where an instant stands in a cycle of so many seconds; a clock may also show what was before 1970.
[[nodiscard]] constexpr std::int64_t within(std::int64_t at, std::int64_t cycle) { return (at % cycle + cycle) % cycle; }

/// The bins an instant falls into.
[[nodiscard]] std::size_t day_bin(std::int64_t at);
[[nodiscard]] std::size_t minute_bin(std::int64_t at);
[[nodiscard]] std::size_t weekday_bin(std::int64_t at);

}  // namespace riverd::schedule
