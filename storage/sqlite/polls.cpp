#include "storage/sqlite/polls.h"

#include <algorithm>

#include "storage/sqlite/pages.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kDue = "SELECT id FROM poll WHERE due <= ? ORDER BY due LIMIT ?";
constexpr const char* kPoll = "SELECT p.url, " RIVERD_POLL_COLUMNS " FROM poll p WHERE p.id = ?";
constexpr const char* kPolledSources =
    "SELECT id, name FROM source WHERE poll = ? AND configured AND enabled ORDER BY id";
constexpr const char* kLease = "UPDATE poll SET lease = ?, due = ?, last_attempt = ? WHERE id = ?";
constexpr const char* kRetire = "UPDATE poll SET lease = NULL, due = NULL WHERE id = ?";
constexpr const char* kNamed =
    "SELECT p.id, p.lease, p.due, p.not_before FROM source s JOIN poll p ON p.id = s.poll "
    "WHERE s.name = ? AND s.configured AND s.enabled";
constexpr const char* kLeased = "SELECT p.id, p.lease, p.due, p.url, " RIVERD_POLL_COLUMNS " FROM poll p WHERE p.lease IS NOT NULL";
constexpr const char* kEarliest = "SELECT due FROM poll WHERE due IS NOT NULL ORDER BY due LIMIT 1";
constexpr const char* kRenew = "UPDATE poll SET due = ? WHERE id = ?";
constexpr const char* kRelease =
    "UPDATE poll SET lease = NULL, due = ?1, next_poll = ?1, "
    "next_poll_reason = coalesce(nullif(?2, ''), next_poll_reason) WHERE id = ?3";
constexpr const char* kHeld =
    "SELECT s.poll FROM source s JOIN poll p ON p.id = s.poll WHERE s.id = ? AND p.lease = ?";
constexpr const char* kSave =
    "UPDATE poll SET state = ?, effective_url = ?, redirect_target = ?, redirect_seen = ?, etag = ?, last_modified = ?, "
    "validator_url = ?, body_hash = ?, last_attempt = ?, last_poll = ?, last_success = ?, failing_since = ?, "
    "next_poll = ?, next_poll_reason = ?, interval = ?, not_before = ?, http_status = ?, error = ?, "
    "consecutive_failures = ?, polls = ?, not_modified = ?, bytes = ?, title = ?, site_url = ?, hub = ?, schedule = ?, "
    "lease = NULL, due = ?13 WHERE id = ?27";
constexpr const char* kTitle = "SELECT title FROM poll WHERE id = ?";
constexpr const char* kShift =
    "UPDATE poll SET due = due + ?1, next_poll = next_poll + ?1, not_before = not_before + ?1";
constexpr const char* kShiftHosts = "UPDATE host SET not_before = not_before + ?";
constexpr const char* kHosts = "SELECT host, not_before, spacing FROM host";
constexpr const char* kSaveHost =
    "INSERT INTO host(host, not_before, spacing) VALUES (?, ?, ?) "
    "ON CONFLICT(host) DO UPDATE SET not_before = excluded.not_before, spacing = excluded.spacing";

/// Hands one poll out. Nothing where no source wants it any more.
std::optional<Lease> hand_out(Batch& batch, std::int64_t poll, Time now, Seconds length) {
  Lease lease;
  {
    Query sources(batch.db, kPolledSources, poll);
    while (sources.step()) {
      lease.sources.push_back(sources.integer(0));
      lease.names.push_back(sources.string(1));
    }
  }
  Query row(batch.db, kPoll, poll);
  if (lease.sources.empty() || !row.step()) {
    Query(batch.db, kRetire, poll).run();
    return std::nullopt;
  }
  lease.url = row.string(0);
  lease.state = read_state(row, 1);
  lease.id = batch.next_lease();
  lease.poll = poll;
  lease.expires = now + length;
  lease.state.last_attempt = now;
  Query(batch.db, kLease, static_cast<std::int64_t>(lease.id), lease.expires, now, poll).run();
  return lease;
}

}  // namespace

PollState read_state(const Query& row, int c) {
  PollState state;
  state.state = static_cast<State>(std::clamp<std::int64_t>(row.integer(c), 0, 4));
  state.effective_url = row.string(++c);
  state.redirect_target = row.string(++c);
  state.redirect_seen = static_cast<std::uint32_t>(row.integer(++c));
  state.etag = row.string(++c);
  state.last_modified = row.string(++c);
  state.validator_url = row.string(++c);
  state.body_hash = static_cast<std::uint64_t>(row.integer(++c));
  state.last_attempt = row.time(++c);
  state.last_poll = row.time(++c);
  state.last_success = row.time(++c);
  state.failing_since = row.time(++c);
  state.next_poll = row.time(++c);
  state.next_poll_reason = row.string(++c);
  state.interval = Seconds(row.integer(++c));
  state.not_before = row.time(++c);
  state.http_status = static_cast<int>(row.integer(++c));
  state.error = row.string(++c);
  state.consecutive_failures = static_cast<std::uint32_t>(row.integer(++c));
  state.polls = static_cast<std::uint64_t>(row.integer(++c));
  state.not_modified = static_cast<std::uint64_t>(row.integer(++c));
  state.bytes = static_cast<std::uint64_t>(row.integer(++c));
  state.title = row.string(++c);
  state.site_url = row.string(++c);
  state.hub = row.string(++c);
  state.schedule = row.string(++c);
  return state;
}

