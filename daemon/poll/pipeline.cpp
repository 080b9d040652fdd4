#include "daemon/poll/pipeline.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>

#include "daemon/fetch/url.h"
#include "daemon/poll/blocking.h"
#include "daemon/poll/outcome.h"

namespace riverd::poll {

namespace net = boost::asio;

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kLarge = 1U << 20U;   // bytes from which a document is read alone
constexpr std::chrono::seconds kRetry{1};   // between tries of a record that the store would not take
constexpr std::size_t kLongQueue = 128;     // polls that wait for one host
constexpr Seconds kNotOurs{60};             // between looks at a source that this config does not name
constexpr Seconds kLinkedFeedAfter{600};    // from an HTML page to the first poll of the feed it names

double seconds_since(Steady::time_point start) { return std::chrono::duration<double>(Steady::now() - start).count(); }

/// One more in a gauge as long as it lives.
class Counted {
 public:
  explicit Counted(std::atomic<std::uint64_t>& gauge) : gauge_(gauge) { ++gauge_; }
  ~Counted() { --gauge_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  std::atomic<std::uint64_t>& gauge_;
};

/// Whether the store may take it later: a full disk, another process's lock.
bool may_pass(const Error& error) {
  switch (error.code()) {
    case Errc::no_space:
    case Errc::busy:
    case Errc::io:
    case Errc::corrupt:
    case Errc::timeout:
      return true;
    default:
      return false;
  }
}

Seconds least_gap(const Terms& terms) { return terms.interval.value_or(schedule::gap_bounds(terms.limits, {}).least); }

}  // namespace

/// One poll as it goes.
struct Pipeline::Visit {
  storage::Lease lease;
  std::shared_ptr<const Catalogue> catalogue;
  const config::Source* source = nullptr;
  Terms terms;
  bool sent = false;
  std::optional<Delay> later;  ///< a host on its way wants to be left alone
  bool lost = false;           ///< its lease is no longer ours
  std::optional<fetch::Response> response;
  std::uint64_t body_hash = 0;  ///< of a 200
  std::optional<Error> failure;
  std::optional<ReadDocument> read;
  Settled settled;
  Time now;
  Report report;
};

Pipeline::Pipeline(net::any_io_executor network, World world, std::shared_ptr<const Catalogue> catalogue, Queues queues,
                   Insist insist)
    : network_(std::move(network)),
      world_(std::move(world)),
      queues_(queues),
      insist_(std::move(insist)),
      catalogue_(std::move(catalogue)),
      fetcher_(network_, fetch_options(catalogue_->config())),
      budget_(catalogue_->limits(), steady_now()) {
  budget_.set_sources(catalogue_->sharing(), steady_now());
}

/// For the budget, which counts time that passes: a clock that is set must neither starve it nor make it rich.
Time Pipeline::steady_now() const { return Time(std::chrono::floor<Seconds>(world_.clock.running())); }

Pipeline::~Pipeline() {
  parse_pool_.stop();
  large_pool_.stop();
  store_pool_.join();
}

void Pipeline::set_catalogue(std::shared_ptr<const Catalogue> catalogue) {
  catalogue_ = std::move(catalogue);
  fetcher_.set_options(fetch_options(catalogue_->config()));
  budget_.set_limits(catalogue_->limits(), steady_now());
  budget_.set_sources(catalogue_->sharing(), steady_now());
}

net::awaitable<void> Pipeline::learn_demands() {
  auto work = [catalogue = catalogue_, &store = world_.store]() -> Result<schedule::Budget::Demands> {
    schedule::Budget::Demands demands;
    const auto seen = store.each_source([&](storage::SourceView&& view) {
      const config::Source* source = view.configured ? catalogue->find(view.name) : nullptr;
      if (source == nullptr) return true;
      if (const auto demand = stored_demand(view.state, catalogue->terms(*source))) demands.emplace(view.poll, *demand);
      return true;
    });
    if (!seen) return seen.error();
    return demands;
  };
  auto demands = co_await blocking(store_pool_, std::move(work));
  if (demands) budget_.set_demands(std::move(*demands), steady_now());
}

Seconds Pipeline::lease_time() const {
  return std::chrono::ceil<Seconds>(catalogue_->config().fetch.timeout) * 2 + Seconds(30);
}

void Pipeline::stop() {
  stopping_ = true;
  fetcher_.stop();
}

net::awaitable<Report> Pipeline::poll(storage::Lease lease) {
  Visit visit;
  visit.catalogue = catalogue_;
  visit.report.names = lease.names;
  for (const std::string& name : lease.names) {
    if (visit.source == nullptr) visit.source = visit.catalogue->find(name);
  }
  visit.lease = std::move(lease);
  visit.now = world_.clock.now();
  under_way_.emplace(visit.lease.poll, &visit);
  try {
    if (visit.source == nullptr || stopping_) {
      // A source that another process configured: ours after a reload, until then only now and then.
      co_await give_back(visit, visit.now + (stopping_ ? Seconds(0) : kNotOurs));
    } else {
      co_await ask(visit);
    }
  } catch (const std::exception& fault) {
    visit.report.end = Report::End::failed;
    visit.report.error = std::string("poll: ") + fault.what();
  }
  forget(visit);
  count(visit.report);
  co_return std::move(visit.report);
}

bool Pipeline::take_over(const storage::Lease& lease) {
  const auto found = under_way_.find(lease.poll);
  if (found == under_way_.end()) return false;
  found->second->lease.id = lease.id;
  found->second->lease.expires = lease.expires;
  return true;
}

void Pipeline::forget(const Visit& visit) {
  const auto found = under_way_.find(visit.lease.poll);
  if (found != under_way_.end() && found->second == &visit) under_way_.erase(found);
}

/// The request, unless the host wants to be left alone.
net::awaitable<void> Pipeline::ask(Visit& visit) {
  visit.terms = visit.catalogue->terms(*visit.source);
  Conditions conditions = poll::conditions(visit.lease.state, visit.terms);
  visit.report.url = fetch::redacted(conditions.url);
  if (const auto later = wait_for_host(conditions.url, visit.now)) {
    co_await put_off(visit, *later);
    co_return;
  }
  fetch::Request request = Catalogue::request(*visit.source, std::move(conditions));
  request.on_start = [this, &visit](std::string url) { return may_send(visit, std::move(url)); };
  const auto start = Steady::now();
  update_gauges();
  Result<fetch::Response> answer = co_await fetcher_.fetch(std::move(request));
  update_gauges();
  if (visit.later) {
    co_await put_off(visit, *visit.later);
    co_return;
  }
  if (visit.lost) {
    visit.report.end = visit.sent ? Report::End::outdated : Report::End::dropped;
    co_return;
  }
  visit.report.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - start);
  // Rounded up: whole seconds are kept, and a gap must never come out shorter than it was planned.
  visit.now = std::chrono::ceil<Seconds>(world_.clock.wall());
  if (answer) {
    visit.response = std::move(*answer);
    visit.report.elapsed = visit.response->elapsed;
  } else if (answer.error().code() == Errc::interrupted) {
    // Asked and not answered: an attempt all the same, so that many restarts in a row add no request.
    visit.report.end = visit.sent ? Report::End::interrupted : Report::End::dropped;
    co_await give_back(visit, visit.sent ? visit.now + least_gap(visit.terms) : visit.now,
                       visit.sent ? "riverd was stopped while asking it" : "");
    co_return;
  } else {
    visit.failure = answer.error();
  }
  metrics_.fetch_time.record(std::chrono::duration<double>(visit.report.elapsed).count());
  co_await read(visit);
  co_await conclude(visit);
}

