#include "daemon/commands/recovery.h"

#include <algorithm>

#include "daemon/schedule/policy.h"

namespace riverd::commands {

void plan_abandoned_polls(storage::Store& store, const poll::Catalogue& catalogue, Time now) {
  static_cast<void>(store.abandon_pages(now));  // else they run out by themselves
  const auto leases = store.leases();
  if (!leases) return;  // they run out by themselves
  const Seconds least = schedule::gap_bounds(catalogue.limits(), {}).least;
  for (const storage::Lease& lease : *leases) {
    const config::Source* source = catalogue.find(lease.names.front());
    const Seconds gap = source != nullptr && source->interval ? *source->interval : least;
    const Time attempt = std::min(lease.state.last_attempt.value_or(now), now);
    // The attempt is known in whole seconds, rounded down.
    static_cast<void>(store.release(lease, std::max(now, attempt + gap + Seconds(1)), "riverd was stopped while asking it"));
  }
}

}  // namespace riverd::commands