std::vector<Lease> claim_due(Batch& batch, Time now, std::size_t n, Seconds length) {
  std::vector<std::int64_t> due;
  {
    Query query(batch.db, kDue, now, static_cast<std::int64_t>(n));
    while (query.step()) due.push_back(query.integer(0));
  }
  std::vector<Lease> leases;
  leases.reserve(due.size());
  for (const auto poll : due) {
    if (auto lease = hand_out(batch, poll, now, length)) leases.push_back(std::move(*lease));
  }
  return leases;
}

Result<Lease> claim_named(Batch& batch, std::string_view name, Time now, Seconds length) {
  const std::string who = "source " + std::string(name);
  std::int64_t poll = 0;
  {
    Query query(batch.db, kNamed, name);
    if (!query.step()) return Error(Errc::not_found, who + ": no such source is polled");
    poll = query.integer(0);
    const bool leased = !query.is_null(1) && query.time(2) > now;
    if (leased) return Error(Errc::busy, who + ": it is being polled");
    if (const auto limit = query.time(3); limit && *limit > now) {
      return Error(Errc::busy, who + ": its server asked not to be polled before " + rfc3339(*limit));
    }
  }
  if (auto lease = hand_out(batch, poll, now, length)) return std::move(*lease);
  return Error(Errc::not_found, who + ": no such source is polled");
}

std::vector<Lease> read_leases(Database& db) {
  std::vector<Lease> leases;
  Query rows(db, kLeased);
  while (rows.step()) {
    Lease lease;
    lease.poll = rows.integer(0);
    lease.id = static_cast<std::uint64_t>(rows.integer(1));
    lease.expires = rows.time(2).value_or(Time{});
    lease.url = rows.string(3);
    lease.state = read_state(rows, 4);
    Query sources(db, kPolledSources, lease.poll);
    while (sources.step()) {
      lease.sources.push_back(sources.integer(0));
      lease.names.push_back(sources.string(1));
    }
    if (!lease.sources.empty()) leases.push_back(std::move(lease));
  }
  return leases;
}

std::optional<Time> earliest_due(Database& db) {
  Query query(db, kEarliest);
  if (!query.step()) return std::nullopt;
  return query.time(0);
}

Result<void> renew(Batch& batch, const Lease& lease, Time until) {
  const auto poll = held_poll(batch.db, lease);
  if (!poll) return poll.error();
  Query(batch.db, kRenew, until, *poll).run();
  return {};
}

void release(Batch& batch, const Lease& lease, Time due, std::string_view reason) {
  if (const auto poll = held_poll(batch.db, lease)) Query(batch.db, kRelease, due, reason, *poll).run();
}

void shift(Batch& batch, Seconds by) {
  Query(batch.db, kShift, static_cast<std::int64_t>(by.count())).run();
  Query(batch.db, kShiftHosts, static_cast<std::int64_t>(by.count())).run();
  shift_pages(batch, by);
}

Result<std::int64_t> held_poll(Database& db, const Lease& lease) {
  for (const auto source : lease.sources) {
    Query query(db, kHeld, source, static_cast<std::int64_t>(lease.id));
    if (query.step()) return query.integer(0);
  }
  return Error(Errc::lost, "poll " + lease.url + ": the lease has ended, or its sources have changed");
}

bool joined_since(Database& db, std::int64_t poll, const Lease& lease) {
  Query sources(db, kPolledSources, poll);
  while (sources.step()) {
    if (std::find(lease.sources.begin(), lease.sources.end(), sources.integer(0)) == lease.sources.end()) return true;
  }
  return false;
}

void save_state(Batch& batch, std::int64_t poll, const PollState& state, Time at) {
  {
    Query known(batch.db, kTitle, poll);
    if (known.step() && known.text(0) != state.title) batch.touch_names(at);
  }
  Query save(batch.db, kSave);
  save.bind(static_cast<std::int64_t>(state.state));
  save.bind(state.effective_url);
  save.bind(state.redirect_target);
  save.bind(std::int64_t{state.redirect_seen});
  save.bind(state.etag);
  save.bind(state.last_modified);
  save.bind(state.validator_url);
  save.bind(static_cast<std::int64_t>(state.body_hash));
  save.bind(state.last_attempt);
  save.bind(state.last_poll);
  save.bind(state.last_success);
  save.bind(state.failing_since);
  save.bind(state.next_poll);
  save.bind(state.next_poll_reason);
  save.bind(static_cast<std::int64_t>(state.interval.count()));
  save.bind(state.not_before);
  save.bind(std::int64_t{state.http_status});
  save.bind(state.error);
  save.bind(std::int64_t{state.consecutive_failures});
  save.bind(static_cast<std::int64_t>(state.polls));
  save.bind(static_cast<std::int64_t>(state.not_modified));
  save.bind(static_cast<std::int64_t>(state.bytes));
  save.bind(state.title);
  save.bind(state.site_url);
  save.bind(state.hub);
  save.bind(Blob{state.schedule});
  save.bind(poll);
  save.run();
}

std::vector<HostState> read_hosts(Database& db) {
  std::vector<HostState> hosts;
  Query query(db, kHosts);
  while (query.step()) {
    hosts.push_back({query.string(0), Time(Seconds(query.integer(1))), Seconds(query.integer(2))});
  }
  return hosts;
}

void save_host(Batch& batch, const HostState& host) {
  Query(batch.db, kSaveHost, host.host, host.not_before, static_cast<std::int64_t>(host.spacing.count())).run();
}

}  // namespace riverd::storage::sqlite
