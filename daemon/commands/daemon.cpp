#include "daemon/commands/daemon.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <exception>

#include "daemon/commands/advice.h"
#include "daemon/commands/log.h"
#include "daemon/commands/river.h"
#include "daemon/commands/service.h"
#include "daemon/commands/status.h"
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
constexpr auto kStatusEvery = 2s;   // a look at counters, where a service manager shows them
constexpr auto kServerPatience = 10s;

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
      store_path_(config_->storage.path),
      listen_(config_->server.listen),
      poller_(network, poll::World{store, clock_, random_numbers()}, config_,
              [this](const poll::Report& report) { this->report(report); }, report_trouble,
              [](const std::string& what) { log_warning(what); }),
      articles_(network, poll::World{store, clock_, random_numbers()}, poller_.pipeline(), report_page),
      server_(std::move(listeners), server_options(*config_), store, poller_,
              http::make_page_handler(store, [this] { return clock_.now(); })),
      signals_(network),
      housekeeping_(network),
      status_(network) {}

Result<void> Daemon::start() {
  listen_for_signals();  // first: whoever has been answered may stop it
  if (auto started = server_.start(); !started) return started.error();
  poller_.start();
  articles_.start();
  spawn(keep_house(), "housekeeping");
  if (const auto interval = watchdog_interval()) spawn(feed_watchdog(*interval), "watchdog");
  told_status_ = status_text(store_.totals(), poller_.health());
  notify_ready(told_status_);
  if (somebody_is_notified()) spawn(tell_status(), "status");
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
  status_.cancel();
  spawn(stop(), "stop");
}

net::awaitable<void> Daemon::stop() {
  // Both at once: the server's part blocks, so it has a thread of its own.
  net::thread_pool serving(1);
  net::post(serving, [this] { server_.stop(kStopServing); });
  articles_.stop();
  const auto end = std::chrono::steady_clock::now() + kStopPolling;
  co_await poller_.stop(kStopPolling);
  co_await articles_.drained(std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()));
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
      config_ = std::move(next);
      name_what_waits_for_a_restart();
      set_log_level(config_->log.level);
      if (const auto locked = locked_reads(*config_)) log_warning(*locked);
      articles_.poke();
      server_.reload(config_->server);
      server_.invalidate();
      log_info("the config was read again", {{"file", config_->file}, {"sources", std::to_string(config_->sources.size())}});
    }
  }
  reloading_ = false;
  told_status_ = co_await look_at_status();
  if (!stopping_) notify_ready(told_status_);
  if (std::exchange(reload_again_, false) && !stopping_) spawn(reload(), "reload");
}

void Daemon::name_what_waits_for_a_restart() const {
  const auto compare = [](const char* key, const std::string& wanted, const std::string& in_effect) {
    if (wanted != in_effect) log_warning(std::string(key) + " changes with a restart only", {{"wanted", wanted}, {"in_effect", in_effect}});
  };
  compare("storage.path", config_->storage.path, store_path_);
  compare("server.listen", config_->server.listen, listen_);
}

/// Alive means working: this thread turns, the store and the HTTP server's thread answer (that there is no room is an answer
/// too), and the loop that polls moves. What hangs is not fed, and systemd starts riverd again.
net::awaitable<void> Daemon::feed_watchdog(std::chrono::milliseconds interval) {
  net::steady_timer timer(network_);
  while (!stopping_) {
    auto ask = [this] {
      static_cast<void>(store_.ping());
      return server_.answers(kServerPatience);
    };
    const bool served = co_await poll::blocking(pool_, std::move(ask));
    if (served && !poller_.stalled()) {
      notify_watchdog();
    } else {
      log_error("the watchdog is not fed", {{"reason", served ? "polling has not moved for a minute" : "the HTTP server's thread does not answer"}});
    }
    timer.expires_after(interval / 3);
    co_await timer.async_wait(net::as_tuple(net::use_awaitable));
  }
}

net::awaitable<std::string> Daemon::look_at_status() {
  auto look = [this] { return store_.totals(); };
  const auto totals = co_await poll::blocking(pool_, std::move(look));
  co_return status_text(totals, poller_.health());
}

/// Keeps the line of `systemctl status` true; says it again only when it changed.
net::awaitable<void> Daemon::tell_status() {
  while (!stopping_) {
    status_.expires_after(kStatusEvery);
    co_await status_.async_wait(net::as_tuple(net::use_awaitable));
    if (stopping_ || reloading_) continue;
    auto text = co_await look_at_status();
    if (stopping_ || reloading_ || text == told_status_) continue;
    told_status_ = std::move(text);
    notify_status(told_status_);
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
    auto retention = retention_of(*config_);
    if (keeps_all(retention)) continue;
    auto prune = [this, retention = std::move(retention), now = clock_.now()] { return store_.prune(retention, now); };
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
  if (report.recorded.wanted_pages > 0) articles_.poke();
  if (!log_is_debug()) return;
  constexpr const char* kEnds[] = {"updated", "not modified", "failed", "deferred", "dropped", "interrupted", "outdated"};
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

/// Once when polling pauses and once when it goes on, whatever is tried meanwhile.
void Daemon::report_trouble(const std::string& trouble) {
  if (trouble.empty()) {
    log_info("polling goes on");
  } else {
    log_error(trouble);
  }
}

void Daemon::report_page(const articles::Report& report) {
  if (!log_is_debug()) return;
  constexpr const char* kEnds[] = {"article", "given up", "failed", "put off", "unused", "excluded", "dropped"};
  log_debug("fetched a page", {{"source", report.name},
                               {"url", report.url},
                               {"end", kEnds[static_cast<std::size_t>(report.end)]},
                               {"error", report.problem}});
}

}  // namespace riverd::commands
