#pragma once
/// One poll's way: host's patience, request, reading, decision, record. Every way ends in one Report, and every poll that
/// was made in one PollOutcome, recorded once.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/fetch/fetcher.h"
#include "daemon/poll/catalogue.h"
#include "daemon/poll/clock.h"
#include "daemon/poll/hosts.h"
#include "daemon/poll/metrics.h"
#include "daemon/poll/reading.h"
#include "daemon/schedule/budget.h"
#include "storage/store.h"

namespace riverd::poll {

/// What comes from outside; all of it outlives the pipeline.
struct World {
  storage::Store& store;
  const Clock& clock;
  std::function<double()> random;  ///< uniform in [0,1); called on the network thread
};

/// What became of one lease, for logs and totals.
struct Report {
  enum class End : std::uint8_t {
    updated,       ///< a document was read
    not_modified,  ///< a 304, or the same body again
    failed,        ///< no usable answer; `error` says why
    deferred,      ///< not asked: its host wants to be left alone until later
    dropped,       ///< not asked: stopped, no longer configured, or somebody else's by then
    interrupted,   ///< asked, but stopped before it was recorded
    outdated,      ///< asked, but its lease had ended or its sources had changed: nothing of it counts
  };
  End end = End::dropped;
  std::vector<std::string> names;  ///< the sources that shared it
  std::string url;                 ///< that answered, or was asked
  int status = 0;
  std::string error;
  std::string event;               ///< what changed for people; empty: nothing
  std::string linked_feed;         ///< the answer was a web page: the feed it names, which the source asks from now on
  std::chrono::milliseconds elapsed{0};
  std::uint64_t bytes = 0;
  std::optional<Time> next_poll;
  storage::Recorded recorded;
};

class Pipeline {
 public:
  /// What happens to a poll whose host has a long queue already: it stays in it, or is given back until later, so that one
  /// busy host cannot fill all places.
  enum class Queues : std::uint8_t { patient, short_ones };

  /// Asked each time the store would not take what was read (a full disk, say): whether to try again.
  ///   lasting   for how long the store has taken nothing
  using Insist = std::function<bool(const Error& trouble, std::chrono::milliseconds lasting)>;

  ///   insist   empty: tries until the store takes it
  Pipeline(boost::asio::any_io_executor network, World world, std::shared_ptr<const Catalogue> catalogue, Queues queues,
           Insist insist = {});
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Polls what was claimed. On the network thread, as all calls here.
  boost::asio::awaitable<Report> poll(storage::Lease lease);

  /// Whether this poll is under way already: its lease ran out while it waited in a queue, or while the machine slept. Then
  /// it goes on in this lease, and is not to be polled once more.
  [[nodiscard]] bool take_over(const storage::Lease& lease);

  void set_catalogue(std::shared_ptr<const Catalogue> catalogue);
  [[nodiscard]] const std::shared_ptr<const Catalogue>& catalogue() const { return catalogue_; }
  /// Tells the budget what the configured sources demand, by what the store knows of them, and no others.
  boost::asio::awaitable<void> learn_demands();
  /// How long a lease must last for a poll to be made and recorded in it.
  [[nodiscard]] Seconds lease_time() const;

  [[nodiscard]] Hosts& hosts() { return hosts_; }
  /// Shared with those who fetch stories' pages: one bound of transfers over all.
  [[nodiscard]] fetch::Fetcher& fetcher() { return fetcher_; }
  [[nodiscard]] schedule::Budget& budget() { return budget_; }
  [[nodiscard]] boost::asio::thread_pool& store_pool() { return store_pool_; }
  [[nodiscard]] Metrics& metrics() { return metrics_; }
  /// Whether what the store refuses for so long is tried again, for those who record what is no poll.
  [[nodiscard]] bool insists(const Error& trouble, std::chrono::milliseconds lasting) const { return !insist_ || insist_(trouble, lasting); }
  /// Why the store would not take what was read, while polls try again; else empty.
  [[nodiscard]] const std::string& store_trouble() const { return store_trouble_; }

  /// Ends transfers; polls end soon. What was read already is still recorded.
  void stop();

 private:
  struct Visit;
  boost::asio::awaitable<void> ask(Visit& visit);
  boost::asio::awaitable<void> put_off(Visit& visit, Delay delay);
  [[nodiscard]] std::optional<Delay> wait_for_host(const std::string& url, Time now);
  boost::asio::awaitable<void> read(Visit& visit);
  boost::asio::awaitable<void> conclude(Visit& visit);
  boost::asio::awaitable<bool> may_send(Visit& visit, std::string url);
  boost::asio::awaitable<bool> hold(Visit& visit);
  boost::asio::awaitable<Result<void>> keep(std::shared_ptr<storage::PollOutcome> outcome, Visit& visit);
  [[nodiscard]] bool tries_again(const Error& trouble);
  boost::asio::awaitable<void> give_back(Visit& visit, Time due, std::string_view reason = {});
  void forget(const Visit& visit);
  void decide(Visit& visit);
  void tell_budget(const Visit& visit);
  void count(const Report& report);
  void update_gauges();
  [[nodiscard]] Time steady_now() const;

  const boost::asio::any_io_executor network_;
  const World world_;
  const Queues queues_;
  const Insist insist_;
  std::shared_ptr<const Catalogue> catalogue_;
  fetch::Fetcher fetcher_;
  boost::asio::thread_pool store_pool_{2};   ///< calls that wait for a disk
  boost::asio::thread_pool parse_pool_{2};
  boost::asio::thread_pool large_pool_{1};   ///< large documents one at a time: each takes many times its size
  std::unordered_map<std::int64_t, Visit*> under_way_;  ///< by Lease::poll; not those that are given back
  Hosts hosts_;
  schedule::Budget budget_;
  Metrics metrics_;
  std::string store_trouble_;
  std::chrono::steady_clock::time_point trouble_since_;
  bool stopping_ = false;
};

}  // namespace riverd::poll
