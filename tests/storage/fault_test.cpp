#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "fault_vfs.h"
#include "support.h"

using namespace riverd;
using namespace riverd::storage;
using namespace riverd::storage::testing;

namespace {

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

void write_file(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

Result<std::unique_ptr<Store>> try_open(const std::string& path, std::chrono::milliseconds lock_limit = 200ms) {
  Options options;
  options.path = path;
  options.lock_limit = lock_limit;
  return open_sqlite(options);
}

/// One poll of source "a" with one new entry, without throwing: its id once it is acknowledged.
Result<std::string> poll_one(Store& store, int n) {
  const Time at = kNoon + n * 1h;
  auto lease = store.claim_source("a", at, 60s);
  if (!lease) return lease.error();
  const auto post = post_of({"g" + std::to_string(n), "https://x.example/" + std::to_string(n), "Title", kNoon + Seconds(n), "body words"});
  PollOutcome outcome;
  outcome.lease = *lease;
  outcome.state = lease->state;
  outcome.state.next_poll = at;
  outcome.at = at;
  outcome.documents.resize(1);
  outcome.documents[0].source = lease->sources.at(0);
  outcome.documents[0].document.posts = {post};
  if (auto recorded = record(store, std::move(outcome)); !recorded) return recorded.error();
  return post.id;
}

}  // namespace

TEST_CASE("what was acknowledged is there after kill -9, whenever it comes", "[faults][crash]") {
  Folder folder;
  const std::string path = folder.file("riverd.db");
  { REQUIRE(testing::open(path)->sync_sources({testing::source("a")}, kNoon, 0s)); }
  std::mt19937 random(11);
  std::set<std::string> acknowledged;
  int polls = 0;
  for (int round = 0; round < 25; ++round) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
      auto store = try_open(path);
      for (int n = polls; store; ++n) {
        if (const auto id = poll_one(**store, n)) {
          if (write(ends[1], id->data(), 26) != 26) break;
        }
      }
      _exit(1);
    }
    close(ends[1]);
    std::string received;
    char buffer[4096];
    const int wanted = 1 + static_cast<int>(random() % 30);
    while (received.size() < static_cast<std::size_t>(wanted) * 26) {
      const auto got = read(ends[0], buffer, sizeof buffer);
      REQUIRE(got > 0);
      received.append(buffer, static_cast<std::size_t>(got));
    }
    usleep(static_cast<useconds_t>(random() % 3000));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) received.append(buffer, static_cast<std::size_t>(got));
    close(ends[0]);
    for (std::size_t at = 0; at + 26 <= received.size(); at += 26) acknowledged.insert(received.substr(at, 26));
    polls += static_cast<int>(received.size() / 26) + 1;
    auto store = testing::open(path);
    for (const auto& id : acknowledged) REQUIRE(store->post(id)->has_value());
  }
  CHECK(check_file(path).empty());
  WARN(acknowledged.size() << " acknowledged posts over 25 kills");
}

TEST_CASE("a log cut anywhere by a power failure leaves the polls before it, whole", "[faults][crash]") {
  Folder folder;
  const std::string path = folder.file("riverd.db");
  auto store = testing::open(path);
  REQUIRE(store->sync_sources({testing::source("a")}, kNoon, 0s));
  for (int n = 0; n < 20; ++n) REQUIRE(poll_one(*store, n));
  const std::string db = slurp(path);
  const std::string wal = slurp(path + "-wal");
  std::mt19937 random(5);
  std::size_t most = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string copy = folder.file("cut.db");
    for (const auto* end : {"", "-wal", "-shm"}) std::filesystem::remove(copy + end);
    write_file(copy, db);
    write_file(copy + "-wal", wal.substr(0, i == 0 ? wal.size() : random() % wal.size()));
    auto cut = try_open(copy);
    if (!cut) continue;  // not even the schema was there
    const auto page = (*cut)->posts({});
    REQUIRE(page);
    most = std::max(most, page->posts.size());
    for (std::size_t n = 0; n < page->posts.size(); ++n) {
      CHECK(page->posts[n].post.guid == "g" + std::to_string(page->posts.size() - 1 - n));
    }
    cut->reset();
    REQUIRE(check_file(copy).empty());
  }
  CHECK(most == 20);
}

