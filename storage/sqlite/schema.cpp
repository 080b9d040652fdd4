#include "storage/sqlite/schema.h"

#include <array>
#include <string>

namespace riverd::storage::sqlite {
namespace {

// The river's order. A post's place, `pos`, is its date (arrival where null) in seconds times 2^24, plus a number that
// tells posts of one second apart in the order they came. It is one integer, unique, and newest first is pos downwards:
// pages, filters, the search index (its rowid) and cursors all count in it, so any of them can be intersected by a walk.
constexpr const char* kFirst = R"sql(
CREATE TABLE counter(
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counter VALUES ('seq', 0), ('changed', 0), ('posts', 0), ('lease', 0), ('sources', 0), ('heartbeat', 0);

-- One URL that is polled, however many sources name it. `due` is the one thing claim() looks at: while a lease runs it is
-- the lease's end, so that a crash costs one lease and no request.
CREATE TABLE poll(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  request_key INTEGER NOT NULL UNIQUE,
  url TEXT NOT NULL,
  due INTEGER,
  lease INTEGER,
  state INTEGER NOT NULL DEFAULT 0,
  effective_url TEXT NOT NULL DEFAULT '',
  redirect_target TEXT NOT NULL DEFAULT '',
  redirect_seen INTEGER NOT NULL DEFAULT 0,
  etag TEXT NOT NULL DEFAULT '',
  last_modified TEXT NOT NULL DEFAULT '',
  validator_url TEXT NOT NULL DEFAULT '',
  body_hash INTEGER NOT NULL DEFAULT 0,
  last_attempt INTEGER,
  last_poll INTEGER,
  last_success INTEGER,
  failing_since INTEGER,
  next_poll INTEGER,
  next_poll_reason TEXT NOT NULL DEFAULT '',
  interval INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER,
  http_status INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  consecutive_failures INTEGER NOT NULL DEFAULT 0,
  polls INTEGER NOT NULL DEFAULT 0,
  not_modified INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  title TEXT NOT NULL DEFAULT '',
  site_url TEXT NOT NULL DEFAULT '',
  hub TEXT NOT NULL DEFAULT '',
  schedule BLOB NOT NULL DEFAULT x''
);
CREATE INDEX poll_due ON poll(due) WHERE due IS NOT NULL;
CREATE INDEX poll_leased ON poll(lease) WHERE lease IS NOT NULL;
CREATE INDEX poll_failing ON poll(state) WHERE state IN (2, 3);

-- A source as the config names it; configured = 0 once it is gone from there: its posts stay, and it may come back.
CREATE TABLE source(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  title TEXT,
  enabled INTEGER NOT NULL,
  configured INTEGER NOT NULL DEFAULT 1,
  poll INTEGER NOT NULL REFERENCES poll(id),
  categories BLOB NOT NULL,
  config_digest INTEGER NOT NULL
);
CREATE INDEX source_name ON source(name);
CREATE INDEX source_url ON source(url);
CREATE INDEX source_poll ON source(poll);

-- Lists (authors, tags, ...) are blobs of length-prefixed strings: storage/sqlite/codec.h. `source` is the first carrier,
-- whose version is shown; `carriers` are the others with what their config and entries add.
CREATE TABLE post(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  pos INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  arrived INTEGER NOT NULL,
  date INTEGER,
  updated INTEGER,
  source INTEGER NOT NULL REFERENCES source(id),
  digest INTEGER NOT NULL,
  indexed INTEGER NOT NULL,
  title TEXT NOT NULL,
  link TEXT,
  guid TEXT,
  thumbnail TEXT,
  language TEXT,
  tags BLOB NOT NULL,
  categories BLOB NOT NULL,
  authors BLOB NOT NULL,
  enclosures BLOB NOT NULL,
  carriers BLOB NOT NULL,
  summary TEXT,
  content_html TEXT
);
CREATE UNIQUE INDEX post_id ON post(id);
CREATE UNIQUE INDEX post_pos ON post(pos, seq);
CREATE UNIQUE INDEX post_seq ON post(seq, pos);

-- A post that retention removed: its carried rows stay, so that it is known when it comes again.
CREATE TABLE removed(
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  title INTEGER NOT NULL,
  date INTEGER
);

-- By what keys a source carried a post when it last did (identity.h); digests, not texts. No reference to post: removed
-- posts keep theirs.
CREATE TABLE carried(
  post INTEGER NOT NULL,
  source INTEGER NOT NULL REFERENCES source(id),
  guid INTEGER,
  link INTEGER,
  text INTEGER,
  world INTEGER,
  PRIMARY KEY(post, source)
) WITHOUT ROWID;
-- Digests fall anywhere in an index. With the source first, the entries of one document meet in a page or two; only what
-- is looked up across sources is spread over the whole index.
CREATE INDEX carried_guid ON carried(source, guid) WHERE guid IS NOT NULL;
CREATE INDEX carried_text ON carried(source, text) WHERE text IS NOT NULL;
CREATE INDEX carried_link ON carried(link, source) WHERE link IS NOT NULL;
CREATE INDEX carried_world ON carried(world) WHERE world IS NOT NULL;

-- The entries of a source's last document: what need not be looked at again.
CREATE TABLE entry(
  source INTEGER NOT NULL REFERENCES source(id),
  fingerprint INTEGER NOT NULL,
  post INTEGER NOT NULL,
  PRIMARY KEY(source, fingerprint)
) WITHOUT ROWID;

-- What posts can be filtered by: a source, a tag, a category, an author. kind: facets.h.
CREATE TABLE facet(
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  posts INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX facet_key ON facet(kind, key);
CREATE INDEX facet_most ON facet(kind, posts);
CREATE TABLE facet_post(
  facet INTEGER NOT NULL REFERENCES facet(id),
  pos INTEGER NOT NULL,
  PRIMARY KEY(facet, pos)
) WITHOUT ROWID;

-- Posts that a source published a day (UTC, days since 1970).
CREATE TABLE activity(
  day INTEGER NOT NULL,
  source INTEGER NOT NULL,
  posts INTEGER NOT NULL,
  PRIMARY KEY(day, source)
) WITHOUT ROWID;

CREATE TABLE host(
  host TEXT PRIMARY KEY,
  not_before INTEGER NOT NULL,
  spacing INTEGER NOT NULL
) WITHOUT ROWID;

-- Words of posts; rowid is pos. Contentless: the text is in post, prepared anew when a word list must be withdrawn.
CREATE VIRTUAL TABLE search USING fts5(
  words, content='', columnsize=0, tokenize="unicode61 remove_diacritics 2"
);
-- Fewer, larger merges: more segments to look into cost a search little, and writing much less.
INSERT INTO search(search, rank) VALUES ('automerge', 16), ('hashsize', 4194304);
)sql";

// Pages of stories. A source that does not want any has no row in any of these.
constexpr const char* kPages = R"sql(
-- A post that no reader sees before its article is there. Columns as in post; numbers are below 0, and never given twice.
CREATE TABLE held(
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  pos INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  arrived INTEGER NOT NULL,
  date INTEGER,
  updated INTEGER,
  source INTEGER NOT NULL REFERENCES source(id),
  digest INTEGER NOT NULL,
  indexed INTEGER NOT NULL,
  title TEXT NOT NULL,
  link TEXT,
  guid TEXT,
  thumbnail TEXT,
  language TEXT,
  tags BLOB NOT NULL,
  categories BLOB NOT NULL,
  authors BLOB NOT NULL,
  enclosures BLOB NOT NULL,
  carriers BLOB NOT NULL,
  summary TEXT,
  content_html TEXT
);
CREATE UNIQUE INDEX held_id ON held(id);
INSERT INTO counter VALUES ('held', 0);

-- The page of a post (or of a held one). `due`: when it may be asked; NULL: nothing is to be fetched. `entry` and `article`:
-- what of the post can come from either (page_parts.h); `article` is NULL until there is one, and its content is the
-- post's where has_content says so.
CREATE TABLE page(
  post INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source(id),
  host TEXT NOT NULL,
  url TEXT NOT NULL,
  due INTEGER,
  tries INTEGER NOT NULL DEFAULT 0,
  waits INTEGER NOT NULL DEFAULT 0,
  rounds INTEGER NOT NULL DEFAULT 1,
  has_content INTEGER NOT NULL DEFAULT 0,
  entry BLOB NOT NULL DEFAULT x'',
  article BLOB
);
CREATE INDEX page_wanted ON page(host, due) WHERE due IS NOT NULL;
CREATE INDEX page_waiting ON page(source) WHERE due IS NOT NULL;

-- Pages are handed out by host, one at a time. `due` is the one thing claim_pages() looks at: while a lease runs its end,
-- else when the next page of the host may be asked; NULL: none is wanted. `free`: not before, whatever page it is.
CREATE TABLE page_host(
  host TEXT PRIMARY KEY,
  due INTEGER,
  free INTEGER NOT NULL DEFAULT 0,
  lease INTEGER
) WITHOUT ROWID;
CREATE INDEX page_host_due ON page_host(due) WHERE due IS NOT NULL;
CREATE INDEX page_host_idle ON page_host(free) WHERE due IS NULL;

CREATE TABLE page_count(
  source INTEGER PRIMARY KEY REFERENCES source(id),
  complete INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '',
  problem_at INTEGER
);
)sql";

// Arrival order with filters: what each change is filtered by stands beside it in the index that is walked, so that no other
// index is asked about each. NULL: not known (a post of before this step, until it changes) or too much; facet_post knows.
constexpr const char* kArrival = R"sql(
ALTER TABLE post ADD COLUMN facets BLOB;
DROP INDEX post_seq;
CREATE UNIQUE INDEX post_seq ON post(seq, pos, facets);
)sql";

// Pairs of short words by the number of their post (word_pairs.h). `unpaired`: posts up to this number are not there yet. When
// nothing else is done any two lists of a level are joined, in either index.
constexpr const char* kPhrases = R"sql(
CREATE VIRTUAL TABLE pairs USING fts5(
  words, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_'"
);
INSERT INTO pairs(pairs, rank) VALUES ('automerge', 16), ('usermerge', 2);
INSERT INTO search(search, rank) VALUES ('usermerge', 2);
INSERT INTO counter VALUES ('unpaired', (SELECT coalesce(max(number), 0) FROM post));
-- A daemon of before that still runs would add posts without pairs, which no phrase would ever find. It is stopped where it
-- counts its changes, and says why; what it read it reads again once it is restarted.
INSERT INTO counter SELECT 'changed_at', value FROM counter WHERE name = 'changed';
CREATE TRIGGER no_older_writer BEFORE UPDATE ON counter WHEN OLD.name = 'changed' BEGIN
  SELECT RAISE(ABORT, 'a newer riverd has taken over this store: restart this one');
END;
)sql";

