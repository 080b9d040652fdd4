#include "daemon/commands/daemon.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <exception>

#include "daemon/commands/log.h"
#include "daemon/commands/service.h"
#include "daemon/http/page/handler.h"
#include "daemon/poll/blocking.h"

namespace riverd::commands {

namespace net = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr auto kStopPolling = 4000ms;   // all of it ends within 5 s of a signal
constexpr auto kStopServing = 2000ms;
constexpr auto kHousekeeping = 1h;
constexpr auto kFirstHousekeeping = 60s;

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

http::ServerOptions server_options(const config::Config& config) {
  http::ServerOptions options;
  options.config = config.server;
  options.version = RIVERD_VERSION;
  return options;
}

}  // namespace

Daemon::Daemon(net::io_context& network, storage::Store& store, std::shared_ptr<const config::Config> config,
               std::vector<http::Listener> listeners)
    : network_(network),
      store_(store),
      config_(std::move(config)),
      poller_(network, poll::World{store, clock_, random_numbers()}, config_,
              [this](const poll::Report& report) { this->report(report); }),
      server_(std::move(listeners), server_options(*config_), store, poller_,
              http::make_page_handler(store, [this] { return clock_.now(); })),
      signals_(network),
      housekeeping_(network) {}

Result<void> Daemon::start() {
  if (auto started = server_.start(); !started) return started.error();
  listen_for_signals();
  poller_.start();
  spawn(keep_house(), "housekeeping");
  if (const auto interval = watchdog_interval()) spawn(feed_watchdog(*interval), "watchdog");
  notify_ready(status());
  return {};
}

void Daemon::run() { network_.run(); }

/// A task that fails is said, never swallowed.
void Daemon::spawn(net::awaitable<void> task, const char* name) {
  net::co_spawn(network_, std::move(task), [this, name](const std::exception_ptr& error) {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& fault) {
      log_error("a task of the daemon failed", {{"task", name}, {"error", fault.what()}});
    }
    if (stopping_) network_.stop();
  });
}

void Daemon::listen_for_signals() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal);
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      spawn(reload(), "reload");
    } else {
      begin_stop(signal);
    }
    if (!stopping_) listen_for_signals();
  });
}

void Daemon::begin_stop(int signal) {
  stopping_ = true;
  log_info("stopping", {{"signal", signal == SIGINT ? "INT" : "TERM"}});
  notify_stopping();
  housekeeping_.cancel();
  spawn(stop(), "stop");
}

net::awaitable<void> Daemon::stop() {
  // Both at once: the server's part blocks, so it has a thread of its own.
  net::thread_pool serving(1);
  net::post(serving, [this] { server_.stop(kStopServing); });
  co_await poller_.stop(kStopPolling);
  serving.join();
  network_.stop();
}

net::awaitable<void> Daemon::reload() {
  if (reloading_) {
    reload_again_ = true;
    co_return;
  }
  reloading_ = true;
  notify_reloading();
  auto read = [file = config_->file] { return config::load(file); };
  auto loaded = co_await poll::blocking(pool_, std::move(read));
  if (!loaded) {
    log_error("the config cannot be read, the one in force stays", {{"error", loaded.error().message()}});
  } else if (!loaded->ok()) {
    for (const auto& mistake : loaded->errors) log_error("a mistake in the config", {{"error", mistake.text()}});
    log_error("the config has mistakes, the one in force stays", {{"file", config_->file}});
  } else {
    for (const auto& warning : loaded->warnings) log_warning("the config", {{"warning", warning.text()}});
    auto next = std::make_shared<const config::Config>(std::move(loaded->config));
    const auto synced = co_await poller_.reload(next);
    if (!synced) {
      log_error("the store did not take the new config, the one in force stays", {{"error", synced.error().message()}});
    } else {
      if (next->storage.path != config_->storage.path || next->server.listen != config_->server.listen) {
        log_warning("storage.path and server.listen change with a restart only");
      }
      config_ = std::move(next);
      set_log_level(config_->log.level);
      server_.reload(config_->server);
      server_.invalidate();
      log_info("the config was read again", {{"file", config_->file}, {"sources", std::to_string(config_->sources.size())}});
    }
  }
  reloading_ = false;
  notify_ready(status());
  if (std::exchange(reload_again_, false) && !stopping_) spawn(reload(), "reload");
}

/// Alive means working: the network thread turns, and the store answers (that it has no room is an answer too).
net::awaitable<void> Daemon::feed_watchdog(std::chrono::milliseconds interval) {
  net::steady_timer timer(network_);
  while (!stopping_) {
    auto ping = [this] { return store_.ping(); };
    const auto answered = co_await poll::blocking(pool_, std::move(ping));
    notify_watchdog();
    notify_status(answered ? status() : "the store is in trouble: " + answered.error().message());
    timer.expires_after(interval / 3);
    co_await timer.async_wait(net::as_tuple(net::use_awaitable));
  }
}

/// Retention, now and then.
net::awaitable<void> Daemon::keep_house() {
  auto wait = std::chrono::duration_cast<std::chrono::seconds>(kFirstHousekeeping);
  while (!stopping_) {
    housekeeping_.expires_after(wait);
    co_await housekeeping_.async_wait(net::as_tuple(net::use_awaitable));
    if (stopping_) break;
    wait = kHousekeeping;
    const config::Storage& bounds = config_->storage;
    if (!bounds.keep && bounds.keep_posts == 0) continue;
    auto prune = [this, retention = storage::Retention{bounds.keep, bounds.keep_posts}, now = clock_.now()] {
      return store_.prune(retention, now);
    };
    const auto pruned = co_await poll::blocking(pool_, std::move(prune));
    if (!pruned) {
      log_warning("old posts were not dropped", {{"error", pruned.error().message()}});
    } else if (*pruned > 0) {
      log_info("old posts dropped", {{"posts", std::to_string(*pruned)}});
      server_.invalidate();
    }
  }
}

void Daemon::report(const poll::Report& report) {
  using End = poll::Report::End;
  const std::string names = joined(report.names);
  if (!report.event.empty()) {
    log_info(report.event, {{"source", names}, {"url", report.url}, {"status", report.status == 0 ? "" : std::to_string(report.status)}});
  }
  if (report.end == End::interrupted && !report.error.empty()) {
    log_error("a poll was not recorded", {{"source", names}, {"url", report.url}, {"error", report.error}});
  }
  if (!log_is_debug()) return;
  constexpr const char* kEnds[] = {"updated", "not modified", "failed", "deferred", "dropped", "interrupted"};
  log_debug("polled", {{"source", names},
                       {"url", report.url},
                       {"status", report.status == 0 ? "" : std::to_string(report.status)},
                       {"ms", std::to_string(report.elapsed.count())},
                       {"bytes", std::to_string(report.bytes)},
                       {"end", kEnds[static_cast<std::size_t>(report.end)]},
                       {"new", std::to_string(report.recorded.new_posts)},
                       {"updated", std::to_string(report.recorded.updated_posts)},
                       {"next", report.next_poll ? rfc3339(*report.next_poll) : ""},
                       {"error", report.error}});
}

std::string Daemon::status() const {
  const auto health = poller_.health();
  if (!health.ok) return health.detail;
  return std::to_string(config_->sources.size()) + " sources, " + std::to_string(poller_.stats().polls) + " polls";
}

}  // namespace riverd::commands