/// Right before a request, and before each one that a redirect leads to: that host's patience, which may have ended while
/// the poll waited, and the lease.
net::awaitable<bool> Pipeline::may_send(Visit& visit, std::string url) {
  visit.later = hosts_.forbidden_until(host_key(url), world_.clock.now(), world_.random());
  if (visit.later) co_return false;
  const bool held = co_await hold(visit);
  visit.lost = !held;
  if (!held || visit.sent) co_return held;
  visit.sent = true;
  const std::optional<Time> due = visit.lease.state.next_poll;
  const auto late = due ? world_.clock.wall() - *due : Clock::Milliseconds(0);
  metrics_.start_lateness.record(std::max(0.0, std::chrono::duration<double>(late).count()));
  co_return true;
}

/// Whether the lease lasts for a request that starts now. What waited for long renews it; else its URL would be handed out,
/// and asked, once more meanwhile.
net::awaitable<bool> Pipeline::hold(Visit& visit) {
  const Time now = world_.clock.now();
  const Seconds whole = lease_time();
  if (visit.lease.expires - now > whole / 2) co_return true;
  const std::uint64_t before = visit.lease.id;
  auto work = [lease = visit.lease, until = now + whole, &store = world_.store] { return store.renew(lease, until); };
  const auto renewed = co_await blocking(store_pool_, std::move(work));
  if (visit.lease.id != before) co_return true;  // taken over meanwhile
  if (renewed) visit.lease.expires = now + whole;
  co_return renewed.has_value();
}

