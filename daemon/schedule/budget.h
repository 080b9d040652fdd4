#pragma once
/// The daemon's part of the policy: the price of a request at which all sources together spend the budget.
/// Keeps 12 bytes a source; the models stay in the store. Not thread safe.

#include <cstdint>
#include <unordered_map>

#include "base/time.h"
#include "daemon/schedule/policy.h"

namespace riverd::schedule {

/// What the budget knows of one source.
struct Demand {
  float rate = 0;  ///< entries a second
  std::uint32_t least = 600;
  std::uint32_t most = 86'400;
};

[[nodiscard]] Demand demand(const SourceModel& model, const Limits& limits, const Wishes& wishes);

class Budget {
 public:
  /// Counting starts at `now`.
  Budget(const Limits& limits, Time now);

  /// The bounds from now on; what was saved or overdrawn stays, as far as the new budget lets it.
  void set_limits(const Limits& limits, Time now);
  /// How many sources share the budget: those polled by the policy (not fixed intervals, gone or disabled ones).
  void set_sources(std::size_t count, Time now);
  /// What all sources demand, as far as it is known; others are forgotten.
  using Demands = std::unordered_map<std::int64_t, Demand>;
  void set_demands(Demands demands, Time now);
  /// What a source demands from now on, after its poll at `now`; counts the request.
  void polled(std::int64_t source, const Demand& demand, Time now);
  /// A request that showed nothing: a failure.
  void spent(Time now);
  /// The source is polled no more.
  void forget(std::int64_t source);
  /// The price now: what the plain law asks for, raised while more was spent than the budget allows, and lowered while less.
  /// Solved at most once an hour, and whenever the sources known have grown by half.
  [[nodiscard]] Price price(Time now);

 private:
  void accrue(Time now);
  void solve(Time now);
  [[nodiscard]] double spending(double price) const;

  Limits limits_;
  Demands demands_;
  std::size_t sources_ = 0;
  Time counted_to_;
  double allowed_ = 0;  ///< requests allowed so far
  double used_ = 0;     ///< and made
  Time solved_at_;
  std::size_t solved_for_ = 0;
  Price base_;
};

}  // namespace riverd::schedule
