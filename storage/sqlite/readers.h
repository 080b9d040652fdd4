#pragma once
/// Connections that read: a few, shared, each for one short transaction at a time.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/sqlite/database.h"

namespace riverd::storage::sqlite {

class Readers {
 public:
  Readers(std::string path, std::size_t most, std::size_t cache_bytes, std::chrono::milliseconds query_limit)
      : path_(std::move(path)), most_(most), cache_bytes_(cache_bytes), query_limit_(query_limit) {}

  /// Runs `read(Database&)` in a read transaction: it sees one commit, whatever is written meanwhile. T is what `read`
  /// returns. Errors: busy when no connection came free in time, interrupted after the limit, what SQLite met.
  template <class Read>
  auto run(Read&& read) -> Result<decltype(read(std::declval<Database&>()))> {
    auto database = take();
    if (!database) return database.error();
    Database& db = **database;
    db.forget_error();
    db.limit_time(query_limit_);
    std::optional<decltype(read(db))> value;
    Result<void> ended;
    {
      Transaction transaction(db, Transaction::Kind::read);
      value.emplace(read(db));
      ended = transaction.commit();
    }
    give_back(std::move(*database));
    if (!ended) return ended.error();
    return std::move(*value);
  }

  /// A connection of one's own, without a time limit (backup).
  [[nodiscard]] Result<std::unique_ptr<Database>> open() const;

 private:
  Result<std::unique_ptr<Database>> take();
  void give_back(std::unique_ptr<Database> db);

  const std::string path_;
  const std::size_t most_;
  const std::size_t cache_bytes_;
  const std::chrono::milliseconds query_limit_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Database>> idle_;
  std::size_t opened_ = 0;
};

}  // namespace riverd::storage::sqlite