TEST_CASE("a disk that fails at any one write loses nothing that was acknowledged", "[faults]") {
  FaultyDisk disk;
  const auto [code, kind] = GENERATE(table<int, Errc>({{SQLITE_FULL, Errc::no_space}, {SQLITE_IOERR_WRITE, Errc::io}}));
  for (int at = 0; at < 60; at += 3) {
    CAPTURE(at, code);
    Folder folder;
    auto store = testing::open(folder.file("riverd.db"));
    REQUIRE(store->sync_sources({testing::source("a")}, kNoon, 0s));
    std::set<std::string> acknowledged;
    FaultyDisk::fail_after(at, code, at % 2 == 0 ? 1 : 1'000'000);
    for (int n = 0; n < 12; ++n) {
      const auto id = poll_one(*store, n);
      if (id) {
        acknowledged.insert(*id);
      } else {
        CHECK((id.error().code() == kind || id.error().code() == Errc::io));
      }
      CHECK(store->posts({}));  // reads go on
    }
    FaultyDisk::heal();
    for (int n = 20; n < 23; ++n) {
      const auto id = poll_one(*store, n);
      REQUIRE(id);
      acknowledged.insert(*id);
    }
    CHECK(store->ping());
    for (const auto& id : acknowledged) CHECK(store->post(id)->has_value());
    CHECK(store->totals()->posts == acknowledged.size());
    store.reset();
    CHECK(check_file(folder.file("riverd.db")).empty());
  }
}

TEST_CASE("while the disk is full reads are answered and writes say why", "[faults]") {
  FaultyDisk disk;
  Folder folder;
  auto store = testing::open(folder.file("riverd.db"));
  REQUIRE(store->sync_sources({testing::source("a")}, kNoon, 0s));
  REQUIRE(poll_one(*store, 1));
  FaultyDisk::fail_after(0, SQLITE_FULL, 1'000'000);
  CHECK(store->ping().error().code() == Errc::no_space);
  CHECK(store->claim(kNoon + 10h, 1, 60s).error().code() == Errc::no_space);
  CHECK(store->posts({})->posts.size() == 1);
  FaultyDisk::heal();
  CHECK(store->ping());
  CHECK(store->claim(kNoon + 10h, 1, 60s)->size() == 1);
}

TEST_CASE("a store locked by another process is read, says busy in time, and goes on afterwards", "[faults]") {
  Folder folder;
  const std::string path = folder.file("riverd.db");
  auto store = try_open(path, 100ms);
  REQUIRE(store);
  REQUIRE((*store)->sync_sources({testing::source("a")}, kNoon, 0s));
  REQUIRE(poll_one(**store, 1));
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(poll_one(**store, 2).error().code() == Errc::busy);
  CHECK((*store)->posts({})->posts.size() == 1);
  sqlite3_close(other);
  CHECK(poll_one(**store, 2));
}

TEST_CASE("two processes write one store: each hears of the other's posts", "[faults][changes]") {
  Folder folder;
  const std::string path = folder.file("riverd.db");
  auto one = testing::open(path);
  auto two = testing::open(path);
  REQUIRE(one->sync_sources({testing::source("a")}, kNoon, 0s));
  std::promise<Seq> heard;
  std::atomic<bool> once{false};
  const Seq before = one->totals()->seq;
  two->on_change([&](Seq seq) {
    if (seq > before && !once.exchange(true)) heard.set_value(seq);
  });
  REQUIRE(poll_one(*one, 1));
  auto news = heard.get_future();
  CHECK(news.wait_for(10s) == std::future_status::ready);
  REQUIRE(poll_one(*two, 2));
  std::set<Seq> seqs;
  const auto everything = one->posts({});
  for (const auto& post : everything->posts) seqs.insert(post.seq);
  CHECK(seqs.size() == 2);
}

