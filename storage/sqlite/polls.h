#pragma once
/// Polls: what is due, who holds it, what is remembered of each URL.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/sqlite/batch.h"
#include "storage/sqlite/database.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

/// The columns of PollState in the order read_state() and save_state() take them; for SELECT lists.
#define RIVERD_POLL_COLUMNS                                                                                             \
  "p.state, p.effective_url, p.redirect_target, p.redirect_seen, p.etag, p.last_modified, p.validator_url, p.body_hash, " \
  "p.last_attempt, p.last_poll, p.last_success, p.failing_since, p.next_poll, p.next_poll_reason, p.interval, "           \
  "p.not_before, p.http_status, p.error, p.consecutive_failures, p.polls, p.not_modified, p.bytes, p.title, "             \
  "p.site_url, p.hub, p.schedule"
inline constexpr int kPollColumns = 26;

[[nodiscard]] PollState read_state(const Query& row, int first_column);

[[nodiscard]] std::vector<Lease> claim_due(Batch& batch, Time now, std::size_t n, Seconds lease);

/// By a source's name. Errors: not_found, busy.
[[nodiscard]] Result<Lease> claim_named(Batch& batch, std::string_view name, Time now, Seconds lease);

/// The leases that nobody ended.
[[nodiscard]] std::vector<Lease> read_leases(Database& db);

[[nodiscard]] std::optional<Time> earliest_due(Database& db);
[[nodiscard]] Result<void> renew(Batch& batch, const Lease& lease, Time until);
void release(Batch& batch, const Lease& lease, Time due, std::string_view reason);
void shift(Batch& batch, Seconds by);

/// The poll, where this lease is still the one that counts: nobody else was given it meanwhile. Errors: lost.
[[nodiscard]] Result<std::int64_t> held_poll(Database& db, const Lease& lease);

/// Whether a source has joined the poll since it was handed out.
[[nodiscard]] bool joined_since(Database& db, std::int64_t poll, const Lease& lease);

/// Writes a poll's new state, ends its lease and plans the next.
void save_state(Batch& batch, std::int64_t poll, const PollState& state, Time at);

[[nodiscard]] std::vector<HostState> read_hosts(Database& db);
void save_host(Batch& batch, const HostState& host);

}  // namespace riverd::storage::sqlite
