#include "daemon/http/server.h"

#include <spdlog/spdlog.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "daemon/http/acceptor.h"
#include "daemon/http/dispatcher.h"

namespace riverd::http {
namespace {

namespace asio = boost::asio;

ServerOptions complete(ServerOptions options) {
  if (!options.clock)
    options.clock = [] { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); };
  return options;
}

}  // namespace

class Server::Impl {
 public:
  Impl(std::vector<Listener> listeners, ServerOptions options, storage::Store& store, Engine& engine, PageHandler pages)
      : options_(complete(std::move(options))),
        store_(store),
        link_(std::make_shared<Link>()),
        dispatcher_(network_, options_, store, engine, std::move(pages), freshness_),
        timer_(network_) {
    link_->server = this;
    for (const auto& listener : listeners) {
      auto bound = describe(listener);
      if (!bound) {
        broken_ = bound.error();
        bound = BoundTo{};
      }
      if (url_.empty()) {
        url_ = bound->url;
        port_ = bound->port;
      }
      acceptors_.push_back(std::make_unique<Acceptor>(network_, dispatcher_, listener, *bound));
    }
    dispatcher_.use(make_settings(options_.config, base_url(), options_.clock()));
  }

  ~Impl() {
    stop(std::chrono::milliseconds(0));
    const std::lock_guard lock(link_->mutex);
    link_->server = nullptr;
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    if (broken_) return *broken_;
    // The listener first: a change between the two is then seen twice, never missed.
    store_.on_change([link = link_](storage::Seq seq) {
      const std::lock_guard lock(link->mutex);
      if (link->server) link->server->changed(seq);
    });
    const auto totals = store_.totals();
    if (!totals) return totals.error().during("start the HTTP server");
    raise(freshness_.seq, totals->seq);
    const Time epoch{};
    raise(freshness_.changed, (totals->changed > epoch ? totals->changed : options_.clock()).time_since_epoch().count());
    asio::post(network_, [this] {
      for (const auto& acceptor : acceptors_) acceptor->start();
      tick();
    });
    thread_ = std::thread([this] { work(); });
    return {};
  }

  void reload(const config::Server& config) {
    asio::post(network_, [this, settings = make_settings(config, base_url(), options_.clock())] { dispatcher_.use(settings); });
  }

  void invalidate() {
    raise(freshness_.changed, options_.clock().time_since_epoch().count());
    asio::post(network_, [this] { dispatcher_.forget_answers(); });
  }

  bool answers(std::chrono::milliseconds patience) {
    const auto answered = std::make_shared<std::promise<void>>();
    auto answer = answered->get_future();
    asio::post(network_, [answered] { answered->set_value(); });
    const auto end = std::chrono::steady_clock::now() + patience;
    while (answer.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
      if (network_.stopped() || std::chrono::steady_clock::now() > end) return false;
    }
    return true;
  }

  void stop(std::chrono::milliseconds grace) {
    if (!thread_.joinable()) return;
    asio::post(network_, [this, end = std::chrono::steady_clock::now() + grace] {
      for (const auto& acceptor : acceptors_) acceptor->stop();
      dispatcher_.connections().drain();
      drain_until(end);
    });
    thread_.join();
    dispatcher_.stop_workers();
  }

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  /// What the store's listener holds on to: it may outlive the server.
  struct Link {
    std::mutex mutex;
    Impl* server = nullptr;
  };

  static void raise(std::atomic<std::int64_t>& value, std::int64_t to) {
    std::int64_t now = value.load();
    while (now < to && !value.compare_exchange_weak(now, to)) {
    }
  }

  [[nodiscard]] std::string base_url() const { return url_.starts_with("http") ? url_ : "http://localhost"; }

  void changed(storage::Seq seq) {
    raise(freshness_.changed, options_.clock().time_since_epoch().count());
    raise(freshness_.seq, seq);
    if (!change_posted_.exchange(true)) {
      asio::post(network_, [this] {
        change_posted_ = false;
        dispatcher_.store_changed();
      });
    }
  }

  void work() {
    for (;;) {
      try {
        network_.run();
        return;
      } catch (const std::exception& error) {
        spdlog::error("the HTTP server's thread goes on after an error error=\"{}\"", error.what());
      }
    }
  }

  void tick() {
    timer_.expires_after(options_.tick);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      dispatcher_.tick();
      tick();
    });
  }

  void drain_until(std::chrono::steady_clock::time_point end) {
    const auto& connections = dispatcher_.connections();
    const bool done = connections.size() == connections.count(Stage::lingering);  // their answers are written
    if (done || std::chrono::steady_clock::now() >= end) {
      dispatcher_.connections().close_all();
      network_.stop();
      return;
    }
    timer_.expires_after(std::chrono::milliseconds(10));
    timer_.async_wait([this, end](const boost::system::error_code&) { drain_until(end); });
  }

  const ServerOptions options_;
  storage::Store& store_;
  std::shared_ptr<Link> link_;
  std::optional<Error> broken_;  ///< why a listener cannot be used
  std::string url_;
  std::uint16_t port_ = 0;
  Freshness freshness_;
  std::atomic<bool> change_posted_{false};

  asio::io_context network_{1};
  asio::executor_work_guard<asio::io_context::executor_type> keep_running_{network_.get_executor()};
  Dispatcher dispatcher_;
  asio::steady_timer timer_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::thread thread_;
};

Server::Server(std::vector<Listener> listeners, ServerOptions options, storage::Store& store, Engine& engine,
               PageHandler pages)
    : impl_(std::make_unique<Impl>(std::move(listeners), std::move(options), store, engine, std::move(pages))) {}

Server::~Server() = default;

Result<void> Server::start() { return impl_->start(); }
void Server::reload(const config::Server& config) { impl_->reload(config); }
void Server::invalidate() { impl_->invalidate(); }
bool Server::answers(std::chrono::milliseconds patience) { return impl_->answers(patience); }
void Server::stop(std::chrono::milliseconds grace) { impl_->stop(grace); }
std::string Server::url() const { return impl_->url(); }
std::uint16_t Server::port() const { return impl_->port(); }

}  // namespace riverd::http
