#pragma once
/// `riverd serve` while it runs: signals, reloads, housekeeping, the end.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "daemon/articles/articles.h"
#include "daemon/commands/clock.h"
#include "daemon/http/server.h"
#include "daemon/poll/poller.h"
#include "storage/store.h"

namespace riverd::commands {

class Daemon {
 public:
  ///   network   run by the thread that calls run(), and by no other
  Daemon(boost::asio::io_context& network, storage::Store& store, std::shared_ptr<const config::Config> config,
         std::vector<http::Listener> listeners);

  /// Starts to serve and to poll. Errors: of the server.
  [[nodiscard]] Result<void> start();
  /// Where the river is: a URL, or unix:PATH.
  [[nodiscard]] std::string url() const { return server_.url(); }
  /// Until a signal ends it.
  void run();

 private:
  void listen_for_signals();
  void begin_stop(int signal);
  boost::asio::awaitable<void> stop();
  boost::asio::awaitable<void> reload();
  boost::asio::awaitable<void> feed_watchdog(std::chrono::milliseconds interval);
  boost::asio::awaitable<void> keep_house();
  void spawn(boost::asio::awaitable<void> task, const char* name);
  void report(const poll::Report& report);
  boost::asio::awaitable<void> tell_status();
  boost::asio::awaitable<std::string> look_at_status();
  void name_what_waits_for_a_restart() const;
  static void report_trouble(const std::string& trouble);
  static void report_page(const articles::Report& report);

  boost::asio::io_context& network_;
  storage::Store& store_;
  std::shared_ptr<const config::Config> config_;
  const std::string store_path_;  ///< in effect since the start, as is where it listens
  const std::string listen_;
  SystemClock clock_;
  poll::Poller poller_;
  articles::Articles articles_;
  http::Server server_;
  boost::asio::thread_pool pool_{2};  ///< what waits: pings, pruning, reading a config
  boost::asio::signal_set signals_;
  boost::asio::steady_timer housekeeping_;
  boost::asio::steady_timer status_;
  std::string told_status_;
  bool stopping_ = false;
  bool reloading_ = false;
  bool reload_again_ = false;
};

}  // namespace riverd::commands
