#include "storage/sqlite/writer.h"

#include <algorithm>
#include <exception>
#include <future>

namespace riverd::storage::sqlite {
namespace {

using namespace std::chrono_literals;

// One group: enough that a sync to disk serves many polls, small enough that nobody waits long for its commit.
constexpr std::size_t kMaxJobs = 256;
constexpr std::size_t kMaxBytes = 8U << 20U;
constexpr auto kMaxWork = 100ms;
constexpr auto kIdle = 1s;  // between looks for commits of other processes
constexpr int kTidyShare = 10;  // of the time, one part of so many goes to tidying while there is something to tidy
constexpr auto kTidyPause = 50ms;  // at least between two steps: a sync for each

/// Whether the fault may be one job's own (a broken row), so that the others deserve a try without it.
bool of_one_job(const Error& error) { return error.code() == Errc::internal || error.code() == Errc::too_large; }

}  // namespace

Writer::Writer(std::unique_ptr<Database> db, WriterOptions options) : options_(options), db_(std::move(db)) {
  sqlite3_busy_handler(
      db_->handle(), [](void* self, int tries) noexcept { return static_cast<Writer*>(self)->wait_for_lock(tries); }, this);
  announced_ = read_counter(*db_, "seq");
  db_->forget_error();
  tidy_at_ = Clock::now() + options_.tidy_after;
  thread_ = std::thread([this] { loop(); });
}

Writer::~Writer() {
  stopping_ = true;
  {
    const std::lock_guard lock(mutex_);
    wake_.notify_all();
  }
  thread_.join();
}

void Writer::submit(Job job) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
  wake_.notify_one();
}

Result<void> Writer::run(std::function<void(Batch&)> work, bool outside) {
  std::promise<Result<void>> promise;
  auto result = promise.get_future();
  Job job;
  job.work = std::move(work);
  job.finished = [&promise](Result<void> outcome) { promise.set_value(std::move(outcome)); };
  job.outside = outside;
  submit(std::move(job));
  return result.get();
}

void Writer::on_change(std::function<void(Seq)> listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

void Writer::loop() {
  while (true) {
    auto group = next_group();
    if (!group.empty()) {
      group.front().outside ? run_outside(group.front()) : run_group(group);
    } else if (stopping_) {
      return;
    } else {
      tidy();
      look_for_other_writers();
    }
  }
}

std::vector<Writer::Job> Writer::next_group() {
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, next_look(), [this] { return !jobs_.empty() || stopping_; });
  std::vector<Job> group;
  std::size_t bytes = 0;
  while (!jobs_.empty() && group.size() < kMaxJobs && bytes < kMaxBytes) {
    if (jobs_.front().outside && !group.empty()) break;
    bytes += jobs_.front().bytes;
    group.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
    if (group.back().outside) break;
  }
  return group;
}

void Writer::run_group(std::vector<Job>& group) {
  std::size_t taken = 0;
  const auto committed = commit_group(group, taken);
  if (taken < group.size()) put_back(group, taken);
  if (!committed && taken > 1 && of_one_job(committed.error())) {
    for (std::size_t i = 0; i < taken; ++i) {
      std::vector<Job> alone;
      alone.push_back(std::move(group[i]));
      run_group(alone);
    }
    return;
  }
  for (std::size_t i = 0; i < taken; ++i) {
    group[i].finished(committed ? Result<void>() : Result<void>(committed.error()));
  }
  if (committed) announce(*committed);
}

Result<Seq> Writer::commit_group(std::vector<Job>& group, std::size_t& taken) {
  const auto began = Clock::now();
  db_->forget_error();
  Transaction transaction(*db_, Transaction::Kind::write);
  Batch batch(*db_);
  for (taken = 0; taken < group.size() && db_->ok() && (taken == 0 || Clock::now() - began < kMaxWork); ++taken) {
    guarded([&] { group[taken].work(batch); });
  }
  if (!db_->ok() && !of_one_job(*db_->error())) taken = group.size();
  guarded([&] { batch.flush(); });
  if (auto committed = transaction.commit(); !committed) return committed.error();
  return batch.seq();
}

void Writer::run_outside(Job& job) {
  db_->forget_error();
  Batch batch(*db_);
  guarded([&] { job.work(batch); });
  job.finished(db_->ok() ? Result<void>() : Result<void>(*db_->error()));
}

/// No exception leaves the thread: it becomes the connection's error.
template <class Work>
void Writer::guarded(Work&& work) {
  try {
    work();
  } catch (const std::exception& fault) {
    db_->fail(Error(Errc::internal, std::string("store: ") + fault.what()));
  }
}

void Writer::put_back(std::vector<Job>& group, std::size_t from) {
  const std::lock_guard lock(mutex_);
  while (group.size() > from) {
    jobs_.push_front(std::move(group.back()));
    group.pop_back();
  }
}

/// When the thread wakes though nothing was submitted.
Writer::Clock::time_point Writer::next_look() const {
  const auto idle = Clock::now() + kIdle;
  return untidy() ? std::min(idle, tidy_at_) : idle;
}

void Writer::tidy() {
  const auto began = Clock::now();
  if (!untidy() || began < tidy_at_) return;
  db_->forget_error();
  bool more = false;
  bool done = false;
  {
    Transaction transaction(*db_, Transaction::Kind::write);
    guarded([&] { more = options_.tidy(*db_); });
    done = transaction.commit().has_value();
  }
  const auto now = Clock::now();
  if (done && more) {
    tidy_at_ = now + std::max<Clock::duration>(kTidyPause, (kTidyShare - 1) * (now - began));
    return;
  }
  if (done) tidied_ = announced_;
  tidy_at_ = now + options_.tidy_after;  // of what failed, too
}

void Writer::look_for_other_writers() {
  db_->forget_error();
  std::int64_t version = 0;
  {
    Query query(*db_, "PRAGMA data_version");
    if (query.step()) version = query.integer(0);
  }
  if (!db_->ok() || version == data_version_) return;
  data_version_ = version;
  const Seq seq = read_counter(*db_, "seq");
  if (db_->ok()) announce(seq);
}

void Writer::announce(Seq seq) {
  if (seq == announced_) return;
  if (!untidy()) tidy_at_ = Clock::now() + options_.tidy_after;
  announced_ = seq;
  std::function<void(Seq)> listener;
  {
    const std::lock_guard lock(mutex_);
    listener = listener_;
  }
  if (listener) listener(seq);
}

int Writer::wait_for_lock(int tries) {
  if (tries == 0) lock_wait_began_ = Clock::now();
  const auto limit = stopping_ ? std::min(options_.lock_limit, std::chrono::milliseconds(500)) : options_.lock_limit;
  if (Clock::now() - lock_wait_began_ >= limit) return 0;
  std::this_thread::sleep_for(tries < 20 ? 1ms : 10ms);
  return 1;
}

}  // namespace riverd::storage::sqlite
