#pragma once
/// The pages of stories: claims what is due, host by host, a few at a time, after the polls.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "daemon/articles/visitor.h"
#include "daemon/poll/pipeline.h"
#include "storage/store.h"

namespace riverd::articles {

/// What became of one page, for logs and totals.
struct Report {
  std::string name;  ///< of the source
  std::string url;   ///< without credentials
  storage::PageOutcome::End end = storage::PageOutcome::End::unused;
  std::string problem;
  storage::PageRecorded recorded;
};

/// All calls on the network thread.
class Articles {
 public:
  using Listener = std::function<void(const Report&)>;

  ///   network   run by one thread
  ///   pipeline  the polls'; outlives this object
  Articles(boost::asio::io_context& network, poll::World world, poll::Pipeline& pipeline, Listener listener);

  /// Fetches pages from now on, for ever.
  void start();
  /// Something may be due: a poll found new stories, or the config changed.
  void poke();
  /// Accepts nothing any more; visits end soon, as their transfers do (the pipeline's fetcher is stopped by
  /// its owner).
  void stop();
  /// Waits until all is recorded, at most `limit`.
  boost::asio::awaitable<void> drained(std::chrono::milliseconds limit);

  struct Totals {
    std::uint64_t wanted = 0;  ///< when it began
    std::size_t complete = 0;
    std::size_t failed = 0;  ///< given up
  };
  using Progress = std::function<void(const Totals&)>;
  /// Fetches what is due now, later tries of what fails left out, and returns: `riverd update`. At most for
  /// `limit`.
  boost::asio::awaitable<Totals> finish(std::chrono::seconds limit, Progress progress);

 private:
  boost::asio::awaitable<void> loop();
  boost::asio::awaitable<bool> claim();
  boost::asio::awaitable<Report> handle(storage::PageLease lease);
  boost::asio::awaitable<void> keep(std::shared_ptr<const storage::PageOutcome> outcome, Report& report);
  boost::asio::awaitable<std::optional<Time>> next_due();
  boost::asio::awaitable<void> wait(std::chrono::milliseconds time);
  void launch(storage::PageLease lease);
  void finished(const Report& report);
  [[nodiscard]] std::chrono::milliseconds until(std::optional<Time> due) const;

  boost::asio::io_context& network_;
  const poll::World world_;
  poll::Pipeline& pipeline_;
  const Listener listener_;
  Visitor visitor_;
  boost::asio::steady_timer wake_;
  boost::asio::steady_timer drained_;
  std::size_t in_flight_ = 0;
  bool looping_ = false;
  bool poked_ = false;
  bool stopping_ = false;
  Totals totals_;
};

}  // namespace riverd::articles
