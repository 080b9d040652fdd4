#include <string>
#include <unordered_map>
#include <unordered_set>

#include "storage/digest.h"
#include "storage/sqlite/codec.h"
#include "storage/sqlite/sources.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kDigests = "SELECT id, config_digest FROM source WHERE configured";
constexpr const char* kAny = "SELECT 1 FROM source LIMIT 1";
constexpr const char* kExact = "SELECT id FROM source WHERE name = ? AND url = ?";
constexpr const char* kByUrl = "SELECT id FROM source WHERE url = ? ORDER BY configured DESC, id";
constexpr const char* kByName = "SELECT id FROM source WHERE name = ? ORDER BY configured DESC, id";
constexpr const char* kSource =
    "SELECT s.url, s.poll, p.request_key, s.configured AND s.enabled FROM source s JOIN poll p ON p.id = s.poll "
    "WHERE s.id = ?";
constexpr const char* kInsert =
    "INSERT INTO source(name, url, title, enabled, poll, categories, config_digest) VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kUpdate =
    "UPDATE source SET name = ?, url = ?, title = ?, enabled = ?, poll = ?, categories = ?, config_digest = ?, "
    "configured = 1 WHERE id = ?";
constexpr const char* kDrop = "UPDATE source SET configured = 0, config_digest = 0 WHERE id = ?";
constexpr const char* kPollByKey = "SELECT id FROM poll WHERE request_key = ?";
constexpr const char* kForget = "UPDATE poll SET etag = '', last_modified = '', body_hash = 0 WHERE id = ?";
constexpr const char* kNewPoll = 
    "INSERT INTO poll(request_key, url, effective_url, due, next_poll) VALUES (?1, ?2, ?3, ?4, ?4)";
constexpr const char* kCopyPoll =
    "INSERT INTO poll(request_key, url, state, effective_url, redirect_target, redirect_seen, last_attempt, last_poll, "
    "last_success, failing_since, next_poll, next_poll_reason, interval, not_before, http_status, error, "
    "consecutive_failures, polls, not_modified, bytes, title, site_url, hub, schedule) "
    "SELECT ?, url, state, effective_url, redirect_target, redirect_seen, last_attempt, last_poll, last_success, "
    "failing_since, next_poll, next_poll_reason, interval, not_before, http_status, error, consecutive_failures, polls, "
    "not_modified, bytes, title, site_url, hub, schedule FROM poll WHERE id = ?";
constexpr const char* kPollDue = "SELECT due, next_poll, state, request_key FROM poll WHERE id = ?";
constexpr const char* kWantedPoll = "SELECT 1 FROM source WHERE poll = ? AND configured AND enabled LIMIT 1";
constexpr const char* kSetDue = "UPDATE poll SET due = ?1, next_poll = ?1 WHERE id = ?2";
constexpr const char* kRevive = "UPDATE poll SET state = 0, next_poll = NULL WHERE id = ? AND state = 3";
constexpr const char* kUnset = "UPDATE poll SET due = NULL WHERE id = ? AND due IS NOT NULL";
constexpr const char* kCount = "SELECT count(*) FROM source WHERE configured AND enabled";

std::int64_t digest_of(const ConfiguredSource& source) {
  Digest digest;
  digest.add(source.name);
  digest.add(source.url);
  digest.add(source.title);
  digest.add(source.categories);
  digest.add(source.request_key);
  digest.add(std::uint64_t{source.enabled});
  return digest.stored() | 1;  // 0 marks one that is not configured
}

class Sync {
 public:
  Sync(Batch& batch, Time now, Seconds spread) : batch_(batch), db_(batch.db), now_(now), spread_(spread) {}

  bool run(const std::vector<ConfiguredSource>& wanted) {
    auto pending = keep_unchanged(wanted);
    if (pending.empty() && loose_.empty()) return false;
    if (Query(db_, kAny).step()) {
      match(pending, [this](const ConfiguredSource& s) { return find(kExact, s.name, s.url); });
      match(pending, [this](const ConfiguredSource& s) { return find(kByUrl, s.url); });
      match(pending, [this](const ConfiguredSource& s) { return find(kByName, s.name); });
    }
    for (const auto* source : pending) insert(*source);
    for (const auto id : loose_) drop(id);
    for (const auto poll : touched_polls_) plan(poll);
    Query count(db_, kCount);
    if (count.step()) batch_.set_sources(count.integer(0));
    batch_.touch_names(now_);
    return true;
  }

 private:
  using Pending = std::vector<const ConfiguredSource*>;

  /// Leaves in loose_ the configured rows that no wanted source equals.
  Pending keep_unchanged(const std::vector<ConfiguredSource>& wanted) {
    std::unordered_map<std::int64_t, SourceId> known;
    {
      Query rows(db_, kDigests);
      while (rows.step()) {
        if (!known.emplace(rows.integer(1), rows.integer(0)).second) loose_.insert(rows.integer(0));
      }
    }
    Pending pending;
    for (const auto& source : wanted) {
      const auto found = known.find(digest_of(source));
      if (found == known.end()) {
        pending.push_back(&source);
        continue;
      }
      kept_.insert(found->second);
      known.erase(found);
    }
    for (const auto& [digest, id] : known) loose_.insert(id);
    return pending;
  }

