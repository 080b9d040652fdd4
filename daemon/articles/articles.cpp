#include "daemon/articles/articles.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "daemon/fetch/url.h"
#include "daemon/poll/blocking.h"

namespace riverd::articles {

namespace net = boost::asio;

namespace {

using namespace std::chrono_literals;
using End = storage::PageOutcome::End;

constexpr std::size_t kAtOnce = 8;                  // pages, of so many hosts
constexpr std::chrono::milliseconds kLongest = 5s;  // between looks at the clock, which may be set
constexpr std::chrono::milliseconds kIdle =
    60s;  // between looks where nothing is wanted: another process may want some
constexpr std::chrono::milliseconds kRetry = 1s;  // between tries of a record that the store would not take
constexpr Seconds kLease = std::chrono::duration_cast<Seconds>(kVisitTime) + Seconds(60);

/// Store::record_page as an awaitable; resumes on `executor`.
template <class Executor>
net::awaitable<Result<storage::PageRecorded>> record(storage::Store& store,
                                                     std::shared_ptr<const storage::PageOutcome> outcome,
                                                     Executor executor) {
  auto start = [&store, executor](auto handler, std::shared_ptr<const storage::PageOutcome> what) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    store.record_page(std::move(what), [shared, executor](Result<storage::PageRecorded> recorded) {
      net::post(executor,
                [shared, recorded = std::move(recorded)]() mutable { (*shared)(std::move(recorded)); });
    });
  };
  return net::async_initiate<const net::use_awaitable_t<>&, void(Result<storage::PageRecorded>)>(
      std::move(start), net::use_awaitable, std::move(outcome));
}

/// Whether the store may take it later: a full disk, another process's lock.
bool may_pass(const Error& error) {
  const Errc code = error.code();
  return code == Errc::no_space || code == Errc::io || code == Errc::corrupt || code == Errc::timeout;
}

}  // namespace

Articles::Articles(net::io_context& network, poll::World world, poll::Pipeline& pipeline, Listener listener)
    : network_(network),
      world_(std::move(world)),
      pipeline_(pipeline),
      listener_(std::move(listener)),
      visitor_(network.get_executor(), world_, pipeline),
      wake_(network),
      drained_(network, std::chrono::steady_clock::time_point::max()) {}

void Articles::start() {
  looping_ = true;
  net::co_spawn(network_, loop(), [this](const std::exception_ptr& error) {
    looping_ = false;
    drained_.cancel();
    if (error) std::rethrow_exception(error);
  });
}

net::awaitable<void> Articles::loop() {
  while (!stopping_) {
    poked_ = false;
    if (in_flight_ < kAtOnce && pipeline_.store_trouble().empty()) {
      const bool well = co_await claim();
      if (!well) co_await wait(kLongest);
    }
    const auto due = co_await next_due();
    if (!stopping_ && !poked_) co_await wait(in_flight_ >= kAtOnce ? kLongest : until(due));
  }
}

std::chrono::milliseconds Articles::until(std::optional<Time> due) const {
  if (!due) return kIdle;
  const poll::Clock::Milliseconds left = *due - world_.clock.wall();
  return std::clamp<std::chrono::milliseconds>(left + 1ms, 250ms, kLongest);
}

/// False: the store is in trouble.
net::awaitable<bool> Articles::claim() {
  const Time now = world_.clock.now();
  const Seconds again = retry_base(pipeline_.catalogue()->config(), nullptr);
  auto work = [&store = world_.store, now, most = kAtOnce - in_flight_,
               again]() -> Result<std::vector<storage::PageLease>> {
    const auto due = store.next_page_due();  // a read, so that idle times write nothing
    if (!due) return due.error();
    if (!*due || **due > now) return std::vector<storage::PageLease>();
    return store.claim_pages(now, most, kLease, again);
  };
  auto leases = co_await poll::blocking(pipeline_.store_pool(), std::move(work));
  if (!leases) co_return false;
  for (storage::PageLease& lease : *leases) launch(std::move(lease));
  co_return true;
}

net::awaitable<std::optional<Time>> Articles::next_due() {
  auto work = [&store = world_.store] { return store.next_page_due(); };
  const auto due = co_await poll::blocking(pipeline_.store_pool(), std::move(work));
  co_return due ? *due : std::nullopt;
}

