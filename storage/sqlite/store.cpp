#include "storage/sqlite/store.h"

#include <filesystem>

#include "storage/sqlite/page.h"
#include "storage/sqlite/pages.h"
#include "storage/sqlite/polls.h"
#include "storage/sqlite/post_rows.h"
#include "storage/sqlite/record.h"
#include "storage/sqlite/retention.h"
#include "storage/sqlite/schema.h"
#include "storage/sqlite/search_index.h"
#include "storage/sqlite/sources.h"
#include "storage/sqlite/summaries.h"
#include "storage/sqlite/word_pairs.h"

namespace riverd::storage {
namespace sqlite {

SqliteStore::SqliteStore(const Options& options, std::unique_ptr<Database> writer)
    : path_(options.path),
      readers_(options.path, std::max<std::size_t>(1, options.readers), options.reader_cache, options.query_limit),
      writer_(std::move(writer), {.lock_limit = options.lock_limit, .tidy = tidy_search_index, .tidy_after = options.tidy_after}) {}

Result<bool> SqliteStore::sync_sources(const std::vector<ConfiguredSource>& sources, Time now, Seconds spread) {
  bool changed = false;
  const auto done = writer_.run([&](Batch& batch) { changed = sqlite::sync_sources(batch, sources, now, spread); });
  if (!done) return done.error();
  return changed;
}

Result<std::vector<Lease>> SqliteStore::claim(Time now, std::size_t n, Seconds lease) {
  std::vector<Lease> leases;
  auto committed = writer_.run([&](Batch& batch) { leases = claim_due(batch, now, n, lease); });
  if (!committed) return committed.error();
  return leases;
}

Result<Lease> SqliteStore::claim_source(std::string_view name, Time now, Seconds lease) {
  Result<Lease> claimed = Lease{};
  auto committed = writer_.run([&](Batch& batch) { claimed = claim_named(batch, name, now, lease); });
  if (!committed) return committed.error();
  return claimed;
}

Result<std::vector<Lease>> SqliteStore::claim_sources(const std::vector<std::string>& names, Time now, Seconds lease) {
  std::vector<Lease> leases;
  auto committed = writer_.run([&](Batch& batch) {
    leases.clear();
    for (const auto& name : names) {
      if (auto claimed = claim_named(batch, name, now, lease)) leases.push_back(std::move(*claimed));
    }
  });
  if (!committed) return committed.error();
  return leases;
}

Result<void> SqliteStore::shift_times(Seconds by) {
  return writer_.run([by](Batch& batch) { shift(batch, by); });
}

Result<std::optional<Time>> SqliteStore::next_due() { return readers_.run(earliest_due); }

Result<void> SqliteStore::renew(const Lease& lease, Time until) {
  Result<void> renewed;
  auto committed = writer_.run([&](Batch& batch) { renewed = sqlite::renew(batch, lease, until); });
  return committed ? renewed : committed;
}

Result<void> SqliteStore::release(const Lease& lease, Time due, std::string_view reason) {
  return writer_.run([&](Batch& batch) { sqlite::release(batch, lease, due, reason); });
}

Result<std::vector<feeds::Fingerprint>> SqliteStore::fingerprints(SourceId source) {
  return readers_.run([source](Database& db) { return read_fingerprints(db, source); });
}

Result<std::vector<Lease>> SqliteStore::leases() { return readers_.run(read_leases); }

void SqliteStore::record(PollOutcome outcome, Done done) {
  record_shared(std::make_shared<const PollOutcome>(std::move(outcome)), std::move(done));
}

void SqliteStore::record_shared(std::shared_ptr<const PollOutcome> outcome, Done done) {
  struct Waiting {
    std::shared_ptr<const PollOutcome> outcome;
    Result<Recorded> recorded = Recorded{};
  };
  auto waiting = std::make_shared<Waiting>();
  waiting->outcome = std::move(outcome);
  Writer::Job job;
  job.bytes = weight(*waiting->outcome);
  job.work = [waiting](Batch& batch) { waiting->recorded = sqlite::record(batch, *waiting->outcome); };
  job.finished = [waiting, done = std::move(done)](Result<void> committed) {
    if (!done) return;
    done(committed ? std::move(waiting->recorded) : Result<Recorded>(committed.error().during("record " + waiting->outcome->lease.url)));
  };
  writer_.submit(std::move(job));
}

Result<std::vector<HostState>> SqliteStore::hosts() { return readers_.run(read_hosts); }

Result<void> SqliteStore::save_host(const HostState& host) {
  return writer_.run([&](Batch& batch) { sqlite::save_host(batch, host); });
}

Result<std::vector<PageLease>> SqliteStore::claim_pages(Time now, std::size_t n, Seconds lease, Seconds again) {
  std::vector<PageLease> leases;
  auto committed = writer_.run([&](Batch& batch) { leases = sqlite::claim_pages(batch, now, n, lease, again); });
  if (!committed) return committed.error();
  return leases;
}

void SqliteStore::record_page(std::shared_ptr<const PageOutcome> outcome, PageDone done) {
  struct Waiting {
    std::shared_ptr<const PageOutcome> outcome;
    Result<PageRecorded> recorded = PageRecorded{};
  };
  auto waiting = std::make_shared<Waiting>();
  waiting->outcome = std::move(outcome);
  Writer::Job job;
  job.bytes = 2048 + (waiting->outcome->article ? waiting->outcome->article->content_html.size() : 0);
  job.work = [waiting](Batch& batch) { waiting->recorded = sqlite::record_page(batch, *waiting->outcome); };
  job.finished = [waiting, done = std::move(done)](Result<void> committed) {
    if (!done) return;
    done(committed ? std::move(waiting->recorded)
                   : Result<PageRecorded>(committed.error().during("record the page " + waiting->outcome->lease.url)));
  };
  writer_.submit(std::move(job));
}

Result<std::optional<Time>> SqliteStore::next_page_due() { return readers_.run(sqlite::next_page_due); }

Result<std::uint64_t> SqliteStore::wanted_pages(Time due) {
  return readers_.run([due](Database& db) { return sqlite::wanted_pages(db, due); });
}

Result<void> SqliteStore::abandon_pages(Time now) {
  return writer_.run([now](Batch& batch) { sqlite::abandon_pages(batch, now); });
}

Result<PostPage> SqliteStore::posts(const PostQuery& query) {
  const auto start = start_of(query);
  if (!start) return start.error();
  return readers_.run([&](Database& db) { return read_page(db, query, *start, names_); });
}

Result<std::optional<StoredPost>> SqliteStore::post(std::string_view id) {
  return readers_.run([id](Database& db) { return PostReader(db, true, SourceNames(db)).by_id(id); });
}

Result<std::vector<SourceView>> SqliteStore::sources() {
  return readers_.run([](Database& db) {
    std::vector<SourceView> views;
    sqlite::each_source(db, {}, [&views](SourceView&& view) {
      views.push_back(std::move(view));
      return true;
    });
    return views;
  });
}

Result<void> SqliteStore::each_source(const std::function<bool(SourceView&&)>& visit) {
  auto visited = readers_.run([&](Database& db) {
    sqlite::each_source(db, {}, visit);
    return true;
  });
  if (!visited) return visited.error();
  return {};
}

Result<std::optional<SourceView>> SqliteStore::source(std::string_view name) {
  return readers_.run([name](Database& db) {
    std::optional<SourceView> found;
    if (!name.empty()) {
      sqlite::each_source(db, name, [&found](SourceView&& view) {
        found = std::move(view);
        return false;
      });
    }
    return found;
  });
}

Result<Totals> SqliteStore::totals() { return readers_.run(read_totals); }

Result<std::vector<Count>> SqliteStore::tags(std::size_t most) {
  return readers_.run([most](Database& db) { return read_counts(db, FacetKind::tag, most); });
}

Result<std::vector<Count>> SqliteStore::categories() {
  return readers_.run([](Database& db) { return read_counts(db, FacetKind::category, 10'000); });
}

Result<std::vector<Activity>> SqliteStore::activity(Time now, unsigned days) {
  return readers_.run([=](Database& db) { return read_activity(db, now, days); });
}

void SqliteStore::on_change(std::function<void(Seq)> listener) { writer_.on_change(std::move(listener)); }

Result<std::uint64_t> SqliteStore::prune(const Retention& retention, Time now) {
  Pruning pruning(retention, now);
  Pruning::Progress progress;
  while (!progress.done) {
    Pruning::Progress next;
    auto committed = writer_.run([&](Batch& batch) { next = pruning.step(batch, progress); });
    if (!committed) return committed.error();
    progress = next;
  }
  return progress.removed;
}

Result<void> SqliteStore::backup(const std::string& path) {
  auto db = readers_.open();
  if (!db) return db.error();
  return copy_to(**db, path_, path);
}

Result<void> SqliteStore::vacuum() {
  return writer_.run(
      [](Batch& batch) {
        for (bool more = true; more && batch.db.ok();) {
          Transaction transaction(batch.db, Transaction::Kind::write);
          more = index_pairs(batch.db);
          (void)transaction.commit();  // what fails ends the loop: it stays with the connection
        }
        batch.db.execute("INSERT INTO search(search) VALUES ('optimize'); INSERT INTO pairs(pairs) VALUES ('optimize')");
        batch.db.execute("VACUUM");
        batch.db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      },
      true);
}

Result<void> SqliteStore::ping() {
  auto written = writer_.run([](Batch& batch) { batch.db.execute("UPDATE counter SET value = value + 1 WHERE name = 'heartbeat'"); });
  if (!written) return written;
  auto read = readers_.run([](Database& db) { return read_counter(db, "heartbeat"); });
  if (!read) return read.error();
  return {};
}

}  // namespace sqlite

Result<std::unique_ptr<Store>> open_sqlite(const Options& options) {
  using sqlite::Database;
  const auto folder = std::filesystem::path(options.path).parent_path();
  std::error_code failed;
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (failed) return Error(Errc::io, "make the folder " + folder.string() + ": " + failed.message());
  // SQLite counts its memory under one lock for all threads unless told not to; once a process, before its first use.
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)configured;
  auto writer = Database::open(options.path, Database::Mode::write);
  if (!writer) return writer.error();
  (*writer)->wait_for_locks(options.lock_limit);
  if (auto migrated = sqlite::migrate(**writer, options.path); !migrated) return migrated.error();
  if (auto ready = sqlite::prepare_connection(**writer, options.writer_cache, Database::Mode::write); !ready) {
    return ready.error().during("open " + options.path);
  }
  return std::unique_ptr<Store>(std::make_unique<sqlite::SqliteStore>(options, std::move(*writer)));
}

}  // namespace riverd::storage