  template <class Find>
  void match(Pending& pending, Find&& find_row) {
    Pending rest;
    for (const auto* source : pending) {
      const SourceId id = find_row(*source);
      id != 0 ? update(id, *source) : rest.push_back(source);
    }
    pending = std::move(rest);
  }

  /// A row that nobody has yet; 0: none.
  template <class... Values>
  SourceId find(const char* sql, const Values&... values) {
    Query rows(db_, sql, values...);
    while (rows.step()) {
      if (kept_.count(rows.integer(0)) == 0) return rows.integer(0);
    }
    return 0;
  }

  void update(SourceId id, const ConfiguredSource& source) {
    kept_.insert(id);
    loose_.erase(id);
    std::int64_t old_poll = 0;
    std::int64_t poll = 0;
    bool was_polled = false;
    {
      Query row(db_, kSource, id);
      if (!row.step()) return;
      was_polled = row.integer(3) != 0;
      old_poll = row.integer(1);
      const bool same_key = static_cast<std::uint64_t>(row.integer(2)) == source.request_key;
      poll = same_key ? old_poll : poll_for(source, row.text(0) == source.url ? old_poll : 0);
    }
    Query(db_, kUpdate, source.name, source.url, source.title, std::int64_t{source.enabled}, poll,
          Blob{encode(source.categories)}, digest_of(source), id)
        .run();
    if (!was_polled && source.enabled) {
      Query(db_, kRevive, poll).run();  // who puts a gone source back means it
      Query(db_, kForget, poll).run();  // what others were told meanwhile it has to be told whole
    }
    touched_polls_.insert(old_poll);
    touched_polls_.insert(poll);
  }

  void insert(const ConfiguredSource& source) {
    const std::int64_t poll = poll_for(source, 0);
    Query(db_, kInsert, source.name, source.url, source.title, std::int64_t{source.enabled}, poll,
          Blob{encode(source.categories)}, digest_of(source))
        .run();
    if (known_poll_) touched_polls_.insert(poll);
  }

  void drop(SourceId id) {
    {
      Query row(db_, kSource, id);
      if (row.step()) touched_polls_.insert(row.integer(1));
    }
    Query(db_, kDrop, id).run();
  }

  /// The poll of a request key. A new one for the same URL takes the history of `before` over, but for its validators:
  /// other headers may have other answers. A source that joins a known poll has none of its posts yet: the next answer
  /// must be whole.
  std::int64_t poll_for(const ConfiguredSource& source, std::int64_t before) {
    const auto key = static_cast<std::int64_t>(source.request_key);
    {
      Query known(db_, kPollByKey, key);
      known_poll_ = known.step();
      if (known_poll_) {
        const std::int64_t poll = known.integer(0);
        Query(db_, kForget, poll).run();
        return poll;
      }
    }
    if (before != 0) {
      Query(db_, kCopyPoll, key, before).run();
    } else {
      const auto due = source.enabled ? std::optional(first_poll(key)) : std::nullopt;
      Query(db_, kNewPoll, key, source.url, source.url, due).run();
    }
    return db_.last_insert();
  }

  /// Makes a poll due, or not, as its sources are now.
  void plan(std::int64_t poll) {
    bool wanted = false;
    {
      Query row(db_, kWantedPoll, poll);
      wanted = row.step();
    }
    if (!wanted) {
      Query(db_, kUnset, poll).run();
      return;
    }
    Time due;
    {
      Query row(db_, kPollDue, poll);
      if (!row.step() || !row.is_null(0)) return;  // it is planned, or leased
      if (static_cast<State>(row.integer(2)) == State::gone) return;
      const auto planned = row.time(1);
      due = planned && *planned > now_ ? *planned : first_poll(row.integer(3));
    }
    Query(db_, kSetDue, due, poll).run();
  }

  /// Somewhere within the spread, the same place each time, so that many new sources never start together.
  [[nodiscard]] Time first_poll(std::int64_t request_key) const {
    if (spread_.count() <= 0) return now_;
    const std::uint64_t hash = XXH3_64bits(&request_key, sizeof request_key);
    return now_ + Seconds(hash % static_cast<std::uint64_t>(spread_.count()));
  }

  Batch& batch_;
  Database& db_;
  const Time now_;
  const Seconds spread_;
  std::unordered_set<SourceId> kept_;
  std::unordered_set<SourceId> loose_;
  std::unordered_set<std::int64_t> touched_polls_;  ///< to be planned anew; a new poll is planned as it is made
  bool known_poll_ = false;                         ///< whether poll_for() found one
};

}  // namespace

bool sync_sources(Batch& batch, const std::vector<ConfiguredSource>& wanted, Time now, Seconds spread) {
  return Sync(batch, now, spread).run(wanted);
}

}  // namespace riverd::storage::sqlite
