#pragma once
/// What the HTTP server needs of the poller, and nothing more: the poller implements it, tests fake it.
/// Header only, so that an implementation needs no part of the server.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace riverd::http {

/// Durations in buckets, as Prometheus wants them. record() may be called from any thread; it never locks.
class Histogram {
 public:
  /// Upper bounds in seconds; what is longer counts in the last bucket (+Inf).
  static constexpr std::array<double, 14> kBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                     0.1,    0.25,  0.5,    1.0,   2.5,  10.0,  60.0};
  struct Snapshot {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};  ///< a bucket each, not cumulated
    double sum = 0;                                          ///< seconds
  };

  void record(double seconds) {
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
    counts_[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(1, std::memory_order_relaxed);
    sum_us_.fetch_add(static_cast<std::uint64_t>(std::max(0.0, seconds) * 1e6), std::memory_order_relaxed);
  }

  [[nodiscard]] Snapshot snapshot() const {
    Snapshot out;
    for (std::size_t i = 0; i < out.counts.size(); ++i) out.counts[i] = counts_[i].load(std::memory_order_relaxed);
    out.sum = static_cast<double>(sum_us_.load(std::memory_order_relaxed)) / 1e6;
    return out;
  }

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> sum_us_{0};
};

/// Counters since the start, and gauges of this moment, of polling.
struct PollStats {
  std::uint64_t polls = 0;           ///< finished, whatever came of them
  std::uint64_t not_modified = 0;    ///< of these: 304, or the same body again
  std::uint64_t failed = 0;          ///< of these: no usable answer
  std::uint64_t bytes = 0;           ///< received, as transferred
  std::uint64_t new_posts = 0;
  std::uint64_t updated_posts = 0;
  std::uint64_t pages_complete = 0;  ///< stories' pages that became articles
  std::uint64_t pages_failed = 0;    ///< given up: their posts keep the feed's text
  std::uint64_t active = 0;          ///< transfers under way
  std::uint64_t waiting = 0;         ///< claimed, waiting for a slot or for their host
  std::uint64_t parsing = 0;         ///< documents waiting for or in the parsing pool
  std::uint64_t recording = 0;       ///< outcomes given to the store, not yet committed
  double lateness_seconds = 0;       ///< how far the most overdue source is behind its time; 0: none is
  Histogram::Snapshot fetch;         ///< time of a transfer
  Histogram::Snapshot parse;         ///< time of reading and normalising a document
  Histogram::Snapshot record;        ///< time from record() to its commit
  Histogram::Snapshot lateness;      ///< start of a poll against the time it was due
};

/// Whether polling goes on. `ok` false turns /healthz red.
struct PollHealth {
  bool ok = true;
  std::string detail;                ///< one sentence for people where not ok: "the store is out of space, polling paused"
  std::optional<Time> last_poll;     ///< when a poll ended last
  std::optional<Time> next_due;
};

/// All calls may come from any thread; none may block longer than a quick read of the store.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Asks for a poll of one source now, due or not, and returns once it is under way or queued.
  /// Errors: not_found; busy when it is being polled already or a Retry-After forbids; interrupted while stopping.
  virtual Result<void> poll_now(std::string_view source) = 0;

  [[nodiscard]] virtual PollHealth health() const = 0;
  [[nodiscard]] virtual PollStats stats() const = 0;
};

}  // namespace riverd::http
