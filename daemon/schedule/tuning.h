#pragma once
/// The constants of the polling policy. Chosen on traces (tests/bench/freshness, tests/tools/freshness.py); nothing here
/// is a user's business: what users set is Limits.

namespace riverd::schedule {

inline constexpr double kMinute = 60.0;
inline constexpr double kHour = 3600.0;
inline constexpr double kDay = 86'400.0;
inline constexpr double kWeek = 7 * kDay;

struct Tuning {
  // How often entries come: two Gamma-Poisson estimates with exponential memory; the fast one leans on the slow one.
  double fast_memory = 2 * kDay;
  double slow_memory = 40 * kDay;
  double prior_entries = 0.3;          ///< what the slow one believes before it saw anything: this many entries
  double prior_rate = 0.3 / kDay;      ///< at this rate
  double prior_days = 3 * kDay;        ///< how much the fast one leans on the slow one

  // Habits: when in the hour, day, week.
  double habit_memory = 60 * kDay;
  double day_prior = 5;                ///< pseudo-entries that say: any time of the day
  double narrow_prior = 5;
  double minute_prior = 12;            ///< pseudo-entries that say: the minutes most feeds like
  double week_prior = 3;
  double weekday_prior = 7;
  double minute_offset = 2 * kMinute;  ///< bins of the hour end this far after the full five minutes: :57 to :02 is one
  double batch_weight = 0.2;           ///< what entries within two minutes after another count: a batch is one habit
  double weight_memory = 0.98;         ///< how slowly the kinds of habit lose what they earned
  double flat_share = 0.5;             ///< habits from few entries are overconfident: this share stays even

  // Bursts: entries that come in company.
  double burst_fade = 60 * kMinute;
  double burst_prior = 6;
  double burst_most = 0.75;

  // What an entry is worth: one, and a share for its feed, however quiet that is.
  double feed_share = 0.36;            ///< of a typical source's rate, and
  double feed_share_slack = 0.058;     ///< more for each request a day: the scarcer they are, the more go to entries
  double feed_share_most = 1.45;
  double feed_horizon = 28 * kDay;     ///< a feed counts as far as it is likely to write at all within this

  // Overflow: entries pushed out of the document before anyone saw them.
  double overflow_share = 0.7;         ///< of the window may fill before it costs
  double overflow_cost = 12 * kHour;
  double overflow_shrink = 0.6;        ///< a whole new window: the next gap at most this share of the last

  // The plan.
  double quiet_share = 0.08;           ///< where the longest gap costs less than this share of a request, it is taken at once
  double horizon_gaps = 3;             ///< gaps looked ahead
  double horizon_least = 8 * kHour;
  double horizon_most = 53 * kHour;
  double grid_offset = 60;             ///< polls stand this far after the full five minutes: entries come on the hour;
  double grid_spread = 90;             ///< and up to this much later, at random: no two sources keep step
  double jitter = 90;                  ///< the same for fixed intervals
  double finest_until = 15 * kMinute;  ///< gaps up to this are planned in steps of a fifth of them,
  double fine_until = 2.5 * kHour;     ///< up to this in 5 minutes,
  double medium_until = 8 * kHour;     ///< up to this in 15, longer ones in 30

  // The price.
  double least_price = 15;             ///< a request is never free, whatever the budget: dead feeds are left alone
  double spend = 0.985;                ///< share of the budget aimed at
  double steer = 3;                    ///< how hard being ahead of the budget, in days of it, raises the price
};

inline constexpr Tuning kTuning{};

}  // namespace riverd::schedule
