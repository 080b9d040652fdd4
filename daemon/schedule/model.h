#pragma once
/// What is learnt of one source from its polls: how often entries come, and when. Small: 1 KiB at most, in memory and as text.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace riverd::schedule {

/// What one answer showed.
struct Observation {
  Time at;                       ///< when the answer came
  std::optional<Time> previous;  ///< the last answer before it that showed the document (304 included); none at the first
  std::size_t window = 0;        ///< entries in the document; 0 for a 304 or a body that was the same
  std::vector<std::optional<Time>> fresh;  ///< the stated date of every entry not seen before
};

inline constexpr std::size_t kDayBins = 96;      ///< of 15 minutes
inline constexpr std::size_t kMinuteBins = 12;   ///< of 5 minutes, shifted by Tuning::grid_offset
inline constexpr std::size_t kWeekdays = 7;      ///< 0 Monday, UTC
inline constexpr std::size_t kHabits = 6;
inline constexpr std::size_t kRecent = 32;

/// Counts that forget: an entry counted later weighs more, and now and then all are halved.
struct Tallies {
  std::array<std::uint16_t, kDayBins> day{};
  std::array<std::uint16_t, kMinuteBins> minute{};
  std::array<std::uint16_t, kWeekdays> weekday{};
  std::array<std::uint16_t, 24> watched_hour{};           ///< time in which entries would have been seen
  std::array<std::uint16_t, kWeekdays> watched_weekday{};
  std::uint32_t unit_at = 0;  ///< the instant at which one entry counts as one unit
  bool operator==(const Tallies&) const = default;
};

class SourceModel {
 public:
  /// Learns from an answer. Hostile dates do no harm: what is not between the two polls is placed there evenly.
  void observe(const Observation& seen);

  /// Text form: opaque bytes, the same for equal models, at most 1 KiB.
  [[nodiscard]] std::string encode() const;
  /// Anything that encode() did not write gives a fresh model.
  [[nodiscard]] static SourceModel decode(std::string_view text);

  /// Entries a second, expected from now on.
  [[nodiscard]] double rate() const;
  /// Share of entries that come in company of one shortly before, 0..1.
  [[nodiscard]] double burst_share() const;
  /// Entries the document holds; 0: not known.
  [[nodiscard]] std::size_t window() const { return window_; }
  /// After an overflow: the next gap is at most this; 0: no overflow.
  [[nodiscard]] Seconds gap_cap() const { return Seconds(gap_cap_); }
  [[nodiscard]] bool fresh() const { return last_at_ == 0; }

  [[nodiscard]] Time last() const { return Time(Seconds(last_at_)); }

  [[nodiscard]] const Tallies& tallies() const { return tallies_; }
  /// What one count of `tallies` is worth now, in entries.
  [[nodiscard]] double tally_worth() const;
  /// The newest instants, oldest first; the first `recent_count` of them. Weights: a batch's followers count less.
  [[nodiscard]] std::size_t recent_count() const { return recent_count_; }
  [[nodiscard]] std::uint32_t recent(std::size_t i) const { return recent_[(recent_next_ + kRecent - recent_count_ + i) % kRecent]; }
  [[nodiscard]] const std::array<float, kHabits>& habit_weights() const { return habit_weights_; }

  bool operator==(const SourceModel&) const = default;

 private:
  struct Instant {
    std::int64_t at = 0;
    bool trains = true;  ///< fit to learn habits from
  };
  std::vector<Instant> first_instants(const Observation& seen);
  std::vector<Instant> later_instants(const Observation& seen) const;
  void forget(std::int64_t now);
  void watch(std::int64_t from, std::int64_t to);
  void learn(const std::vector<Instant>& instants, std::int64_t now);
  void overflowed(const Observation& seen, const std::vector<Instant>& instants);
  void remember(std::int64_t at);

  friend struct ModelCodec;

  std::uint32_t last_at_ = 0;      ///< unix seconds of the last observation; 0: none yet
  std::uint32_t since_ = 0;        ///< entries are known from here on
  std::uint32_t newest_ = 0;       ///< the newest instant
  std::uint16_t window_ = 0;
  std::uint32_t gap_cap_ = 0;
  float fast_ = 0;                 ///< entries, forgotten within days
  float slow_ = 0;                 ///< entries, forgotten within weeks
  float gaps_ = 0;                 ///< gaps between entries, and
  float short_gaps_ = 0;           ///< those of 2 to 45 minutes, and
  float short_expected_ = 0;       ///< how many of them chance would give
  std::array<float, kHabits> habit_weights_{};
  Tallies tallies_;
  std::array<std::uint32_t, kRecent> recent_{};
  std::uint8_t recent_next_ = 0;
  std::uint8_t recent_count_ = 0;
};

static_assert(sizeof(SourceModel) <= 1024);

}  // namespace riverd::schedule