// Posts of sources: beside each stands what a page asks before it reads the row (codec.h, ListedPost), and the newest of each source
// stand together, so that many sources are merged without a look at the list of each. NULL where the facet is no source, and for
// posts of before this step until they change: the other indexes know. A daemon of before would leave both as they are when a post
// changes, so it is stopped as in kPhrases. `named`: the seq at which posts last named a source otherwise.
constexpr const char* kSourceLists = R"sql(
ALTER TABLE facet_post ADD COLUMN listed BLOB;
ALTER TABLE facet ADD COLUMN newest BLOB;
INSERT INTO counter VALUES ('named', (SELECT value FROM counter WHERE name = 'seq'));
INSERT INTO counter SELECT 'last_change', max(value) FROM counter WHERE name IN ('changed', 'changed_at');
DROP TRIGGER IF EXISTS no_older_writer;
CREATE TRIGGER no_older_writer BEFORE UPDATE ON counter WHEN OLD.name IN ('changed', 'changed_at') BEGIN
  SELECT RAISE(ABORT, 'a newer riverd has taken over this store: restart this one');
END;
)sql";

constexpr std::array kMigrations = {kFirst, kPages, kArrival, kPhrases, kSourceLists};  // append only: what was released is never edited

std::int64_t pragma(Database& db, const char* sql) {
  Query query(db, sql);
  return query.step() ? query.integer(0) : 0;
}