net::awaitable<void> Pipeline::put_off(Visit& visit, Delay delay) {
  // Where a redirect led to that host, others on the way were asked.
  const Time until = visit.sent ? std::max(delay.until, world_.clock.now() + least_gap(visit.terms)) : delay.until;
  visit.report.end = Report::End::deferred;
  visit.report.next_poll = until;
  co_await give_back(visit, until, delay.why);
}

/// When to come back where the host wants to be left alone, or has a long queue; nothing: now.
std::optional<Delay> Pipeline::wait_for_host(const std::string& url, Time now) {
  if (queues_ == Queues::short_ones) {
    const auto parsed = fetch::parse_url(url);
    const std::size_t queued = parsed ? fetcher_.waiting_for(parsed->host) : 0;
    if (queued >= kLongQueue) {
      // About as long as the queue takes at ten a second, and apart from the others that are sent away now.
      const double seconds = static_cast<double>(queued) / 10 * (1 + world_.random());
      return Delay{now + Seconds(1 + static_cast<std::int64_t>(seconds)), "its host has a long queue"};
    }
  }
  return hosts_.start_or_wait(host_key(url), now, world_.random());
}

/// The document, where there is one that is not known already.
net::awaitable<void> Pipeline::read(Visit& visit) {
  if (!visit.response || visit.response->status != 200) co_return;
  visit.body_hash = body_hash(visit.response->body);
  if (body_is_known(visit.lease.state, visit.body_hash)) co_return;
  const auto start = Steady::now();
  const Counted counted(metrics_.parsing);
  const std::string& body = visit.response->body;
  auto& pool = body.size() > kLarge ? large_pool_ : parse_pool_;
  auto work = [&visit, &store = world_.store] {
    const fetch::Response& response = *visit.response;
    const Document document{response.body, response.url, response.content_type};
    return read_document(document, visit.lease, *visit.catalogue, store);
  };
  visit.read = co_await blocking(pool, std::move(work));
  metrics_.parse_time.record(seconds_since(start));
}

void Pipeline::decide(Visit& visit) {
  Poll poll;
  poll.before = visit.lease.state;
  poll.failure = visit.failure;
  poll.now = visit.now;
  poll.spread = world_.random();
  std::string peer;
  std::string url = asked_url(visit.lease.state, visit.terms);
  if (visit.response) {
    poll.response = &*visit.response;
    poll.body_hash = visit.body_hash;
    poll.conditional = visit.response->conditional;
    peer = visit.response->remote_address;
    url = visit.response->url;
  }
  if (visit.read) {
    poll.reading.emplace();
    poll.reading->error = visit.read->error;
    poll.reading->breaks_off = visit.read->breaks_off;
    for (const auto& document : visit.read->documents) poll.reading->documents.push_back(&document.document);
  }
  poll.host = hosts_.find(host_key(url, peer));
  visit.settled = settle(poll, visit.terms, budget_.price(steady_now()));
}

