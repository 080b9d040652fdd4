#include "daemon/poll/poller.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <exception>

#include "daemon/poll/blocking.h"
#include "daemon/poll/outcome.h"

namespace riverd::poll {

namespace net = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatch = 256;              // leases claimed in one transaction
constexpr std::size_t kWorthwhile = 64;          // free places that are worth a claim
constexpr std::size_t kMostInFlight = 2048;      // so that one slow host cannot fill all of it
constexpr std::chrono::milliseconds kLongest = 5s;   // between looks at the store and the clock
constexpr std::chrono::milliseconds kAfterTrouble = 2s;
constexpr Clock::Milliseconds kJump = 2s;        // the wall clock against the running one
constexpr std::uint64_t kTidyEvery = 1000;       // turns of the loop
constexpr Clock::Milliseconds kHeedOthers = 60s;  // between looks at what other processes did
constexpr Clock::Milliseconds kStalled = 60s;    // without a turn of the loop: polling has stopped

}  // namespace

Poller::Poller(net::io_context& network, World world, std::shared_ptr<const config::Config> config, Listener listener,
               Troubled troubled, Noticed noticed)
    : network_(network),
      world_(std::move(world)),
      listener_(std::move(listener)),
      troubled_(std::move(troubled)),
      noticed_(std::move(noticed)),
      pipeline_(network.get_executor(), world_, std::make_shared<const Catalogue>(std::move(config)),
                Pipeline::Queues::short_ones),
      wake_(network),
      drained_(network, std::chrono::steady_clock::time_point::max()) {
  lease_seconds_ = pipeline_.lease_time().count();
  heartbeat_ms_ = world_.clock.running().count();
  heeded_others_ = world_.clock.running();
  wall_offset_ = world_.clock.wall().time_since_epoch() - world_.clock.running();
}

Poller::~Poller() = default;

Seconds Poller::first_polls_within(const config::Config& config, std::uint64_t known) {
  const std::uint64_t fresh = config.sources.size() - std::min<std::uint64_t>(known, config.sources.size());
  return std::min({Seconds(1 + fresh / 2), config.schedule.min_interval / 2, Seconds(1800)});
}

void Poller::start() {
  looping_ = true;
  net::co_spawn(network_, loop(), [this](const std::exception_ptr& error) {
    looping_ = false;
    if (error) set_trouble("polling stopped by an internal error");
    drained_.cancel();
  });
}

net::awaitable<void> Poller::loop() {
  auto load = [&store = world_.store] { return store.hosts(); };
  auto hosts = co_await blocking(pipeline_.store_pool(), std::move(load));
  if (hosts) pipeline_.hosts().load(*hosts);
  co_await mend_due_times();
  co_await pipeline_.learn_demands();
  for (std::uint64_t turn = 1; !stopping_; ++turn) {
    heartbeat_ms_ = world_.clock.running().count();
    if (turn % kTidyEvery == 0) pipeline_.hosts().tidy(world_.clock.now());
    co_await follow_clock();
    co_await heed_others();
    const std::size_t free = room();
    if (free >= kWorthwhile && pipeline_.store_trouble().empty()) {
      const std::size_t claimed = co_await claim(std::min(free, kBatch));
      if (claimed == std::min(free, kBatch) && claimed > 0) continue;  // there may be more
    } else if (!pipeline_.store_trouble().empty()) {
      set_trouble("polling is paused until the store takes what was read: " + pipeline_.store_trouble());
    }
    co_await look_ahead();
    if (stopping_) break;
    if (!std::exchange(poked_, false)) {
      wake_.expires_after(pause());
      co_await wake_.async_wait(net::as_tuple(net::use_awaitable));
      poked_ = false;
    }
  }
}

std::size_t Poller::room() const {
  const std::size_t concurrency = pipeline_.catalogue()->config().fetch.concurrency;
  const std::size_t most = std::max(kMostInFlight, concurrency * 4);
  return most > in_flight_ ? most - in_flight_ : 0;
}

net::awaitable<std::size_t> Poller::claim(std::size_t most) {
  const Time now = world_.clock.now();
  auto work = [&store = world_.store, now, most, lease = pipeline_.lease_time()] { return store.claim(now, most, lease); };
  auto leases = co_await blocking(pipeline_.store_pool(), std::move(work));
  if (!leases) {
    set_trouble("polling is paused, the store cannot be written: " + leases.error().message());
    co_return 0;
  }
  set_trouble("");
  const std::size_t count = leases->size();
  for (storage::Lease& lease : *leases) launch(std::move(lease));
  co_return count;
}

