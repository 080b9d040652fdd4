#pragma once
/// /healthz and /metrics.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "daemon/http/connection.h"
#include "daemon/http/engine.h"
#include "daemon/http/request.h"
#include "storage/store.h"

namespace riverd::http {

/// Asks the store for a sign of life on a thread of its own: a store that hangs (a dead disk, a lock) hangs nobody else.
class StoreProbe {
 public:
  explicit StoreProbe(storage::Store& store);
  ~StoreProbe();
  StoreProbe(const StoreProbe&) = delete;
  StoreProbe& operator=(const StoreProbe&) = delete;

  struct Finding {
    bool ok = false;
    std::string detail;   ///< why not
    double seconds = 0;   ///< that the last answer took
  };

  /// What a ping that ended within the last second found, else that of a new one, waited for at most `patience`.
  [[nodiscard]] Finding ask(std::chrono::milliseconds patience);

 private:
  using Clock = std::chrono::steady_clock;
  void work();

  storage::Store& store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable answered_;
  std::uint64_t wanted_ = 0;    ///< pings asked for
  std::uint64_t finished_ = 0;  ///< pings answered
  Clock::time_point when_{};
  Finding finding_;
  bool stopping_ = false;
  std::thread thread_;
};

/// 200 when polling goes on and the store answers, else 503; JSON that says which part stopped, and why.
[[nodiscard]] Response health(StoreProbe& probe, const Engine& engine, storage::Store& store);

/// What /metrics tells beside the poller's own figures.
struct ServerFigures {
  const Traffic& traffic;
  const Histogram& handling;   ///< time of a request on the workers, waiting included
  const Histogram& store_time; ///< time in the store of it
  std::size_t queue = 0;       ///< requests that wait for a worker
  std::size_t cache_bytes = 0;
};

/// Prometheus text format 0.0.4.
[[nodiscard]] Response metrics(const ServerFigures& figures, const Engine& engine, storage::Store& store,
                               const std::string& version);

}  // namespace riverd::http
