#pragma once
/// The threads that ask the store, so that the network thread never waits for a disk.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace riverd::http {

/// How long a job may take at worst; slow kinds never hold every thread.
enum class Lane : std::uint8_t {
  quick,   ///< health, metrics: has a thread even when all else is stuck
  query,   ///< a page of posts
  search,  ///< full text
  write,   ///< waits for the store's writer, and for whoever else holds its lock: one at a time, on a thread that no read needs
};

/// A fixed number of threads and a bounded queue for each lane.
class Workers {
 public:
  using Job = std::function<void()>;

  ///   threads   at least 3: one is left for quick jobs, and searches hold half of the others at most
  ///   bound     jobs that may wait in one lane
  explicit Workers(std::size_t threads, std::size_t bound);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Queues a job; false when its lane is full or stop() was called. A job must not throw.
  [[nodiscard]] bool run(Lane lane, Job job);

  /// Drops what waits, lets what runs end, joins.
  void stop();

  [[nodiscard]] std::size_t waiting() const;

 private:
  static constexpr std::size_t kLanes = 4;
  static constexpr std::size_t kReads = 3;  ///< the lanes before Lane::write
  void work();
  /// Whether one more job of a lane may run: it counts in the bounds of all quicker lanes, too.
  [[nodiscard]] bool has_room(std::size_t lane) const;
  /// The lane whose next job may start now; kLanes when none.
  [[nodiscard]] std::size_t next_lane() const;

  const std::size_t bound_;
  const std::size_t most_[kLanes];  ///< jobs of this lane and the slower ones (but writes) that may run at once

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queues_[kLanes];
  std::size_t running_[kLanes] = {};
  bool stopping_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace riverd::http
