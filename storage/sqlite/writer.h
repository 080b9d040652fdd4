#pragma once
/// The one thread that writes. Jobs that wait together are committed together.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "storage/sqlite/batch.h"
#include "storage/sqlite/database.h"

namespace riverd::storage::sqlite {

struct WriterOptions {
  std::chrono::milliseconds lock_limit{5000};
  /// What is done when nothing waits, in a transaction of its own: a small step; true where there is more of it. Begun
  /// `tidy_after` after the first commit that moved seq since there was nothing left, or since the start; what fails is tried
  /// again as late.
  std::function<bool(Database&)> tidy;
  std::chrono::milliseconds tidy_after{60'000};
};

class Writer {
 public:
  /// `work` runs inside the group's transaction, and again, alone, when a group failed because of one of its members: it
  /// must not consume what it captured. `finished` runs after the commit, or with the reason why there was none. Both run
  /// on the writer's thread; neither may throw or wait for the writer.
  struct Job {
    std::function<void(Batch&)> work;
    std::function<void(Result<void>)> finished;
    std::size_t bytes = 0;  ///< about how much it writes: groups are bounded
    bool outside = false;   ///< runs alone, without a transaction (vacuum)
  };

  Writer(std::unique_ptr<Database> db, WriterOptions options);
  ~Writer();  ///< finishes what waits
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void submit(Job job);

  /// Runs work and waits for its commit. Never from the writer's own thread.
  Result<void> run(std::function<void(Batch&)> work, bool outside = false);

  /// Called after each commit, of this process or another, that moved seq.
  void on_change(std::function<void(Seq)> listener);

 private:
  using Clock = std::chrono::steady_clock;

  void loop();
  std::vector<Job> next_group();
  void run_group(std::vector<Job>& group);
  Result<Seq> commit_group(std::vector<Job>& group, std::size_t& taken);
  void run_outside(Job& job);
  template <class Work>
  void guarded(Work&& work);
  void put_back(std::vector<Job>& group, std::size_t from);
  void look_for_other_writers();
  [[nodiscard]] bool untidy() const { return options_.tidy && tidied_ != announced_; }
  [[nodiscard]] Clock::time_point next_look() const;
  void tidy();
  void announce(Seq seq);
  int wait_for_lock(int tries);

  const WriterOptions options_;
  std::atomic<bool> stopping_{false};

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::function<void(Seq)> listener_;

  // The writer thread's own.
  std::unique_ptr<Database> db_;
  Seq announced_ = 0;
  std::int64_t data_version_ = 0;
  Clock::time_point lock_wait_began_;
  Seq tidied_ = -1;           ///< announced_ when there was nothing left to tidy
  Clock::time_point tidy_at_;  ///< no step before this

  std::thread thread_;
};

}  // namespace riverd::storage::sqlite
