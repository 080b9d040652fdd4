#pragma once
/// When to poll next. Pure: decides from (what was learnt of the source, the price of a request, now, random) and nothing
/// else; knows no clock, store or network.
///
/// One source's part is a SourceModel (model.h), kept with the source as text of at most 1 KiB. The daemon's part is one
/// Budget (budget.h): the price of a request, in seconds of entry delay, at which all sources together spend what the user
/// allows. A poll is: decode the model, observe(), decide(), encode; then tell the Budget.

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "daemon/schedule/model.h"

namespace riverd::schedule {

/// The config's bounds, as the policy needs them.
struct Limits {
  Seconds min_interval{3600};
  Seconds hinted_min_interval{600};
  Seconds max_interval{86'400};
  double budget = 24;  ///< requests a source and day over all sources; 0: only the intervals decide
};

/// What a request costs now: Budget::price(). The default is for "no budget": then min_interval and hints decide.
struct Price {
  double request = 0;     ///< in seconds of delay of one entry; 0: requests are free
  double feed_worth = 0;  ///< entries a second that a feed is worth on top of those it writes
};

/// What else bears on one source's next poll.
struct Wishes {
  Seconds hint{0};     ///< what the publisher wants between two requests: the longest of max-age less Age, Expires, ttl,
                       ///< sy:; 0 none. Counts up to a day (or max_interval, where that is longer)
  Seconds consent{0};  ///< the same as stated, Age not subtracted: how short a gap it consents to; 0: as the hint
  std::optional<Seconds> interval;  ///< fixed by the config; only hint, not_before and skips lengthen it
  std::optional<Time> not_before;   ///< a Retry-After
  std::uint32_t skip_hours = 0;     ///< bit h (0..23, GMT): not in that hour
  std::uint8_t skip_days = 0;       ///< bit d (0 Monday .. 6 Sunday, GMT): not on that day
  bool no_validators = false;       ///< the server gives none, and its body changes without news
};

struct Decision {
  Time next;
  Seconds interval{0};  ///< next - now
  std::string reason;   ///< one phrase for people: "as often as its entries are worth", "the publisher asks for 2 h", ...
};

/// A span for people: "45 s", "10 min", "2 h 30 min", "3 d".
[[nodiscard]] std::string words(Seconds span);

/// The bounds of a gap that follow from the config and the publisher's hint: least <= most.
struct GapBounds {
  Seconds least{0};
  Seconds most{0};
};
[[nodiscard]] GapBounds gap_bounds(const Limits& limits, const Wishes& wishes);

/// When to poll next after an answer at `now` that `model` has observed.
///   spread  in [0,1), random: places the poll inside a small window; it only lengthens
[[nodiscard]] Decision decide(const SourceModel& model, const Limits& limits, const Wishes& wishes, const Price& price,
                              Time now, double spread);

}  // namespace riverd::schedule
