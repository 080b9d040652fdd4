#include "support.h"

#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>

#include "storage/digest.h"
#include "storage/fold.h"
#include "storage/sqlite/codec.h"
#include "storage/sqlite/database.h"

namespace riverd::storage::testing {

feeds::Post post_of(const Entry& entry) {
  feeds::Post post;
  post.title = entry.title;
  post.date = entry.date;
  if (!entry.link.empty()) post.link = entry.link;
  if (!entry.guid.empty()) post.guid = entry.guid;
  post.content_html = "<p>" + entry.body + "</p>";
  post.identity.guid = entry.guid;
  post.identity.link = entry.link;
  post.identity.title = fold_case(entry.title);
  post.identity.guid_shared = entry.guid_shared;
  post.identity.link_shared = entry.link_shared;
  post.identity.guid_global = entry.guid_global;
  post.id = feeds::post_id(post.identity, post.date);
  Digest digest;
  for (const auto* text : {&entry.guid, &entry.link, &entry.title, &entry.body}) digest.add(*text);
  digest.add(entry.date);
  post.fingerprint = digest.value();
  return post;
}

void River::sync(const std::vector<ConfiguredSource>& sources) {
  if (auto synced = store->sync_sources(sources, now, 0s); !synced) throw std::runtime_error(synced.error().message());
}

Recorded River::poll(const std::string& name, const std::vector<Entry>& entries) {
  std::vector<feeds::Post> posts;
  for (const auto& entry : entries) posts.push_back(post_of(entry));
  return poll_posts(name, std::move(posts));
}

Recorded River::poll_posts(const std::string& name, std::vector<feeds::Post> posts) {
  now += 1h;
  auto lease = store->claim_source(name, now, 60s);
  if (!lease) throw std::runtime_error(lease.error().message());
  PollOutcome outcome;
  outcome.at = now;
  outcome.state = lease->state;
  outcome.state.state = State::ok;
  outcome.state.next_poll = now + 1h;
  for (const auto source : lease->sources) {
    const auto known = store->fingerprints(source);
    SourcePosts document;
    document.source = source;
    document.full_text = full_text;
    for (const auto& post : posts) {
      if (std::binary_search(known->begin(), known->end(), post.fingerprint)) {
        document.document.unchanged.push_back(post.fingerprint);
      } else {
        document.document.posts.push_back(post);
      }
    }
    outcome.documents.push_back(std::move(document));
  }
  outcome.lease = std::move(*lease);
  auto recorded = record(*store, std::move(outcome));
  if (!recorded) throw std::runtime_error(recorded.error().message());
  return *recorded;
}

std::vector<StoredPost> River::all(PostQuery query) {
  std::vector<StoredPost> posts;
  query.limit = 1000;
  while (true) {
    auto page = store->posts(query);
    if (!page) throw std::runtime_error(page.error().message());
    std::move(page->posts.begin(), page->posts.end(), std::back_inserter(posts));
    if (!page->next_cursor) return posts;
    query.cursor = *page->next_cursor;
  }
}

std::vector<std::string> River::titles(PostQuery query) {
  std::vector<std::string> titles;
  for (const auto& post : all(std::move(query))) titles.push_back(post.post.title);
  return titles;
}

void River::reopen() {
  store.reset();
  store = open(folder.file("riverd.db"));
}

namespace {

std::string ask(sqlite3* db, const char* sql) {
  std::string answer;
  char* error = nullptr;
  sqlite3_exec(
      db, sql,
      [](void* out, int columns, char** values, char**) {
        for (int i = 0; i < columns; ++i) *static_cast<std::string*>(out) += values[i] != nullptr ? values[i] : "null";
        return 0;
      },
      &answer, &error);
  if (error != nullptr) answer += error;
  sqlite3_free(error);
  return answer;
}

/// What sources' lists say of posts that the posts themselves do not.
std::string check_lists(const std::string& path) {
  using sqlite::Query;
  auto db = sqlite::Database::open(path, sqlite::Database::Mode::read);
  if (!db) return db.error().message();
  std::string faults;
  Query listed(**db, "SELECT f.listed, p.seq, p.number, p.facets FROM facet_post f JOIN post p ON p.pos = f.pos WHERE f.listed IS NOT NULL");
  while (listed.step()) {
    sqlite::ListedPost post{listed.integer(1), listed.integer(2), std::nullopt};
    if (!listed.is_null(3)) post.facets = listed.text(3);
    if (listed.text(0) != encode(post) || encode(sqlite::view_listed(encode(post)).value()) != encode(post)) {
      faults += "list of the source of post " + std::to_string(listed.integer(2)) + "; ";
    }
  }
  Query sources(**db, "SELECT id, newest, (SELECT count(*) FROM facet_post p WHERE p.facet = f.id) FROM facet f WHERE newest IS NOT NULL");
  while (sources.step()) {
    const auto newest = sqlite::decode_placed(sources.text(1));
    std::size_t same = 0;
    bool all_listed = true;
    Query posts(**db, "SELECT p.pos, p.seq, p.number, f.listed IS NULL FROM facet_post f JOIN post p ON p.pos = f.pos WHERE f.facet = ? "
                      "ORDER BY f.pos DESC LIMIT 16", sources.integer(0));
    while (all_listed && posts.step()) {
      all_listed = posts.integer(3) == 0;
      if (!all_listed || same == newest.size()) break;
      const auto& post = newest[same];
      if (post.pos == posts.integer(0) && post.seq == posts.integer(1) && post.number == posts.integer(2)) ++same;
    }
    const std::size_t expected = all_listed ? static_cast<std::size_t>(std::min<std::int64_t>(16, sources.integer(2))) : same;
    if (same != newest.size() || same != expected) faults += "newest of source facet " + std::to_string(sources.integer(0)) + "; ";
  }
  return db.value()->ok() ? faults : faults + db.value()->error()->message();
}

}  // namespace

std::string check_file(const std::string& path) {
  sqlite3* db = nullptr;
  if (sqlite3_open(path.c_str(), &db) != SQLITE_OK) return "cannot open";
  std::string faults;
  if (const auto answer = ask(db, "PRAGMA integrity_check"); answer != "ok") faults += answer;
  faults += ask(db, "PRAGMA foreign_key_check");
  faults += ask(db, "INSERT INTO search(search) VALUES ('integrity-check')");
  faults += ask(db, "INSERT INTO pairs(pairs) VALUES ('integrity-check')");
  const auto zero = [&](const char* what, const char* sql) {
    if (const auto answer = ask(db, sql); answer != "0") faults += std::string(what) + ": " + answer + "; ";
  };
  zero("posts counter", "SELECT (SELECT value FROM counter WHERE name = 'posts') - (SELECT count(*) FROM post)");
  zero("seq counter", "SELECT max(0, (SELECT coalesce(max(seq), 0) FROM post) - (SELECT value FROM counter WHERE name = 'seq'))");
  zero("repeated seq", "SELECT count(*) - count(DISTINCT seq) FROM post");
  zero("repeated place", "SELECT count(*) - count(DISTINCT pos) FROM post");
  zero("facet counts", "SELECT count(*) FROM facet f WHERE posts <> (SELECT count(*) FROM facet_post p WHERE p.facet = f.id)");
  zero("facets without post", "SELECT count(*) FROM facet_post p WHERE NOT EXISTS (SELECT 1 FROM post WHERE post.pos = p.pos)");
  zero("posts without source", "SELECT count(*) FROM post p WHERE NOT EXISTS (SELECT 1 FROM carried c WHERE c.post = p.number)");
  zero("entries without post",
       "SELECT count(*) FROM entry e WHERE NOT EXISTS (SELECT 1 FROM post p WHERE p.number = e.post) "
       "AND NOT EXISTS (SELECT 1 FROM removed r WHERE r.number = e.post)");
  sqlite3_close(db);
  return faults + check_lists(path);
}

void execute(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  CHECK(std::string(sqlite3_errmsg(db)) == "not an error");
  sqlite3_close(db);
  REQUIRE(code == SQLITE_OK);
}

int number_in(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  if (sqlite3_open(path.c_str(), &db) != SQLITE_OK) return -1;
  sqlite3_busy_timeout(db, 5000);
  const std::string answer = ask(db, sql);
  sqlite3_close(db);
  return std::stoi(answer);
}

std::unique_ptr<Store> open_to_tidy(const std::string& path, const char* sql, int most) {
  Options options;
  options.path = path;
  options.tidy_after = std::chrono::milliseconds(0);
  auto store = open_sqlite(options);
  if (!store) throw std::runtime_error(store.error().message());
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (number_in(path, sql) > most && std::chrono::steady_clock::now() < until) {
    if (!(*store)->ping()) throw std::runtime_error("the store does not answer");
  }
  return std::move(*store);
}

}  // namespace riverd::storage::testing
