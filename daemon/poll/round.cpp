#include "daemon/poll/round.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <exception>
#include <set>
#include <utility>

#include "daemon/poll/blocking.h"

namespace riverd::poll {

namespace net = boost::asio;

namespace {
constexpr std::size_t kBatch = 256;
constexpr std::size_t kMostInFlight = 1024;
Result<std::set<std::string>> gone_sources(storage::Store& store) {
  std::set<std::string> names;
  const auto seen = store.each_source([&names](storage::SourceView&& view) {
    if (view.configured && view.state.state == storage::State::gone) names.insert(std::move(view.name));
    return true;
  });
  if (!seen) return seen.error();
  return names;
}

}  // namespace

Round::Round(net::io_context& network, World world, std::shared_ptr<const Catalogue> catalogue, Listener listener,
             StoreTrouble trouble)
    : network_(network),
      world_(std::move(world)),
      listener_(std::move(listener)),
      trouble_(std::move(trouble)),
      pipeline_(network.get_executor(), world_, std::move(catalogue), Pipeline::Queues::patient,
                [this](const Error& error, std::chrono::milliseconds lasting) { return insists(error, lasting); }),
      wake_(network, std::chrono::steady_clock::time_point::max()) {}

net::awaitable<Result<Totals>> Round::poll(std::vector<std::string> names, Gone gone) {
  totals_.sources = names.size();
  if (gone == Gone::left_out) {
    auto look = [&store = world_.store] { return gone_sources(store); };
    const auto ended = co_await blocking(pipeline_.store_pool(), std::move(look));
    if (!ended) co_return ended.error();
    std::erase_if(names, [&ended](const std::string& name) { return ended->count(name) > 0; });
  }
  const Time now = world_.clock.now();
  std::size_t at = 0;
  // A batch is empty only at the end: names whose sources share a poll, or may not be asked, are passed over here.
  Claim claim = [this, &names, &at, now](std::size_t most) -> Result<std::vector<storage::Lease>> {
    while (at < names.size()) {
      const std::size_t count = std::min(most, names.size() - at);
      const std::vector<std::string> batch(names.begin() + static_cast<std::ptrdiff_t>(at),
                                           names.begin() + static_cast<std::ptrdiff_t>(at + count));
      at += count;
      auto leases = world_.store.claim_sources(batch, now, pipeline_.lease_time());
      if (!leases || !leases->empty()) return leases;
    }
    return std::vector<storage::Lease>();
  };
  const auto done = co_await run(std::move(claim));
  if (!done) co_return done.error();
  totals_.interrupted += names.size() - at;
  totals_.left_out = totals_.sources - std::min(totals_.sources, totals_.polled + totals_.interrupted);
  co_return totals_;
}

net::awaitable<Result<Totals>> Round::poll_due() {
  const Time now = world_.clock.now();
  Claim claim = [this, now](std::size_t most) { return world_.store.claim(now, most, pipeline_.lease_time()); };
  const auto done = co_await run(std::move(claim));
  if (!done) co_return done.error();
  totals_.sources = totals_.polled + totals_.interrupted;
  co_return totals_;
}

net::awaitable<Result<void>> Round::run(Claim claim) {
  auto load = [&store = world_.store] { return store.hosts(); };
  const auto hosts = co_await blocking(pipeline_.store_pool(), std::move(load));
  if (hosts) pipeline_.hosts().load(*hosts);
  co_await pipeline_.learn_demands();
  Result<void> outcome = co_await launch_all(std::move(claim));
  if (gave_up_) co_return *gave_up_;
  if (stopping_) totals_.interrupted += linked_.size();
  if (linked_.empty() || stopping_ || !outcome) co_return outcome;
  Claim linked = [this](std::size_t) {
    return world_.store.claim_sources(std::exchange(linked_, {}), world_.clock.now(), pipeline_.lease_time());
  };
  outcome = co_await launch_all(std::move(linked));
  if (gave_up_) co_return *gave_up_;
  co_return outcome;
}

/// Polls what `claim` hands out until it has no more and all of it is done.
net::awaitable<Result<void>> Round::launch_all(Claim claim) {
  bool more = true;
  Result<void> outcome;
  while (more || in_flight_ > 0) {
    if (more && !stopping_ && in_flight_ < kMostInFlight) {
      auto work = [&claim] { return claim(kBatch); };
      auto leases = co_await blocking(pipeline_.store_pool(), std::move(work));
      more = leases && !leases->empty();
      if (!leases) outcome = leases.error();
      if (leases) {
        for (storage::Lease& lease : *leases) launch(std::move(lease));
      }
      continue;
    }
    if (stopping_) more = false;
    if (in_flight_ == 0) break;
    wake_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await wake_.async_wait(net::as_tuple(net::use_awaitable));
  }
  co_return outcome;
}

void Round::launch(storage::Lease lease) {
  if (pipeline_.take_over(lease)) return;
  ++in_flight_;
  net::co_spawn(network_, pipeline_.poll(std::move(lease)), [this](const std::exception_ptr& error, const Report& report) {
    --in_flight_;
    if (!error) finished(report);
    if (in_flight_ == 0 || in_flight_ + kBatch == kMostInFlight) wake_.cancel();
  });
}

void Round::finished(const Report& report) {
  if (!report.linked_feed.empty() && !stopping_) {
    totals_.bytes += report.bytes;  // what becomes of the source is known once its feed was asked
    linked_.push_back(report.names.front());
  } else if (report.end < Report::End::deferred) {
    const std::size_t count = report.names.size();
    totals_.polled += count;
    if (report.end == Report::End::not_modified) totals_.not_modified += count;
    if (report.end == Report::End::failed) totals_.failed += count;
    totals_.new_posts += report.recorded.new_posts;
    totals_.updated_posts += report.recorded.updated_posts;
    totals_.bytes += report.bytes;
  } else if (report.end != Report::End::deferred && stopping_) {
    totals_.interrupted += report.names.size();
  } else if (report.end == Report::End::interrupted) {
    totals_.failed += report.names.size();
  }
  if (listener_) listener_(report, totals_);
}

/// A daemon waits for ever, a round does not; but a lock is somebody's who will let go of it.
bool Round::insists(const Error& trouble, std::chrono::milliseconds lasting) {
  if (!std::exchange(told_trouble_, true) && trouble_.told) trouble_.told(trouble);
  if (lasting < trouble_.patience || trouble.code() == Errc::busy) return true;
  gave_up_ = trouble;
  stop();
  return false;
}

void Round::stop() {
  stopping_ = true;
  pipeline_.stop();
  wake_.cancel();
}

}  // namespace riverd::poll
