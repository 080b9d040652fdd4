#include "storage/sqlite/retention.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "storage/sqlite/identity.h"
#include "storage/sqlite/post_rows.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kOldest = "SELECT number FROM post WHERE pos < ? ORDER BY pos LIMIT ?";
constexpr const char* kRemember = "INSERT INTO removed(number, id, title, date) VALUES (?, ?, ?, ?)";
constexpr const char* kForgetActivity = "DELETE FROM activity WHERE day < ?";

constexpr std::int64_t kAtOnce = 200;       // posts of one transaction: others wait a few milliseconds
constexpr int kPagesAtOnce = 2048;
constexpr std::int64_t kActivityDays = 400;

std::vector<std::int64_t> oldest(Database& db, std::int64_t before, std::int64_t most) {
  std::vector<std::int64_t> numbers;
  Query rows(db, kOldest, before, most);
  while (rows.step()) numbers.push_back(rows.integer(0));
  return numbers;
}

void remove(Batch& batch, std::int64_t number) {
  const auto row = read_row(batch.db, number);
  if (!row) return batch.db.fail(Error(Errc::corrupt, "prune: the file is damaged: an index names a post that is not there"));
  Query(batch.db, kRemember, number, row->post.id, title_digest(row->post.title), row->post.date).run();
  erase_row(batch, *row);
}

Error copy_error(sqlite3* to, int code, const std::string& path) { return failure(to, code, "back up to " + path); }

}  // namespace

std::uint64_t prune_some(Batch& batch, const Retention& retention, Time now) {
  std::vector<std::int64_t> numbers;
  if (retention.keep) numbers = oldest(batch.db, first_pos(now - *retention.keep), kAtOnce);
  if (numbers.empty() && retention.keep_posts > 0) {
    const auto surplus = read_counter(batch.db, "posts") - static_cast<std::int64_t>(retention.keep_posts);
    if (surplus > 0) numbers = oldest(batch.db, std::numeric_limits<std::int64_t>::max(), std::min(surplus, kAtOnce));
  }
  for (const auto number : numbers) remove(batch, number);
  if (!numbers.empty()) batch.touch(now);
  const auto today = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
  Query(batch.db, kForgetActivity, std::int64_t{today} - kActivityDays).run();
  return numbers.size();
}

Result<void> copy_to(Database& from, const std::string& own_path, const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::equivalent(own_path, path, ignored)) {
    return Error(Errc::invalid, "back up to " + path + ": that is the store itself");
  }
  const std::string part = path + ".part";
  std::filesystem::remove(part, ignored);
  sqlite3* raw = nullptr;
  int code = sqlite3_open_v2(part.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> to(raw, sqlite3_close);
  Transaction snapshot(from, Transaction::Kind::read);  // one state of the store, whatever is written meanwhile
  Query(from, "SELECT count(*) FROM counter").run();
  if (!from.ok()) return *from.error();
  sqlite3_backup* backup = code == SQLITE_OK ? sqlite3_backup_init(raw, "main", from.handle(), "main") : nullptr;
  if (backup != nullptr) {
    do {
      code = sqlite3_backup_step(backup, kPagesAtOnce);
    } while (code == SQLITE_OK);
    const int ended = sqlite3_backup_finish(backup);
    code = code == SQLITE_DONE ? ended : code;
  } else if (code == SQLITE_OK) {
    code = sqlite3_errcode(raw);
  }
  if (code != SQLITE_OK) {
    Error error = copy_error(raw, code, path);
    std::filesystem::remove(part, ignored);
    return error;
  }
  std::error_code failed;
  std::filesystem::rename(part, path, failed);
  if (failed) return Error(Errc::io, "back up to " + path + ": " + failed.message());
  return {};
}

}  // namespace riverd::storage::sqlite
