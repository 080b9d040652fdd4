#pragma once
/// After a crash.

#include "daemon/poll/catalogue.h"
#include "storage/store.h"

namespace riverd::commands {

/// Polls that a dead process had begun: each is due again one least interval after its attempt, not sooner and not later, so
/// that a crash loop adds no request and delays none. Only to be called when no other process of ours works on the store.
void plan_abandoned_polls(storage::Store& store, const poll::Catalogue& catalogue, Time now);

}  // namespace riverd::commands