Result<void> error_of(Database& db) {
  if (db.ok()) return {};
  return *db.error();
}

Result<void> recognise(Database& db, const std::string& path) {
  const std::int64_t application = pragma(db, "PRAGMA application_id");
  const std::int64_t version = pragma(db, "PRAGMA user_version");
  const std::int64_t tables = pragma(db, "SELECT count(*) FROM sqlite_schema");
  if (!db.ok()) {
    const Error& error = *db.error();
    const std::string advice = "; it was left as it is: move it away or restore a backup, or set storage.path";
    return error.code() == Errc::corrupt ? Error(Errc::corrupt, path + " is damaged or no database" + advice)
                                          : error.during("open " + path);
  }
  if (application != kApplicationId && (application != 0 || tables != 0)) {
    return Error(Errc::config, path + " is a database of another application; set storage.path to another file");
  }
  if (version > static_cast<std::int64_t>(kMigrations.size())) {
    return Error(Errc::config, path + " was written by a newer riverd (schema " + std::to_string(version) +
                                   "); install that version again or set storage.path to another file");
  }
  return {};
}

Result<void> apply(Database& db, std::size_t step) {
  // Of a new file only. Pages of 8 KiB hold two posts where those of 4 hold one and a tail: less to write and to look up.
  db.execute("PRAGMA page_size = 8192");
  Transaction transaction(db, Transaction::Kind::write);
  if (pragma(db, "PRAGMA user_version") > static_cast<std::int64_t>(step)) return transaction.commit();  // somebody else did
  db.execute(kMigrations[step]);
  db.execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
  db.execute(("PRAGMA user_version = " + std::to_string(step + 1)).c_str());
  return transaction.commit();
}

}  // namespace

Result<void> migrate(Database& db, const std::string& path) {
  if (auto known = recognise(db, path); !known) return known;
  const auto version = static_cast<std::size_t>(pragma(db, "PRAGMA user_version"));
  for (std::size_t step = version; step < kMigrations.size(); ++step) {
    if (auto applied = apply(db, step); !applied) return applied.error().during("migrate " + path);
  }
  return error_of(db);
}

Result<void> prepare_connection(Database& db, std::size_t cache_bytes, Database::Mode mode) {
  db.execute(("PRAGMA cache_size = -" + std::to_string(cache_bytes / 1024)).c_str());
  db.execute("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF");
  if (mode == Database::Mode::read) {
    db.execute("PRAGMA query_only = ON");
    return error_of(db);
  }
  // FULL: a commit is on the disk before anyone hears of it, so not even a power cut loses what was acknowledged; one
  // sync serves a whole group of polls. Deleted rows need not be overwritten with zeros.
  db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF");
  // Pages that many polls touch are copied back once for 16 MiB of log, not for 4.
  db.execute("PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864");
  return error_of(db);
}

}  // namespace riverd::storage::sqlite
