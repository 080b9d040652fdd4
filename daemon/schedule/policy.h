#pragma once
/// When to poll next. Pure: decides from (source state, now, random) and nothing else; knows no clock, store or network.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace riverd::schedule {

/// The config's bounds, as the policy needs them.
struct Limits {
  Seconds min_interval{3600};
  Seconds hinted_min_interval{600};
  Seconds max_interval{86'400};
  double budget = 24;  ///< requests a source and day over all sources; 0: only the intervals decide
};

/// What one answer showed.
struct Observation {
  Time at;                           ///< when the answer came
  std::optional<Time> previous;      ///< the poll before; none at the first
  bool not_modified = false;         ///< a 304, or a body that was the same
  std::size_t window = 0;            ///< entries in the document (0 where not_modified)
  std::vector<std::optional<Time>> fresh;  ///< stated dates of the entries not seen before
  Seconds hint{0};                   ///< what the publisher asks for (max-age, Expires, ttl, sy:): 0 none
};

struct Decision {
  Time next;
  Seconds interval{0};  ///< next - at
  std::string reason;   ///< one phrase for people: "as fast as its entries come", "the publisher asks for 2 h", ...
};

/// What is learnt of one source: its rate, its habits. Small, and its text form is at most 1 KiB.
class SourceModel;

}  // namespace riverd::schedule