void Articles::launch(storage::PageLease lease) {
  ++in_flight_;
  net::co_spawn(network_, handle(std::move(lease)),
                [this](const std::exception_ptr& error, const Report& report) {
                  --in_flight_;
                  if (!error) finished(report);
                  if (stopping_ && in_flight_ == 0) drained_.cancel();
                  poke();
                });
}

net::awaitable<Report> Articles::handle(storage::PageLease lease) {
  Report report;
  report.name = lease.name;
  report.url = fetch::redacted(lease.url);
  storage::PageOutcome ended = co_await visitor_.visit(std::move(lease));
  auto outcome = std::make_shared<const storage::PageOutcome>(std::move(ended));
  report.end = outcome->end;
  report.problem = outcome->problem;
  co_await keep(std::move(outcome), report);
  co_return report;
}

/// Records until the store takes it: what was read is not asked for again because a disk is full for a while.
net::awaitable<void> Articles::keep(std::shared_ptr<const storage::PageOutcome> outcome, Report& report) {
  const auto start = world_.clock.running();
  while (true) {
    const auto recorded = co_await record(world_.store, outcome, network_.get_executor());
    if (recorded) {
      report.recorded = *recorded;
      co_return;
    }
    report.problem = recorded.error().message();
    if (!may_pass(recorded.error()) || stopping_) co_return;
    if (!pipeline_.insists(recorded.error(), world_.clock.running() - start)) co_return stop();
    net::steady_timer pause(network_, kRetry);
    co_await pause.async_wait(net::as_tuple(net::use_awaitable));
  }
}

void Articles::finished(const Report& report) {
  poll::Metrics& metrics = pipeline_.metrics();
  if (report.recorded.given_up) {
    ++totals_.failed;
    ++metrics.pages_failed;
  } else if (report.end == End::article) {
    ++totals_.complete;
    ++metrics.pages_complete;
  }
  if (listener_) listener_(report);
}

net::awaitable<Articles::Totals> Articles::finish(std::chrono::seconds limit, Progress progress) {
  const Time until_now = world_.clock.now() + Seconds(1);
  const auto end = world_.clock.running() + limit;
  auto count = [&store = world_.store, until_now] { return store.wanted_pages(until_now); };
  bool first = true;
  while (!stopping_ && world_.clock.running() < end) {
    auto work = count;
    const auto wanted = co_await poll::blocking(pipeline_.store_pool(), std::move(work));
    if (!wanted) break;
    if (first) totals_.wanted = *wanted;
    first = false;
    if (progress) progress(totals_);
    // What was handed out is due later than now: it ends by itself.
    if (*wanted == 0 && in_flight_ == 0) break;
    if (*wanted > 0 && in_flight_ < kAtOnce) {
      const bool well = co_await claim();
      if (!well) break;
    }
    const auto due = co_await next_due();
    if (in_flight_ == 0 && *wanted > 0 && !due) break;
    co_await wait(std::min<std::chrono::milliseconds>(until(due), 1s));
  }
  stop();
  co_await drained(std::chrono::duration_cast<std::chrono::milliseconds>(kVisitTime));
  co_return totals_;
}

net::awaitable<void> Articles::wait(std::chrono::milliseconds time) {
  wake_.expires_after(time);
  co_await wake_.async_wait(net::as_tuple(net::use_awaitable));
}

void Articles::poke() {
  poked_ = true;
  wake_.cancel();
}

void Articles::stop() {
  stopping_ = true;
  visitor_.stop();
  poke();
}

net::awaitable<void> Articles::drained(std::chrono::milliseconds limit) {
  net::steady_timer deadline(network_, limit);
  deadline.async_wait([this](const boost::system::error_code& error) {
    if (!error) drained_.cancel();
  });
  const auto until = std::chrono::steady_clock::now() + limit;
  while ((in_flight_ > 0 || looping_) && std::chrono::steady_clock::now() < until) {
    co_await drained_.async_wait(net::as_tuple(net::use_awaitable));
  }
}

}  // namespace riverd::articles
