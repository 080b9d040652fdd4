#pragma once
/// From a request to its answer: who may ask, whether the answer is at hand, who makes it. Runs on the network thread and
/// sends what needs the store to the workers.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/http/api.h"
#include "daemon/http/auth.h"
#include "daemon/http/cache.h"
#include "daemon/http/connection_table.h"
#include "daemon/http/events.h"
#include "daemon/http/health.h"
#include "daemon/http/routes.h"
#include "daemon/http/server.h"
#include "daemon/http/target.h"
#include "daemon/http/witness.h"

namespace riverd::http {

class Dispatcher : public ConnectionOwner {
 public:
  Dispatcher(boost::asio::io_context& network, const ServerOptions& options, storage::Store& store, Engine& engine,
             PageHandler pages, Freshness& freshness);
  ~Dispatcher() override;

  void use(std::shared_ptr<const Settings> settings);
  [[nodiscard]] const Settings& settings() const { return *settings_; }
  void forget_answers();
  void store_changed();
  void tick();
  void stop_workers() { workers_.stop(); }
  [[nodiscard]] ConnectionTable& connections() { return connections_; }

  // ConnectionOwner
  void handle(Connection& connection) override;
  std::shared_ptr<const Answer> refusal(const Refusal& refusal) override;
  std::string_view date_field() override;
  std::string_view cors_fields(std::string_view origin) override;
  void moved(Connection& connection) override;
  const Timeouts& timeouts() const override { return timeouts_; }
  const Limits& limits() const override { return limits_; }
  Traffic& traffic() override { return traffic_; }

 private:
  using Clock = std::chrono::steady_clock;
  using ConnectionRef = std::shared_ptr<Connection>;

  /// A request on its way, as far as it is known.
  struct Exchange {
    ConnectionRef connection;
    Credentials credentials;
    bool gzip = false;
    Route route;
    Target target;
    std::string key;  ///< of its answer in the cache
  };

  [[nodiscard]] bool admits(const Connection& connection, std::string_view host) const;
  [[nodiscard]] bool read_credentials(Exchange& exchange);
  [[nodiscard]] bool answer_from_cache(Exchange& exchange);
  void route(Exchange exchange);
  void options(const Exchange& exchange);
  [[nodiscard]] bool authorised(const Exchange& exchange);
  void deny(const Exchange& exchange);
  void refuse_guess(Connection& connection);
  void deny_later(const Exchange& exchange, std::function<void()> answer);
  void serve(Exchange exchange);
  void events(const Exchange& exchange);
  void sign_in(Exchange exchange);
  void wrong_sign_in(const Exchange& exchange, const std::string& next);
  void sign_out(const Exchange& exchange);

  [[nodiscard]] Request to_request(const Exchange& exchange) const;
  [[nodiscard]] Response call(Resource resource, const Request& request);
  void run(Exchange exchange, Request request);
  void give(Connection& connection, const std::shared_ptr<const Answer>& answer);
  void finish(const std::string& flight, const std::shared_ptr<const Answer>& answer);
  void respond(Connection& connection, Response response);

  boost::asio::io_context& network_;
  const ServerOptions& options_;
  storage::Store& store_;
  Engine& engine_;
  const PageHandler pages_;
  Freshness& freshness_;
  const Timeouts timeouts_;
  const Limits limits_;
  const std::function<Time()> clock_;

  std::shared_ptr<const Settings> settings_;
  Traffic traffic_;
  Histogram handling_;
  Histogram store_time_;
  PostJson json_;
  Api api_;
  StoreProbe probe_;
  Witness witness_;
  std::atomic<std::size_t> cache_bytes_{0};

  // The network thread's.
  AnswerCache cache_;
  Throttle throttle_;
  ConnectionTable connections_;
  std::unordered_map<std::string, std::vector<ConnectionRef>> flights_;  ///< answers being made, and who waits
  std::uint64_t generation_ = 0;  ///< of answers: a reload begins a new one
  std::string date_;
  Time date_of_{};
  std::string cors_;
  Clock::time_point next_comment_;

  EventHub hub_;
  Workers workers_;  ///< last: its jobs use all of the above
};

}  // namespace riverd::http
