#include <sqlite3.h>

#include <random>

#include "slow_way.h"
#include "support.h"

using namespace riverd;
using namespace riverd::storage;
using namespace riverd::storage::testing;

namespace {

/// Makes a store what it was before sources' lists.
void undo_source_lists(const std::string& path) {
  execute(path,
          "ALTER TABLE facet_post DROP COLUMN listed; ALTER TABLE facet DROP COLUMN newest; DROP TRIGGER no_older_writer; "
          "UPDATE counter SET value = (SELECT value FROM counter WHERE name = 'last_change') WHERE name = 'changed_at'; "
          "DELETE FROM counter WHERE name IN ('last_change', 'named'); "
          "CREATE TRIGGER no_older_writer BEFORE UPDATE ON counter WHEN OLD.name = 'changed' BEGIN SELECT RAISE(ABORT, 'restart'); END; "
          "PRAGMA user_version = 4");
}

/// The same before lists of facets and pairs of words.
void undo_migrations(const std::string& path) {
  undo_source_lists(path);
  execute(path,
          "DROP INDEX post_seq; ALTER TABLE post DROP COLUMN facets; CREATE UNIQUE INDEX post_seq ON post(seq, pos); "
          "DROP TABLE pairs; DROP TRIGGER no_older_writer; DELETE FROM counter WHERE name IN ('unpaired', 'changed_at'); "
          "PRAGMA user_version = 2");
}

}  // namespace

TEST_CASE("a store of the schema before is migrated, and answers the same", "[query][open]") {
  std::mt19937 random(6);
  River river({"s0", "s1", "s2", "s3", "s4"});
  fill_many(river, random);
  const auto everything = river.all();
  const std::string path = river.folder.file("riverd.db");
  river.store.reset();
  undo_migrations(path);
  river.store = testing::open(path);
  CHECK(ids(river.all()) == ids(everything));
  compare_many(river, everything, random, 100);
  // What is made up for later, when nothing else is done.
  const auto* const unpaired = "SELECT value FROM counter WHERE name = 'unpaired'";
  CHECK(number_in(path, unpaired) == kMany);
  river.store.reset();
  river.store = open_to_tidy(path, unpaired, 0);
  CHECK(number_in(path, unpaired) == 0);
  compare_many(river, everything, random, 100);
  std::size_t found = 0;
  for (int n = 0; n < 30; ++n) {
    PostQuery phrase;
    phrase.q = "\"w30 " + std::to_string(n) + '"';
    found += river.all(phrase).size();
  }
  CHECK(found == kMany);  // none was left out
  river.poll_posts("s0", {post_of({"new", "https://x.example/new", "all new", kNoon})});
  PostQuery query;
  query.sources = {"s0"};
  query.order = Order::arrival;
  query.after = everything.size() + 20;
  CHECK(river.all(query).size() == 1);
  CHECK(check_file(path).empty());
}

TEST_CASE("a store of before sources' lists answers the same, also while only some posts are listed", "[query][open]") {
  std::mt19937 random(7);
  River river({"s0", "s1", "s2", "s3", "s4"});
  fill_many(river, random);
  const auto everything = river.all();
  const auto changed = river->totals()->changed;
  const std::string path = river.folder.file("riverd.db");
  river.store.reset();
  undo_source_lists(path);
  river.store = testing::open(path);
  CHECK(river->totals()->changed == changed);
  compare_many(river, everything, random, 100);
  for (int n = 0; n < 60; n += 3) {
    auto post = everything[static_cast<std::size_t>(n)].post;
    post.summary = "changed again";
    post.fingerprint = static_cast<feeds::Fingerprint>(n) + 1;
    river.poll_posts(everything[static_cast<std::size_t>(n)].sources[0].name, {post});
  }
  CHECK(number_in(path, "SELECT count(*) FROM facet_post WHERE listed IS NOT NULL") == 20);
  compare_many(river, river.all(), random, 200);
  CHECK(check_file(path).empty());
}

TEST_CASE("posts of before may change and go before and after their pairs are indexed", "[query][open]") {
  constexpr int kPosts = 600;
  River river({"a"});
  std::vector<Entry> entries;
  for (int i = 0; i < kPosts; ++i) {
    const std::string n = std::to_string(i);
    entries.push_back({n, "https://x.example/" + n, "Title", kNoon + Seconds(i), "to be or " + n});
  }
  river.poll("a", entries);
  const std::string path = river.folder.file("riverd.db");
  const auto* const unpaired = "SELECT value FROM counter WHERE name = 'unpaired'";
  const auto found = [&river](const std::string& q) {
    PostQuery query;
    query.q = q;
    return river.all(query).size();
  };
  const auto change = [&](int from, int to, const std::string& body) {
    for (int i = from; i < to; ++i) entries[static_cast<std::size_t>(i)].body = body;
    return river.poll("a", entries);
  };
  const auto keep = [&](std::uint64_t posts) {
    Retention retention;
    retention.keep_posts = posts;
    const auto removed = river->prune(retention, river.now);
    REQUIRE(removed);
  };
  river.store.reset();
  undo_migrations(path);
  river.store = testing::open(path);
  REQUIRE(number_in(path, unpaired) == kPosts);
  change(300, 400, "not to be");
  keep(500);
  CHECK(found("\"not to be\"") == 100);
  CHECK(found("\"to be or\"") == 400);
  river.store.reset();
  river.store = open_to_tidy(path, unpaired, 0);
  REQUIRE(number_in(path, unpaired) == 0);
  CHECK(found("\"not to be\"") == 100);
  CHECK(found("\"to be or\"") == 400);
  change(400, 450, "it is so");
  CHECK(found("\"it is so\"") == 50);
  CHECK(found("\"to be or\"") == 350);
  CHECK(number_in(path, "SELECT count(*) FROM pairs WHERE pairs MATCH '\"to_be\"'") == 450);
  keep(1);
  CHECK(found("\"to be\"") == 1);
  CHECK(number_in(path, "SELECT count(*) FROM pairs WHERE pairs MATCH '\"to_be\"'") == 1);
  CHECK(check_file(path).empty());
}

TEST_CASE("a riverd of before that still runs is told to be restarted", "[query][open]") {
  River river({"a"});
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(river.folder.file("riverd.db").c_str(), &db) == SQLITE_OK);
  // How the versions of before count a change.
  for (const auto* name : {"changed", "changed_at"}) {
    const std::string sql = std::string("UPDATE counter SET value = 5 WHERE name = '") + name + "'";
    CHECK(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK);
    CHECK(std::string(sqlite3_errmsg(db)).find("restart") != std::string::npos);
  }
  sqlite3_close(db);
  CHECK(river.poll("a", {{"1", "https://x.example/1", "One", kNoon, "body"}}).new_posts == 1);
}
