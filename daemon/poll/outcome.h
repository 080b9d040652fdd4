#pragma once
/// What one poll means: turns (what was remembered, what the server answered, what reading its body gave, now) into what
/// is remembered from now on. Pure: no clock, no network, no store. POLITENESS is decided here, line by line.
///
/// The way of a poll:
///   conditions()     before the request: what may be sent with it
///   fetch            one request
///   body_is_known()  a 200 whose body is the last one again needs no reading
///   read, normalise  otherwise
///   settle()         every poll ends here, once, whatever came of it

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "daemon/fetch/fetcher.h"
#include "daemon/poll/outcome_hints.h"
#include "daemon/schedule/budget.h"
#include "daemon/schedule/policy.h"
#include "feeds/post.h"
#include "storage/store.h"

namespace riverd::poll {

/// What the config says of one source's polling.
struct Terms {
  schedule::Limits limits;
  std::optional<Seconds> interval;  ///< the source's own, fixed; hints and Retry-After still lengthen it
  std::string url;                  ///< as configured
};

/// Where the next request goes and what makes it conditional: fetch::Request's fields of the same names.
struct Conditions {
  std::string url;            ///< to ask: the configured one, or where it moved for good
  std::string etag;           ///< for If-None-Match, byte for byte; empty: not sent
  std::string last_modified;  ///< for If-Modified-Since, byte for byte; empty: not sent
  std::string validator_url;  ///< the URL that gave these two and alone may see them; empty where there are none
};
/// The URL that is asked: Conditions::url.
[[nodiscard]] std::string asked_url(const storage::PollState& state, const Terms& terms);
[[nodiscard]] Conditions conditions(const storage::PollState& state, const Terms& terms);

/// XXH3 of a body as PollState::body_hash keeps it; never 0.
[[nodiscard]] std::uint64_t body_hash(std::string_view body);
/// Whether a 200's body, of this body_hash(), is the last one again: nothing to read, nothing new.
[[nodiscard]] inline bool body_is_known(const storage::PollState& state, std::uint64_t hash) { return hash == state.body_hash; }

/// What reading a 200's body gave.
struct Reading {
  /// The sources' documents (one where one source asks; they share FeedInfo). Only their posts' ids and dates are looked at.
  std::vector<const feeds::Normalised*> documents;
  /// Why the body is no feed. Then `documents` is empty.
  std::optional<Error> error;
  /// The body is not all of the feed: the next poll must get it anew.
  bool breaks_off = false;
};

/// One poll as it went.
struct Poll {
  storage::PollState before;
  bool conditional = false;                ///< a validator was sent with the request that was answered
  const fetch::Response* response = nullptr;  ///< null: none came, and `failure` says why
  std::uint64_t body_hash = 0;             ///< of the response's body, where it is known already
  std::optional<Error> failure;
  std::optional<Reading> reading;          ///< of a 200 with a body that is not known already
  std::optional<storage::HostState> host;  ///< as remembered, of host_key() of the URL that answered (or was asked)
  Time now;                                ///< when the answer was complete
  double spread = 0;                       ///< random in [0,1): places the next poll
};

/// What is to be kept and said.
struct Settled {
  storage::PollState state;
  std::optional<storage::HostState> host;  ///< present: save it; the host asked to be left alone, or slower
  std::string event;                       ///< for the log where something changed for people: "moved for good to ..."; else empty
  bool failed = false;                     ///< counts as failed in `update`
  std::optional<schedule::Demand> demand;  ///< for Budget::polled; none: Budget::spent (failed) or forget (gone)
};
[[nodiscard]] Settled settle(const Poll& poll, const Terms& terms, const schedule::Price& price);

/// What a source demands of the budget by what is remembered of it; nothing where it takes no part in it, or nothing was
/// learnt yet.
[[nodiscard]] std::optional<schedule::Demand> stored_demand(const storage::PollState& state, const Terms& terms);

/// The key under which a host's HostState stands: the host name; for a shared platform (blogspot.com, substack.com, ...) its
/// registrable domain; empty where only the one feed is meant: private and loopback hosts.
///   peer   the address that answered, where known: a public name on a private address is private
[[nodiscard]] std::string host_key(std::string_view url, std::string_view peer = {});

/// A host that asked to be left alone, for `wait` or as long as such hosts are; one that throttles is asked slower from then on.
///   before  what was remembered of it, if anything
[[nodiscard]] storage::HostState slowed_host(const std::optional<storage::HostState>& before, const std::string& key, Time now,
                                             std::optional<Seconds> wait, bool throttles);

/// When a source that is due at `due` may be asked, given what its host asked for: spread out behind the host's not_before.
[[nodiscard]] Time after_host(const storage::HostState& host, Time due, double spread);

/// Mends a due time after the wall clock was set: never later than what may have been planned at `now`, so that a clock set
/// back stops nothing. Nothing to mend: nothing.
[[nodiscard]] std::optional<Time> mend_due(const storage::PollState& state, const Terms& terms, Time now, double spread);

}  // namespace riverd::poll