TEST_CASE("a file that is no store of ours is refused and left as it is", "[faults][open]") {
  Folder folder;
  const std::string path = folder.file("riverd.db");
  SECTION("a database of another application") {
    execute(path, "CREATE TABLE theirs(x); INSERT INTO theirs VALUES (1)");
    const auto before = slurp(path);
    const auto store = try_open(path);
    REQUIRE(store.has_error());
    CHECK(store.error().code() == Errc::config);
    CHECK(store.error().message().find("another application") != std::string::npos);
    CHECK(slurp(path) == before);
  }
  SECTION("a store of a newer version") {
    testing::open(path).reset();
    execute(path, "PRAGMA user_version = 999");
    const auto store = try_open(path);
    REQUIRE(store.has_error());
    CHECK(store.error().code() == Errc::config);
    CHECK(store.error().message().find("newer riverd") != std::string::npos);
  }
  SECTION("no database") {
    const std::string garbage(20'000, 'x');
    write_file(path, garbage);
    const auto store = try_open(path);
    REQUIRE(store.has_error());
    CHECK(store.error().code() == Errc::corrupt);
    CHECK(store.error().message().find("left as it is") != std::string::npos);
    CHECK(slurp(path) == garbage);
  }
  SECTION("a folder that is a file") {
    write_file(folder.file("plain"), "");
    CHECK(try_open(folder.file("plain/riverd.db")).error().code() == Errc::io);
  }
  SECTION("a place where nobody may write") { CHECK(try_open("/proc/riverd.db").has_error()); }
  SECTION("a folder") { CHECK(try_open(folder.path()).has_error()); }
}

TEST_CASE("folders that are missing are made, an empty file is filled", "[open]") {
  Folder folder;
  CHECK(try_open(folder.file("a/b/riverd.db")));
  write_file(folder.file("empty.db"), "");
  CHECK(try_open(folder.file("empty.db")));
}

TEST_CASE("a damaged file gives errors, never a crash", "[faults]") {
  Folder folder;
  const std::string path = folder.file("riverd.db");
  {
    auto store = testing::open(path);
    REQUIRE(store->sync_sources({testing::source("a")}, kNoon, 0s));
    for (int n = 0; n < 60; ++n) REQUIRE(poll_one(*store, n));
    REQUIRE(store->vacuum());
  }
  const std::string whole = slurp(path);
  std::mt19937 random(3);
  int errors = 0;
  for (int i = 0; i < 60; ++i) {
    std::string bytes = whole;
    if (i % 4 == 0) {
      bytes.resize(random() % bytes.size());
    } else {
      const std::size_t at = i % 4 == 1 ? random() % bytes.size() : 4096 * (random() % (bytes.size() / 4096));
      for (std::size_t b = at; b < std::min(bytes.size(), at + 4096); ++b) bytes[b] = static_cast<char>(random());
    }
    const std::string copy = folder.file("damaged.db");
    for (const auto* end : {"-wal", "-shm"}) std::filesystem::remove(copy + end);
    write_file(copy, bytes);
    auto store = try_open(copy);
    if (!store) {
      ++errors;
      continue;
    }
    PostQuery search;
    search.q = "body -nothing";
    PostQuery arrival;
    arrival.order = Order::arrival;
    Retention retention;
    retention.keep_posts = 5;
    errors += (*store)->posts({}).has_error();
    errors += (*store)->posts(search).has_error();
    errors += (*store)->posts(arrival).has_error();
    errors += (*store)->sources().has_error();
    errors += poll_one(**store, 100).has_error();
    errors += (*store)->prune(retention, kNoon).has_error();
    errors += (*store)->ping().has_error();
  }
  CHECK(errors > 0);
}

TEST_CASE("what waits when the store is closed is written first", "[record]") {
  Folder folder;
  const std::string path = folder.file("riverd.db");
  std::atomic<int> done{0};
  {
    auto store = testing::open(path);
    std::vector<ConfiguredSource> sources;
    for (int i = 0; i < 200; ++i) sources.push_back(testing::source("s" + std::to_string(i)));
    REQUIRE(store->sync_sources(sources, kNoon, 0s));
    auto leases = store->claim(kNoon, 200, 60s);
    REQUIRE(leases->size() == 200);
    for (auto& lease : *leases) {
      PollOutcome outcome;
      outcome.at = kNoon;
      outcome.documents.resize(1);
      outcome.documents[0].source = lease.sources[0];
      outcome.documents[0].document.posts = {post_of({"g", lease.url + "/1", "T", kNoon})};
      outcome.lease = std::move(lease);
      store->record(std::move(outcome), [&done](Result<Recorded> recorded) { done += recorded.has_value(); });
    }
  }
  CHECK(done == 200);
  CHECK(testing::open(path)->totals()->posts == 200);
  CHECK(check_file(path).empty());
}