/// Whether a poll asked this URL, at its beginning or on its way.
bool has_asked(const Terms& terms, const fetch::Response& response, const std::string& url) {
  const auto plain = [](const std::string& text) {
    const auto parsed = fetch::parse_url(text);
    return parsed ? parsed->text : text;
  };
  const std::string wanted = plain(url);
  return wanted == plain(terms.url) || wanted == response.url ||
         std::any_of(response.hops.begin(), response.hops.end(), [&](const fetch::Hop& hop) { return hop.location == wanted; });
}

/// A page where a feed should be: the feed it names is asked from the next poll on. Only while the source never gave a
/// feed: a site in trouble shows pages too. One step, no further; and a page that names itself leads nowhere.
bool follow_linked_feed(const ReadDocument& read, const Terms& terms, const fetch::Response& response, Time now, Settled& settled) {
  storage::PollState& state = settled.state;
  if (read.linked_feed.empty() || state.last_success) return false;
  if (has_asked(terms, response, read.linked_feed)) return false;
  state.effective_url = read.linked_feed;
  state.error += "; its feed " + read.linked_feed + " is asked from the next poll on";
  settled.event = "a web page, not a feed: asking " + read.linked_feed + " from now on";
  const Seconds wait = terms.interval.value_or(std::min(kLinkedFeedAfter, state.interval));
  state.next_poll = now + wait;
  state.interval = wait;
  state.next_poll_reason = "the page names a feed";
  return true;
}

/// The outcome of a poll whose posts the store refused: nothing of it counts as seen.
void without_documents(storage::PollOutcome& outcome, const std::string& why) {
  outcome.documents.clear();
  storage::PollState& state = outcome.state;
  state.state = storage::State::failing;
  state.error = why;
  ++state.consecutive_failures;
  if (!state.failing_since) state.failing_since = outcome.at;
  state.etag.clear();
  state.last_modified.clear();
  state.body_hash = 0;
}

net::awaitable<void> Pipeline::conclude(Visit& visit) {
  decide(visit);
  Report& report = visit.report;
  const bool by_config = asked_url(visit.lease.state, visit.terms) == visit.terms.url;
  if (by_config && visit.read && follow_linked_feed(*visit.read, visit.terms, *visit.response, visit.now, visit.settled)) {
    report.linked_feed = visit.read->linked_feed;
  }
  const storage::PollState& state = visit.settled.state;
  const std::uint64_t unchanged = state.not_modified - visit.lease.state.not_modified;
  report.end = visit.settled.failed ? Report::End::failed
               : unchanged > 0      ? Report::End::not_modified
                                    : Report::End::updated;
  report.status = state.http_status;
  report.error = state.error;
  report.event = visit.settled.event;
  report.next_poll = state.next_poll;
  if (visit.response) {
    report.bytes = visit.response->bytes;
    report.url = visit.response->url;
    visit.response->body = {};
  }
  tell_budget(visit);
  if (visit.settled.host) {
    hosts_.set(*visit.settled.host);
    auto save = [host = *visit.settled.host, &store = world_.store] { return store.save_host(host); };
    auto saved = co_await blocking(store_pool_, std::move(save));
    static_cast<void>(saved);  // remembered in memory; the next one tries again
  }
  auto outcome = std::make_shared<storage::PollOutcome>();
  outcome->lease = visit.lease;
  outcome->state = std::move(visit.settled.state);
  outcome->at = world_.clock.now();
  if (visit.read && !visit.settled.failed) outcome->documents = std::move(visit.read->documents);
  visit.read.reset();
  if (!outcome->documents.empty()) {
    auto prepare = [outcome] {
      for (storage::SourcePosts& document : outcome->documents) storage::prepare(document);
    };
    co_await blocking(parse_pool_, std::move(prepare));
  }
  const Result<void> kept = co_await keep(outcome, visit);
  if (kept) co_return;
  if (kept.error().code() == Errc::lost) {
    report.end = Report::End::outdated;
    report.event.clear();
    report.linked_feed.clear();
    report.next_poll.reset();
    co_return;
  }
  report.end = Report::End::interrupted;
  if (stopping_) {
    const Time due = outcome->state.next_poll.value_or(visit.now + least_gap(visit.terms));
    co_await give_back(visit, due, "what it answered could not be kept");
    co_return;
  }
  if (outcome->documents.empty()) co_return;
  // Something in the document cannot be stored: that is the source's failure, and its next poll waits as planned.
  without_documents(*outcome, report.error);
  report.end = Report::End::failed;
  static_cast<void>(co_await keep(std::move(outcome), visit));
}

