#pragma once
/// One SQLite connection, its prepared statements, and the guards that use them.
///
/// Errors are sticky, as in a stream: the first one is kept, every later statement does nothing, and whoever ends the
/// transaction looks once. So code that writes a dozen rows stays straight, and what follows a failure is never committed.

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace riverd::storage::sqlite {

/// Bytes that are bound as a BLOB, not as TEXT.
struct Blob {
  std::string_view bytes;
};

/// Text that outlives the Query it is bound to: SQLite reads it where it is.
struct Kept {
  std::string_view text;
};

/// The failure of a connection's last call, as one of ours: what was being done, and SQLite's word for why.
[[nodiscard]] Error failure(sqlite3* db, int code, std::string_view action);

class Database {
 public:
  enum class Mode : std::uint8_t { write, read };

  /// Opens a file. `write` creates it where it is absent.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::string& path, Mode mode);

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs statements that return nothing.
  void execute(const char* sql);

  /// Waits at most so long for a lock that another connection holds.
  void wait_for_locks(std::chrono::milliseconds limit) { sqlite3_busy_timeout(handle(), static_cast<int>(limit.count())); }

  /// From now on statements end with interrupted after `limit`; zero: no limit.
  void limit_time(std::chrono::milliseconds limit);
  [[nodiscard]] bool over_time() const;

  [[nodiscard]] bool ok() const { return !error_; }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  void fail(Error error);
  void forget_error() { error_.reset(); }

  [[nodiscard]] std::int64_t last_insert() const { return sqlite3_last_insert_rowid(db_.get()); }
  [[nodiscard]] std::int64_t changes() const { return sqlite3_changes64(db_.get()); }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  [[nodiscard]] sqlite3* handle() const { return db_.get(); }

 private:
  friend class Query;
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  explicit Database(sqlite3* db) : db_(db) {}
  Statement take(const char* sql);             ///< a statement that is not in use; null after an error
  void give_back(const char* sql, Statement statement);

  std::unique_ptr<sqlite3, Close> db_;
  std::unordered_map<const char*, Statement> idle_;  ///< by the address of a constant text; closed before db_
  std::optional<Error> error_;
  std::chrono::steady_clock::time_point deadline_;
  bool limited_ = false;
};

/// One execution of a prepared statement. `sql` is a constant: its address is what the statement is kept under.
class Query {
 public:
  template <class... Values>
  Query(Database& db, const char* sql, const Values&... values) : db_(db), sql_(sql), statement_(db.take(sql)) {
    if (statement_) (bind(values), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// The next row; false at the end and after an error.
  bool step();
  /// Runs a statement that returns no row.
  void run() { (void)step(); }

  [[nodiscard]] std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  [[nodiscard]] bool is_null(int column) const;
  /// Text and blobs: valid until the next step.
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::string string(int column) const { return std::string(text(column)); }
  [[nodiscard]] std::optional<std::string> optional_string(int column) const;
  [[nodiscard]] std::optional<Time> time(int column) const;

  /// Binds the next parameter, from 1 upwards.
  void bind(std::nullopt_t) { ++next_; }
  void bind(std::int64_t value) { check(sqlite3_bind_int64(statement_.get(), ++next_, value)); }
  void bind(std::string_view text);
  void bind(Blob blob);
  void bind(Kept kept);
  void bind(Time time) { bind(static_cast<std::int64_t>(time.time_since_epoch().count())); }
  void bind(const std::string& text) { bind(std::string_view(text)); }
  void bind(const char* text) { bind(std::string_view(text)); }
  template <class T>
  void bind(const std::optional<T>& value) {
    value ? bind(*value) : bind(std::nullopt);
  }

 private:
  void check(int code);

  Database& db_;
  const char* sql_;
  Database::Statement statement_;
  int next_ = 0;
};

/// A transaction that rolls back unless committed.
class Transaction {
 public:
  enum class Kind : std::uint8_t { write, read };
  Transaction(Database& db, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// The connection's sticky error, if any statement failed; then nothing was committed.
  [[nodiscard]] Result<void> commit();

 private:
  Database& db_;
};

}  // namespace riverd::storage::sqlite
