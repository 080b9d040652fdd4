#include "storage/sqlite/database.h"

#include <cassert>

namespace riverd::storage::sqlite {
namespace {

Errc kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return Errc::no_space;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Errc::busy;
    case SQLITE_INTERRUPT: return Errc::interrupted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Errc::corrupt;
    case SQLITE_TOOBIG: return Errc::too_large;
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_AUTH: return Errc::io;
    default: return Errc::internal;
  }
}

constexpr int kStepsBetweenLooks = 2000;  // virtual machine steps: well under a millisecond

int look_at_clock(void* database) noexcept { return static_cast<Database*>(database)->over_time() ? 1 : 0; }

}  // namespace

Error failure(sqlite3* db, int code, std::string_view action) {
  if (code == SQLITE_INTERRUPT) return Error(kind_of(code), "it took too long and was stopped").during(action);
  const char* why = db != nullptr && sqlite3_errcode(db) != SQLITE_OK ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  return Error(kind_of(code), std::string(why)).during(action);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | (mode == Mode::write ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  std::unique_ptr<Database> database(new Database(raw));
  if (code != SQLITE_OK) return failure(raw, code, "open " + path);
  sqlite3_extended_result_codes(raw, 1);
  return database;
}

void Database::execute(const char* sql) {
  if (error_) return;
  const int code = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(failure(db_.get(), code, "store"));
}

void Database::limit_time(std::chrono::milliseconds limit) {
  limited_ = limit.count() > 0;
  deadline_ = std::chrono::steady_clock::now() + limit;
  sqlite3_progress_handler(db_.get(), limited_ ? kStepsBetweenLooks : 0, limited_ ? look_at_clock : nullptr, this);
}

bool Database::over_time() const { return limited_ && std::chrono::steady_clock::now() >= deadline_; }

void Database::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

Database::Statement Database::take(const char* sql) {
  if (error_) return nullptr;
  if (const auto found = idle_.find(sql); found != idle_.end() && found->second) return std::move(found->second);
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) fail(failure(db_.get(), code, "store"));
  return Statement(raw);
}

void Database::give_back(const char* sql, Statement statement) { idle_[sql] = std::move(statement); }

Query::~Query() {
  if (!statement_) return;
  sqlite3_reset(statement_.get());           // an unreset statement would hold back the checkpoint
  sqlite3_clear_bindings(statement_.get());  // reset alone keeps the bound text alive
  db_.give_back(sql_, std::move(statement_));
}

bool Query::step() {
  if (!statement_ || !db_.ok()) return false;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) db_.fail(failure(db_.handle(), code, "store"));
  return false;
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

std::string_view Query::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::optional<std::string> Query::optional_string(int column) const {
  if (is_null(column)) return std::nullopt;
  return string(column);
}

std::optional<Time> Query::time(int column) const {
  if (is_null(column)) return std::nullopt;
  return Time(Seconds(integer(column)));
}

void Query::bind(std::string_view text) {
  const char* bytes = text.data() == nullptr ? "" : text.data();
  check(sqlite3_bind_text64(statement_.get(), ++next_, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Query::bind(Kept kept) {
  const char* bytes = kept.text.data() == nullptr ? "" : kept.text.data();
  check(sqlite3_bind_text64(statement_.get(), ++next_, bytes, kept.text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Query::bind(Blob blob) {
  const char* bytes = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
  check(sqlite3_bind_blob64(statement_.get(), ++next_, bytes, blob.bytes.size(), SQLITE_TRANSIENT));
}

void Query::check(int code) {
  if (code != SQLITE_OK) db_.fail(failure(db_.handle(), code, "store"));
}

Transaction::Transaction(Database& db, Kind kind) : db_(db) {
  db_.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (db_.in_transaction()) sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::commit() {
  db_.execute("COMMIT");
  if (!db_.ok()) return *db_.error();
  return {};
}

}  // namespace riverd::storage::sqlite