void Poller::launch(storage::Lease lease) {
  if (pipeline_.take_over(lease)) return;
  ++in_flight_;
  net::co_spawn(network_, pipeline_.poll(std::move(lease)), [this](const std::exception_ptr& error, const Report& report) {
    --in_flight_;
    if (!error) finished(report);
    if (stopping_ && in_flight_ == 0) drained_.cancel();
    if (room() == kWorthwhile) poke();
  });
}

void Poller::finished(const Report& report) {
  if (report.end < Report::End::deferred) {
    const std::lock_guard lock(mutex_);
    last_poll_ = world_.clock.now();
  }
  if (report.next_poll && (!next_due_ || *report.next_poll < *next_due_)) {  // before the loop would look again
    next_due_ = report.next_poll;
    poke();
  }
  if (listener_) listener_(report);
}

/// An `update` beside us may have been told by a host to leave it alone.
net::awaitable<void> Poller::heed_others() {
  const auto running = world_.clock.running();
  if (running - heeded_others_ < kHeedOthers) co_return;
  heeded_others_ = running;
  auto load = [&store = world_.store] { return store.hosts(); };
  const auto hosts = co_await blocking(pipeline_.store_pool(), std::move(load));
  if (hosts) pipeline_.hosts().merge(*hosts, world_.clock.now());
  if (!reloading_) co_await keep_sources();
}

/// A command with another config tells this store of other sources: those of ours that are not among them would never be due
/// again, and nobody would hear of it.
net::awaitable<void> Poller::keep_sources() {
  const unsigned reloads = reloads_;
  auto sync = [&store = world_.store, catalogue = pipeline_.catalogue(), now = world_.clock.now()] {
    return store.sync_sources(configured_sources(catalogue->config()), now, first_polls_within(catalogue->config(), catalogue->size()));
  };
  const auto changed = co_await blocking(pipeline_.store_pool(), std::move(sync));
  if (reloads != reloads_) {
    heeded_others_ -= kHeedOthers;  // which of the two configs came last is not known: once more
    co_return;
  }
  if (changed && *changed && noticed_) {
    noticed_("another riverd with another config has changed the sources of this store; they are as configured here again. "
             "Give each config a storage.path of its own");
  }
}

/// When the loop must look again: the next whole second in which something is due.
net::awaitable<void> Poller::look_ahead() {
  auto work = [&store = world_.store] { return store.next_due(); };
  auto due = co_await blocking(pipeline_.store_pool(), std::move(work));
  next_due_ = due ? *due : std::nullopt;
  const auto late = next_due_ ? world_.clock.wall() - *next_due_ : Clock::Milliseconds(0);
  pipeline_.metrics().lateness = std::max(0.0, std::chrono::duration<double>(late).count());
  const std::lock_guard lock(mutex_);
  shown_due_ = next_due_;
}

std::chrono::milliseconds Poller::pause() const {
  {
    const std::lock_guard lock(mutex_);
    if (!trouble_.empty()) return kAfterTrouble;
  }
  if (!next_due_) return kLongest;
  const Clock::Milliseconds until = *next_due_ - world_.clock.wall();
  if (until <= 0ms) return 250ms;  // overdue, but not to be had: no places, or somebody else's
  return std::min(until + 1ms, kLongest);
}

/// The wall clock was set, by hand or by a time server: what was planned moves with it. Sleep of the machine is no jump.
net::awaitable<void> Poller::follow_clock() {
  const auto offset = world_.clock.wall().time_since_epoch() - world_.clock.running();
  const auto jump = offset - wall_offset_;
  if (jump > -kJump && jump < kJump) {
    wall_offset_ = offset;  // slow corrections are followed as they come
    co_return;
  }
  const Seconds by = std::chrono::round<Seconds>(jump);
  auto work = [&store = world_.store, by] { return store.shift_times(by); };
  const auto shifted = co_await blocking(pipeline_.store_pool(), std::move(work));
  if (!shifted) co_return set_trouble("polling is paused, the clock was set: " + shifted.error().message());
  wall_offset_ = offset;
  pipeline_.hosts().shift(by);
}

