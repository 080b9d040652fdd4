#include "storage/sqlite/retention.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>

#include "storage/sqlite/identity.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kOldest = "SELECT pos, number FROM post WHERE pos > ? AND pos < ? ORDER BY pos LIMIT ?";
constexpr const char* kOldestOfSource =
    "SELECT p.pos, p.number FROM facet_post f JOIN post p ON p.pos = f.pos "
    "WHERE f.facet = ? AND f.pos > ? AND f.pos < ? ORDER BY f.pos LIMIT ?";
constexpr const char* kSourceByName = "SELECT id FROM source WHERE name = ? AND configured";
constexpr const char* kFacet = "SELECT id FROM facet WHERE kind = ? AND key = ?";
constexpr const char* kRemember = "INSERT INTO removed(number, id, title, date) VALUES (?, ?, ?, ?)";
constexpr const char* kForgetActivity = "DELETE FROM activity WHERE day < ?";

constexpr auto kBeforeAll = std::numeric_limits<std::int64_t>::min();
constexpr int kWalksAtOnce = 200;
constexpr std::int64_t kAtOnce = 200;       // posts of one transaction: others wait a few milliseconds
constexpr int kPagesAtOnce = 2048;
constexpr std::int64_t kActivityDays = 60;

struct Place {
  std::int64_t pos;
  std::int64_t number;
};

template <class... Values>
std::vector<Place> places(Database& db, const char* sql, const Values&... values) {
  std::vector<Place> found;
  Query rows(db, sql, values...);
  while (rows.step()) found.push_back({rows.integer(0), rows.integer(1)});
  return found;
}

std::optional<PostRow> existing_row(Batch& batch, std::int64_t number) {
  auto row = read_row(batch.db, number);
  if (!row) batch.db.fail(Error(Errc::corrupt, "prune: the file is damaged: an index names a post that is not there"));
  return row;
}

void remove(Batch& batch, const PostRow& row) {
  Query(batch.db, kRemember, row.number, row.post.id, title_digest(row.post.title), row.post.date).run();
  erase_row(batch, row);
}

void forget_activity(Database& db, Time now) {
  const auto today = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
  Query(db, kForgetActivity, std::int64_t{today} - kActivityDays).run();
}

Error copy_error(sqlite3* to, int code, const std::string& path) { return failure(to, code, "back up to " + path); }

}  // namespace

/// All posts by the general term; then, where a source's own is shorter, the posts of that source.
void Pruning::plan(Database& db) {
  walks_.clear();
  own_.clear();
  if (retention_.keep) walks_.push_back({0, first_pos(now_ - *retention_.keep)});
  for (const auto& [name, keep] : retention_.sources) {
    Query source(db, kSourceByName, name);
    if (!source.step()) continue;
    own_[source.integer(0)] = keep;
    if (retention_.keep && keep >= *retention_.keep) {
      longer_ = longer_ || keep > *retention_.keep;
      continue;
    }
    Query facet(db, kFacet, static_cast<std::int64_t>(FacetKind::source), source_facet(source.integer(0)).key);
    if (facet.step()) walks_.push_back({facet.integer(0), first_pos(now_ - keep)});
  }
  planned_ = db.ok();
}

bool Pruning::is_kept(const PostRow& row) const {
  const auto carriers = sources_of(row);
  return std::ranges::any_of(carriers, [&](SourceId source) {
    const auto own = own_.find(source);
    if (own != own_.end()) return row.pos >= first_pos(now_ - own->second);
    return !retention_.keep || row.pos >= first_pos(now_ - *retention_.keep);
  });
}

/// Goes on with the present walk. Returns how many posts it looked at.
std::int64_t Pruning::walk(Batch& batch, Progress& progress) {
  const Walk& walk = walks_[progress.walk];
  const auto found = walk.facet == 0 ? places(batch.db, kOldest, progress.after, walk.before, kAtOnce)
                                     : places(batch.db, kOldestOfSource, walk.facet, progress.after, walk.before, kAtOnce);
  const bool sure = walk.facet == 0 && !longer_;  // what is older than the general term is older than every other
  for (const auto& place : found) {
    progress.after = place.pos;
    const auto row = existing_row(batch, place.number);
    if (!row) break;
    if (!sure && is_kept(*row)) continue;
    remove(batch, *row);
    ++progress.removed;
  }
  const auto looked_at = static_cast<std::int64_t>(found.size());
  if (looked_at < kAtOnce) {
    ++progress.walk;
    progress.after = kBeforeAll;
  }
  return looked_at;
}

/// Whether there were more posts than `keep_posts`.
bool Pruning::cut_surplus(Batch& batch, Progress& progress) {
  if (retention_.keep_posts == 0) return false;
  const auto surplus = read_counter(batch.db, "posts") - static_cast<std::int64_t>(retention_.keep_posts);
  if (surplus <= 0) return false;
  const auto oldest = places(batch.db, kOldest, kBeforeAll, std::numeric_limits<std::int64_t>::max(), std::min(surplus, kAtOnce));
  for (const auto& place : oldest) {
    const auto row = existing_row(batch, place.number);
    if (!row) return false;
    remove(batch, *row);
    ++progress.removed;
  }
  return !oldest.empty();
}

Pruning::Progress Pruning::step(Batch& batch, Progress from) {
  if (!planned_) plan(batch.db);
  auto progress = from;
  if (progress.walk < walks_.size()) {
    std::int64_t looked_at = 0;
    for (int i = 0; i < kWalksAtOnce && progress.walk < walks_.size() && looked_at < kAtOnce; ++i) looked_at += walk(batch, progress);
  } else if (!cut_surplus(batch, progress)) {
    forget_activity(batch.db, now_);
    progress.done = true;
  }
  if (progress.removed > from.removed) batch.touch(now_);
  return progress;
}

Result<void> copy_to(Database& from, const std::string& own_path, const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::equivalent(own_path, path, ignored)) {
    return Error(Errc::invalid, "back up to " + path + ": that is the store itself");
  }
  const auto there = std::filesystem::status(path, ignored);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    return Error(Errc::invalid, "back up to " + path + ": that is not a file");
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
