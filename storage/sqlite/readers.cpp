#include "storage/sqlite/readers.h"

#include "storage/sqlite/schema.h"

namespace riverd::storage::sqlite {
namespace {

constexpr std::chrono::milliseconds kLockLimit{1000};  // readers wait for a lock only while another process recovers the log

}  // namespace

Result<std::unique_ptr<Database>> Readers::open() const {
  auto db = Database::open(path_, Database::Mode::read);
  if (!db) return db;
  (*db)->wait_for_locks(kLockLimit);
  if (auto ready = prepare_connection(**db, cache_bytes_, Database::Mode::read); !ready) return ready.error();
  return db;
}

Result<std::unique_ptr<Database>> Readers::take() {
  {
    std::unique_lock lock(mutex_);
    const bool free = freed_.wait_for(lock, query_limit_, [this] { return !idle_.empty() || opened_ < most_; });
    if (!free) return Error(Errc::busy, "read: all connections are in use");
    if (!idle_.empty()) {
      auto db = std::move(idle_.back());
      idle_.pop_back();
      return db;
    }
    ++opened_;
  }
  auto db = open();
  if (!db) {
    const std::lock_guard lock(mutex_);
    --opened_;
  }
  return db;
}

void Readers::give_back(std::unique_ptr<Database> db) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(db));
  freed_.notify_one();
}

}  // namespace riverd::storage::sqlite