/// Due times that cannot have been planned by this config and this clock: from before the clock was set back while we were
/// away, or from a longer interval than the one configured now.
net::awaitable<void> Poller::mend_due_times() {
  struct Mend {
    std::string name;
    Time due;
    const char* reason;
  };
  auto work = [this, catalogue = pipeline_.catalogue(), now = world_.clock.now()]() -> Result<void> {
    std::vector<Mend> mends;
    std::uint64_t salt = static_cast<std::uint64_t>(now.time_since_epoch().count());
    auto seen = world_.store.each_source([&](storage::SourceView&& view) {
      const config::Source* source = catalogue->find(view.name);
      if (source == nullptr || stopping_) return !stopping_;
      salt = salt * 6364136223846793005U + 1442695040888963407U;
      const double spread = static_cast<double>(salt >> 40U) / static_cast<double>(1U << 24U);
      const Terms terms = catalogue->terms(*source);
      const char* reason = "the clock was set";
      auto due = mend_due(view.state, terms, now, spread);
      const bool waits = view.state.not_before && *view.state.not_before > now;
      const bool healthy = view.state.consecutive_failures == 0;
      if (!due && terms.interval && view.state.next_poll && healthy && !waits &&
          *view.state.next_poll > now + *terms.interval + *terms.interval / 4 && view.state.interval > *terms.interval) {
        const auto longer = static_cast<double>(terms.interval->count());
        due = now + Seconds(static_cast<std::int64_t>(spread * longer));
        reason = "its interval is shorter now";
      }
      if (due) mends.push_back({view.name, *due, reason});
      return true;
    });
    if (!seen) return seen.error();
    for (const Mend& mend : mends) {
      if (stopping_) break;
      heartbeat_ms_ = world_.clock.running().count();  // many may have to be mended
      auto lease = world_.store.claim_source(mend.name, now, 10s);
      if (lease) static_cast<void>(world_.store.release(*lease, mend.due, mend.reason));
    }
    return {};
  };
  const auto mended = co_await blocking(pipeline_.store_pool(), std::move(work));
  if (!mended) set_trouble("polling is paused: " + mended.error().message());
}

net::awaitable<Result<void>> Poller::reload(std::shared_ptr<const config::Config> config) {
  ++reloads_;
  reloading_ = true;
  auto sync = [&store = world_.store, config, now = world_.clock.now(), known = pipeline_.catalogue()->size()] {
    return store.sync_sources(configured_sources(*config), now, first_polls_within(*config, known));
  };
  auto synced = co_await blocking(pipeline_.store_pool(), std::move(sync));
  reloading_ = false;
  if (!synced) co_return synced.error();
  pipeline_.set_catalogue(std::make_shared<const Catalogue>(std::move(config)));
  lease_seconds_ = pipeline_.lease_time().count();
  co_await mend_due_times();
  co_await pipeline_.learn_demands();
  poke();
  co_return Result<void>();
}

net::awaitable<void> Poller::stop(std::chrono::milliseconds limit) {
  stopping_ = true;
  poke();
  pipeline_.stop();
  net::steady_timer deadline(network_, limit);
  deadline.async_wait([this](const boost::system::error_code& error) {
    if (!error) drained_.cancel();
  });
  const auto until = std::chrono::steady_clock::now() + limit;
  while ((in_flight_ > 0 || looping_) && std::chrono::steady_clock::now() < until) {
    co_await drained_.async_wait(net::as_tuple(net::use_awaitable));
  }
}

Result<void> Poller::poll_now(std::string_view source) {
  if (stopping_) return Error(Errc::interrupted, "poll " + std::string(source) + ": riverd is stopping");
  auto lease = world_.store.claim_source(source, world_.clock.now(), Seconds(lease_seconds_));
  if (!lease) return lease.error();
  net::post(network_, [this, lease = std::move(*lease)]() mutable { launch(std::move(lease)); });
  return {};
}

void Poller::poke() {
  poked_ = true;
  wake_.cancel();
}

void Poller::set_trouble(const std::string& trouble) {
  bool turned = false;
  {
    const std::lock_guard lock(mutex_);
    turned = trouble_.empty() != trouble.empty();
    trouble_ = trouble;
  }
  if (turned && troubled_) troubled_(trouble);
}

bool Poller::stalled() const { return world_.clock.running() - Clock::Milliseconds(heartbeat_ms_) > kStalled; }

http::PollHealth Poller::health() const {
  http::PollHealth out;
  const bool silent = stalled();
  const std::lock_guard lock(mutex_);
  out.last_poll = last_poll_;
  out.next_due = shown_due_;
  out.detail = trouble_;
  if (out.detail.empty() && silent) out.detail = "polling has not moved for a minute";
  out.ok = out.detail.empty();
  return out;
}

http::PollStats Poller::stats() const {
  return const_cast<Pipeline&>(pipeline_).metrics().snapshot();
}

}  // namespace riverd::poll
