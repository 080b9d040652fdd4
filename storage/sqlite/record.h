#pragma once
/// A poll's outcome written down: what is new, what changed, what another source had already.

#include "storage/sqlite/batch.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

/// Errors: busy when the lease has passed to somebody else, or its sources are configured otherwise by now; then nothing is
/// written. A failing statement is the connection's sticky error.
[[nodiscard]] Result<Recorded> record(Batch& batch, const PollOutcome& outcome);

/// About how many bytes it writes.
[[nodiscard]] std::size_t weight(const PollOutcome& outcome);

[[nodiscard]] std::vector<feeds::Fingerprint> read_fingerprints(Database& db, SourceId source);

}  // namespace riverd::storage::sqlite
