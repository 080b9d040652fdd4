#include "daemon/poll/outcome.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>

#include "daemon/poll/outcome_memo.h"

namespace riverd::poll {
namespace {

using storage::PollState;
using storage::State;

constexpr std::uint32_t kAgreeing = 3;       // polls in a row that must see a permanent redirect before it is remembered
constexpr std::uint32_t kDeadAfter = 3;      // failures in a row after which a remembered address counts as dead
constexpr std::uint8_t kRestlessAfter = 3;   // changed bodies without news before a source without validators is slowed
constexpr Seconds kSpacingForgotten{7 * 86'400};

enum class Kind : std::uint8_t { changed, unchanged, gone, throttled, failed };

/// One poll being settled: what is known of it, and the state as it becomes.
struct Settling {
  const Poll& poll;
  const Terms& terms;
  const schedule::Price& price;
  Memo memo;
  Settled out;
  std::string asked;
  [[nodiscard]] const fetch::Response& response() const { return *poll.response; }
};

std::uint64_t hash_of(const Poll& poll) { return poll.body_hash != 0 ? poll.body_hash : body_hash(poll.response->body); }

bool is_permanent(const fetch::Hop& hop) { return hop.status == 301 || hop.status == 308; }

Kind kind_of(const Poll& poll) {
  if (poll.response == nullptr) return Kind::failed;
  const int status = poll.response->status;
  if (status == 304) return poll.conditional ? Kind::unchanged : Kind::failed;
  if (status == 410) return Kind::gone;
  if (status == 429) return Kind::throttled;
  if (status < 200 || status > 299) return Kind::failed;
  if (poll.reading) return poll.reading->error ? Kind::failed : Kind::changed;
  return status == 200 && body_is_known(poll.before, hash_of(poll)) ? Kind::unchanged : Kind::failed;
}

/// Whether a temporary redirect led to the answer: then it says nothing of the feed's own address (RFC 9110, 15.4.3).
bool by_detour(const fetch::Response& response) {
  return std::any_of(response.hops.begin(), response.hops.end(), [](const fetch::Hop& hop) { return !is_permanent(hop); });
}

/// What went wrong, in one sentence that names the cause.
std::string cause(const Poll& poll) {
  if (poll.response == nullptr) return poll.failure ? poll.failure->message() : "no answer came";
  const int status = poll.response->status;
  const std::string answered = "the server answered " + std::to_string(status);
  if (poll.reading && poll.reading->error) return poll.reading->error->message();
  switch (status) {
    case 304: return answered + " (not modified) to a request without conditions";
    case 401: return answered + ": it wants other credentials";
    case 403: return answered + ": it refuses to show this feed";
    case 404: return answered + ": there is no such feed";
    case 410:
      if (by_detour(*poll.response)) return answered + ": there is nothing where a redirect leads for now";
      return answered + ": the feed is gone for good; it is polled again when asked for by hand or given a new url";
    case 429: return answered + ": it is asked too often";
    case 503: return answered + ": it is out of service for now";
    default: break;
  }
  if (status >= 500) return answered + ": it failed";
  if (status >= 400) return answered + ": it refuses the request";
  if (status >= 300) return answered + ", which leads nowhere";
  return answered + " without a feed";
}

// --- what an answer leaves behind ---

void keep_validators(Settling& s) {
  const fetch::Response& r = s.response();
  PollState& state = s.out.state;
  const bool not_modified = r.status == 304;
  // A 200 says all there is; a 304 may leave out what did not change.
  if (!not_modified || !r.etag.empty()) state.etag = r.etag;
  if (!not_modified || !r.last_modified.empty()) state.last_modified = r.last_modified;
  const bool any = !state.etag.empty() || !state.last_modified.empty();
  s.memo.validators_of = any ? url_key(r.url) : 0;
  s.memo.validators_url = any && r.url != s.asked && r.url.size() <= kLongestUrl ? r.url : std::string();
}

void drop_validators(Settling& s) {
  s.out.state.etag.clear();
  s.out.state.last_modified.clear();
  s.out.state.body_hash = 0;
  s.memo.validators_of = 0;
  s.memo.validators_url.clear();
}

/// What tells whether the next answer is this one again. Of a body that breaks off nothing does: it is asked for anew.
void keep_version(Settling& s) {
  if (s.poll.reading && s.poll.reading->breaks_off) return drop_validators(s);
  if (s.response().status != 304) s.out.state.body_hash = hash_of(s.poll);
  keep_validators(s);
}

void keep_cache_hints(Settling& s) {
  const fetch::Response& r = s.response();
  if (r.status == 304 && !says_freshness(r)) return;
  const Freshness fresh = stated_freshness(r, s.poll.now);
  s.memo.fresh_left = static_cast<std::uint32_t>(fresh.left.count());
  s.memo.fresh_stated = static_cast<std::uint32_t>(fresh.stated.count());
}

/// Where the leading permanent redirects of an answer lead; empty without one.
std::string moved_to(const fetch::Response& response) {
  std::string target;
  for (const fetch::Hop& hop : response.hops) {
    if (!is_permanent(hop)) break;
    target = hop.location;
  }
  return target;
}

void keep_redirect(Settling& s) {
  PollState& state = s.out.state;
  const std::string target = moved_to(s.response());
  if (target.empty() || target == s.asked) {
    state.redirect_target.clear();
    state.redirect_seen = 0;
    return;
  }
  state.redirect_seen = target == state.redirect_target ? state.redirect_seen + 1 : 1;
  state.redirect_target = target;
  if (state.redirect_seen < kAgreeing) return;
  state.effective_url = target;
  state.redirect_target.clear();
  state.redirect_seen = 0;
  drop_validators(s);
  s.out.event = "moved for good to " + target;
}

/// A remembered address that died is forgotten: the configured one is asked again.
void forget_dead_address(Settling& s) {
  PollState& state = s.out.state;
  if (s.asked == s.terms.url) return;
  const int status = state.http_status;
  if (status == 429 || status == 503) return;  // alive, and busy
  if (status != 404 && status != 410 && state.consecutive_failures < kDeadAfter) return;
  state.effective_url = s.terms.url;
  state.redirect_target.clear();
  state.redirect_seen = 0;
  drop_validators(s);
  s.out.event = "the address it moved to is dead, asking the configured one again";
}

void keep_feed_info(Settling& s, const feeds::FeedInfo& feed) {
  PollState& state = s.out.state;
  state.title = feed.title.value_or("");
  state.site_url = feed.link.value_or("");
  state.hub = feed.hub.value_or("");
  const auto ttl = feed.ttl.value_or(Seconds(0)).count();
  s.memo.ttl = static_cast<std::uint32_t>(std::clamp<std::int64_t>(ttl, 0, 365LL * 86'400));
  s.memo.skip_hours = feed.skip_hours;
  s.memo.skip_days = feed.skip_days;
}

// --- what the source is learnt to do ---

const feeds::Normalised* fullest(const Reading& reading) {
  const auto size = [](const feeds::Normalised* d) { return d->posts.size() + d->unchanged.size() + d->left_out; };
  const auto best = std::max_element(reading.documents.begin(), reading.documents.end(),
                                     [&](const auto* a, const auto* b) { return size(a) < size(b); });
  return best == reading.documents.end() ? nullptr : *best;
}

/// The entries not seen before. An edited old entry is none: neither where its id is known, nor where it is dated long
/// before the last look.
schedule::Observation observation(Settling& s, const feeds::Normalised* document) {
  schedule::Observation seen;
  seen.at = s.poll.now;
  const bool first = s.memo.model.fresh();
  if (!first) seen.previous = s.memo.model.last();
  if (document == nullptr) return seen;
  seen.window = document->posts.size() + document->unchanged.size() + document->left_out;
  for (auto post = document->posts.rbegin(); post != document->posts.rend(); ++post) {  // feeds put the newest first
    const bool unknown = s.memo.learn_entry(post->id);
    const bool old = !first && post->date && *post->date < s.memo.model.last() - Seconds(2 * 86'400);
    if (unknown && !old) seen.fresh.push_back(post->date);
  }
  return seen;
}

void learn(Settling& s, const feeds::Normalised* document) {
  const schedule::Observation seen = observation(s, document);
  s.memo.model.observe(seen);
  const PollState& state = s.out.state;
  const bool bare = state.etag.empty() && state.last_modified.empty();
  if (!bare || !seen.fresh.empty()) {
    s.memo.restless = 0;
  } else if (document != nullptr && s.memo.restless < 255) {
    ++s.memo.restless;
  }
}

schedule::Wishes wishes(const Memo& memo, const PollState& state, const Terms& terms) {
  schedule::Wishes w;
  w.hint = Seconds(std::max(memo.ttl, memo.fresh_left));
  w.consent = Seconds(std::max(memo.ttl, memo.fresh_stated));
  w.interval = terms.interval;
  w.not_before = state.not_before;
  w.skip_hours = memo.skip_hours;
  w.skip_days = memo.skip_days;
  w.no_validators = memo.restless >= kRestlessAfter;
  return w;
}

schedule::Wishes wishes(const Settling& s) { return wishes(s.memo, s.out.state, s.terms); }

void plan(Settling& s) {
  const schedule::Wishes w = wishes(s);
  const schedule::Decision next = schedule::decide(s.memo.model, s.terms.limits, w, s.price, s.poll.now, s.poll.spread);
  s.out.state.next_poll = next.next;
  s.out.state.interval = next.interval;
  s.out.state.next_poll_reason = next.reason;
  s.memo.healthy_gap = static_cast<std::uint32_t>(std::clamp<std::int64_t>(next.interval.count(), 0, 0xFFFF'FFFF));
  if (!s.terms.interval) s.out.demand = schedule::demand(s.memo.model, s.terms.limits, w);
}

// --- the ways a poll ends ---

void succeed(Settling& s, bool changed) {
  PollState& state = s.out.state;
  const feeds::Normalised* document = changed ? fullest(*s.poll.reading) : nullptr;
  if (state.state == State::failing || state.state == State::gone) s.out.event = "well again";
  state.state = State::ok;
  state.error.clear();
  state.consecutive_failures = 0;
  state.failing_since.reset();
  state.not_before.reset();
  state.last_success = s.poll.now;
  if (!changed) ++state.not_modified;
  keep_version(s);
  keep_cache_hints(s);
  if (document != nullptr) keep_feed_info(s, document->feed);
  keep_redirect(s);
  learn(s, document);
  plan(s);
}

/// What the host as a whole asked for. A host that throttles is asked slower from then on, for about a week.
void slow_host(Settling& s, std::optional<Seconds> wait, bool throttles) {
  const std::string& url = s.response().url.empty() ? s.asked : s.response().url;
  const std::string key = host_key(url, s.response().remote_address);
  if (key.empty() || (!wait && !throttles)) return;
  s.out.host = slowed_host(s.poll.host, key, s.poll.now, wait, throttles);
}

void relax_host(Settling& s) {
  if (!s.poll.host || s.poll.host->spacing == Seconds(0)) return;
  if (s.poll.now - s.poll.host->not_before < kSpacingForgotten) return;
  storage::HostState host = *s.poll.host;
  host.spacing = host.spacing / 2 < Seconds(5) ? Seconds(0) : host.spacing / 2;
  host.not_before = s.poll.now;
  s.out.host = host;
}

/// The gap after the nth failure in a row: doubled each time, from the gap planned while all was well.
double backed_off(const Settling& s, const schedule::GapBounds& bounds) {
  const std::uint32_t failures = std::min(s.out.state.consecutive_failures, 20U);
  const bool ever = s.memo.healthy_gap > 0;
  const double base = std::max<double>(ever ? s.memo.healthy_gap : 0, static_cast<double>(bounds.least.count()));
  const double gap = base * std::exp2(static_cast<double>(ever ? failures : failures - 1));
  const double jittered = gap * (1 + 0.25 * s.poll.spread);
  return std::clamp(jittered, static_cast<double>(bounds.least.count()), static_cast<double>(bounds.most.count()));
}

void fail(Settling& s, bool throttled) {
  PollState& state = s.out.state;
  s.out.failed = true;
  state.error = cause(s.poll);
  if (state.state != State::failing) s.out.event = "failing: " + state.error;
  state.state = State::failing;
  ++state.consecutive_failures;
  if (!state.failing_since) state.failing_since = s.poll.now;
  schedule::Wishes w = wishes(s);
  w.not_before.reset();
  const schedule::GapBounds bounds = schedule::gap_bounds(s.terms.limits, w);
  Seconds gap{std::llround(backed_off(s, bounds))};
  std::optional<Seconds> wait;
  if (s.poll.response != nullptr && state.http_status >= 400) wait = retry_after(s.response().retry_after, s.poll.now);
  state.next_poll_reason = "it failed " + std::to_string(state.consecutive_failures) + (state.consecutive_failures == 1 ? " time" : " times in a row");
  if (wait) {
    state.not_before = s.poll.now + *wait;
    const auto jitter = static_cast<std::int64_t>(s.poll.spread * std::min(600.0, 0.1 * static_cast<double>(wait->count())));
    gap = std::max(*wait + Seconds(jitter), bounds.least);
    state.next_poll_reason = "the server asked to wait " + schedule::words(*wait);
  }
  const bool host_wide = throttled || (state.http_status == 403 && s.poll.host && s.poll.host->spacing > Seconds(0));
  if (s.poll.response != nullptr) slow_host(s, throttled || state.http_status == 503 ? wait : std::nullopt, host_wide);
  state.interval = gap;
  state.next_poll = s.poll.now + gap;
  forget_dead_address(s);
}

void end(Settling& s) {
  PollState& state = s.out.state;
  state.http_status = 410;
  // The address it moved to is gone, for good or for now; the configured one may live.
  if (s.asked != s.terms.url || by_detour(s.response())) {
    fail(s, false);
    return;
  }
  s.out.failed = true;
  if (state.state != State::gone) s.out.event = "gone for good (410): polled no more";
  state.state = State::gone;
  state.error = cause(s.poll);
  ++state.consecutive_failures;
  if (!state.failing_since) state.failing_since = s.poll.now;
  state.next_poll.reset();
  state.interval = Seconds(0);
  state.next_poll_reason = "the publisher ended the feed (410)";
}

}  // namespace

std::string asked_url(const storage::PollState& state, const Terms& terms) {
  return state.effective_url.empty() ? terms.url : state.effective_url;
}

Conditions conditions(const storage::PollState& state, const Terms& terms) {
  Conditions c;
  c.url = asked_url(state, terms);
  if (state.etag.empty() && state.last_modified.empty()) return c;
  const Memo memo = Memo::decode(state.schedule, Memo::Part::without_model);
  if (memo.validators_of == 0) return c;
  for (const std::string& giver : {c.url, memo.validators_url}) {
    if (giver.empty() || url_key(giver) != memo.validators_of) continue;
    c.etag = state.etag;
    c.last_modified = state.last_modified;
    c.validator_url = giver;
    break;
  }
  return c;
}

std::uint64_t body_hash(std::string_view body) {
  const std::uint64_t hash = XXH3_64bits(body.data(), body.size());
  return hash == 0 ? 1 : hash;
}

Settled settle(const Poll& poll, const Terms& terms, const schedule::Price& price) {
  Settling s{poll, terms, price, Memo::decode(poll.before.schedule), {}, asked_url(poll.before, terms)};
  PollState& state = s.out.state;
  state = poll.before;
  if (state.effective_url.empty()) state.effective_url = terms.url;
  state.last_poll = poll.now;
  state.http_status = poll.response == nullptr ? 0 : poll.response->status;
  ++state.polls;
  if (poll.response != nullptr) state.bytes += poll.response->bytes;
  const Kind kind = kind_of(poll);
  switch (kind) {
    case Kind::changed:
    case Kind::unchanged: succeed(s, kind == Kind::changed); break;
    case Kind::gone: end(s); break;
    case Kind::throttled:
    case Kind::failed: fail(s, kind == Kind::throttled); break;
  }
  if (!s.out.failed) relax_host(s);
  state.schedule = s.memo.encode();
  return std::move(s.out);
}

std::optional<schedule::Demand> stored_demand(const storage::PollState& state, const Terms& terms) {
  if (terms.interval || !state.next_poll) return std::nullopt;
  const Memo memo = Memo::decode(state.schedule);
  if (memo.model.fresh()) return std::nullopt;
  return schedule::demand(memo.model, terms.limits, wishes(memo, state, terms));
}

std::optional<Time> mend_due(const storage::PollState& state, const Terms& terms, Time now, double spread) {
  if (!state.next_poll) return std::nullopt;
  const schedule::GapBounds bounds = schedule::gap_bounds(terms.limits, {});
  Seconds most = std::max({bounds.most, Seconds(86'400), terms.interval.value_or(Seconds(0)), state.interval});
  if (state.not_before && *state.not_before <= now + Seconds(7 * 86'400)) most = std::max(most, *state.not_before - now);
  if (*state.next_poll <= now + most + most / 4) return std::nullopt;
  const auto wait = static_cast<std::int64_t>(spread * static_cast<double>(bounds.most.count()));
  return now + Seconds(wait);
}

}  // namespace riverd::poll