/// Whether a record that was refused is tried again; keeps in mind since when the store takes nothing.
bool Pipeline::tries_again(const Error& trouble) {
  if (!may_pass(trouble) || stopping_) return false;
  if (store_trouble_.empty()) trouble_since_ = Steady::now();
  store_trouble_ = trouble.message();
  return insists(trouble, std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - trouble_since_));
}

/// Records until the store takes it: nothing that was read is dropped because a disk is full for a while.
net::awaitable<Result<void>> Pipeline::keep(std::shared_ptr<storage::PollOutcome> outcome, Visit& visit) {
  const auto start = Steady::now();
  const Counted counted(metrics_.recording);
  Report& report = visit.report;
  Result<void> kept;
  while (true) {
    outcome->lease.id = visit.lease.id;  // taken over, where it ran out meanwhile
    Result<storage::Recorded> recorded = co_await record(world_.store, outcome, network_);
    if (recorded) {
      report.recorded = *recorded;
      store_trouble_.clear();
      report.error = outcome->state.error;
      kept = {};
      break;
    }
    kept = recorded.error();
    report.error = recorded.error().message();
    if (recorded.error().code() == Errc::lost) {
      store_trouble_.clear();  // the store does take what is ours
      if (visit.lease.id != outcome->lease.id) continue;
      break;
    }
    if (!tries_again(recorded.error())) break;
    net::steady_timer wait(network_, kRetry);
    co_await wait.async_wait(net::as_tuple(net::use_awaitable));
  }
  metrics_.record_time.record(seconds_since(start));
  co_return kept;
}

net::awaitable<void> Pipeline::give_back(Visit& visit, Time due, std::string_view reason) {
  forget(visit);
  auto work = [lease = visit.lease, due, reason, &store = world_.store] { return store.release(lease, due, reason); };
  auto released = co_await blocking(store_pool_, std::move(work));
  static_cast<void>(released);  // else the lease ends by itself
}

void Pipeline::tell_budget(const Visit& visit) {
  const bool shares = !visit.terms.interval && visit.settled.state.next_poll;
  if (!shares) {
    budget_.forget(visit.lease.poll);
  } else if (visit.settled.demand) {
    budget_.polled(visit.lease.poll, *visit.settled.demand, steady_now());
  } else {
    budget_.spent(steady_now());
  }
}

void Pipeline::count(const Report& report) {
  update_gauges();
  if (report.end >= Report::End::deferred) return;
  ++metrics_.polls;
  if (report.end == Report::End::not_modified) ++metrics_.not_modified;
  if (report.end == Report::End::failed) ++metrics_.failed;
  metrics_.bytes += report.bytes;
  metrics_.new_posts += report.recorded.new_posts;
  metrics_.updated_posts += report.recorded.updated_posts;
}

void Pipeline::update_gauges() {
  metrics_.active = fetcher_.active();
  metrics_.waiting = fetcher_.waiting();
}

}  // namespace riverd::poll
