#include "daemon/http/workers.h"

#include <algorithm>

namespace riverd::http {

Workers::Workers(std::size_t threads, std::size_t bound)
    : bound_(bound),
      most_{std::max<std::size_t>(threads, 3), std::max<std::size_t>(threads, 3) - 1,
            std::max<std::size_t>(1, (std::max<std::size_t>(threads, 3) - 1) / 2), 1} {
  for (std::size_t i = 0; i < most_[0] + 1; ++i) threads_.emplace_back([this] { work(); });
}

Workers::~Workers() { stop(); }

bool Workers::run(Lane lane, Job job) {
  {
    const std::lock_guard lock(mutex_);
    auto& queue = queues_[static_cast<std::size_t>(lane)];
    if (stopping_ || queue.size() >= bound_) return false;
    queue.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& queue : queues_) queue.clear();
  }
  wake_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

std::size_t Workers::waiting() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& queue : queues_) count += queue.size();
  return count;
}

bool Workers::has_room(std::size_t lane) const {
  if (lane >= kReads) return running_[lane] < most_[lane];
  std::size_t running = 0;  // of this lane and all slower ones; then of the quicker ones with them
  for (std::size_t i = kReads; i-- > 0;) {
    running += running_[i];
    if (i <= lane && running >= most_[i]) return false;
  }
  return true;
}

std::size_t Workers::next_lane() const {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (!queues_[lane].empty() && has_room(lane)) return lane;
  }
  return kLanes;
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || next_lane() != kLanes; });
    if (stopping_) return;
    const std::size_t lane = next_lane();
    Job job = std::move(queues_[lane].front());
    queues_[lane].pop_front();
    ++running_[lane];
    if (next_lane() != kLanes) wake_.notify_one();  // what a lane at its bound held back may be more than one job
    lock.unlock();
    job();
    job = nullptr;  // what it holds is let go before the lock is taken again
    lock.lock();
    --running_[lane];
  }
}

}  // namespace riverd::http
