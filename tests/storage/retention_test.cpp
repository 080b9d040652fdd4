#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "support.h"

using namespace riverd;
using namespace riverd::storage;
using namespace riverd::storage::testing;

namespace {

std::vector<Entry> numbered(int count, Time newest) {
  std::vector<Entry> entries;
  for (int i = 0; i < count; ++i) {
    const std::string n = std::to_string(i);
    entries.push_back({"g" + n, "https://x.example/" + n, "Title " + n, newest - i * 24h});
  }
  return entries;
}

}  // namespace

TEST_CASE("posts older than what is kept are dropped, and do not come back", "[retention]") {
  River river({"a", "b"});
  auto entries = numbered(600, kNoon);
  river.poll("a", entries);
  Retention retention;
  retention.keep = 24h * 100;
  CHECK(*river->prune(retention, kNoon) == 499);
  CHECK(river.all().size() == 101);
  CHECK(*river->prune(retention, kNoon) == 0);
  CHECK(river->totals()->posts == 101);

  SECTION("with the same feed again") {
    river.poll("a", {});
    CHECK(river.poll("a", entries).new_posts == 0);
  }
  SECTION("with a new version of each entry") {
    for (auto& entry : entries) entry.body = "newer";
    const auto recorded = river.poll("a", entries);
    CHECK(recorded.new_posts == 0);
    CHECK(recorded.updated_posts == 101);
  }
  SECTION("under new guids") {
    for (auto& entry : entries) entry.guid += "-new";
    CHECK(river.poll("a", entries).new_posts == 0);
  }
  SECTION("from another source") {
    for (auto& entry : entries) entry.guid += "-b";
    const auto recorded = river.poll("b", entries);
    CHECK(recorded.new_posts == 0);
    CHECK(recorded.merged_posts == 101);
  }
  CHECK(river.all().size() == 101);
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("a source's posts are kept as long as it says, shorter or longer than the others'", "[retention][issue6]") {
  River river({"short", "long", "plain"});
  const auto entries = [](const std::string& of) {
    auto list = numbered(500, kNoon);
    for (auto& entry : list) {
      entry.guid = of + entry.guid;
      entry.title = of + entry.title;
      entry.link = "https://" + of + ".example/" + entry.guid;
    }
    return list;
  };
  for (const auto* name : {"short", "long", "plain"}) river.poll(name, entries(name));
  const auto count = [&](const std::string& source) {
    PostQuery query;
    query.sources = {source};
    return river.all(query).size();
  };
  Retention retention;
  retention.sources = {{"short", 24h * 10}, {"long", 24h * 450}, {"unknown", 1s}};

  SECTION("over a general term") {
    retention.keep = 24h * 100;
    CHECK(*river->prune(retention, kNoon) == 489 + 49 + 399);
    CHECK(count("short") == 11);
    CHECK(count("long") == 451);
    CHECK(count("plain") == 101);
  }
  SECTION("without one, the others are kept for ever") {
    CHECK(*river->prune(retention, kNoon) == 489 + 49);
    CHECK(count("plain") == 500);
  }
  CHECK(*river->prune(retention, kNoon) == 0);
  CHECK(river.poll("short", entries("short")).new_posts == 0);
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("a post that several sources carry stays as long as one of them keeps it", "[retention][issue6]") {
  River river({"short", "plain"});
  const Entry shared{"g", "https://x.example/1", "Shared", kNoon - 24h * 5};
  river.poll("short", {shared, {"own", "https://x.example/2", "Own", kNoon - 24h * 5}});
  river.poll("plain", {{"other-guid", "https://x.example/1", "Shared", kNoon - 24h * 5}});
  Retention retention;
  retention.keep = 24h * 30;
  retention.sources = {{"short", 24h}};
  CHECK(*river->prune(retention, kNoon) == 1);
  CHECK(river.titles() == std::vector<std::string>{"Shared"});
  CHECK(*river->prune(retention, kNoon + 24h * 30) == 1);
}

TEST_CASE("only so many posts are kept: the newest", "[retention]") {
  River river({"a"});
  river.poll("a", numbered(300, kNoon));
  Retention retention;
  retention.keep_posts = 10;
  CHECK(*river->prune(retention, kNoon) == 290);
  CHECK(river.titles().back() == "Title 9");
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("numbers and seqs are never given twice, also after all posts are gone", "[retention]") {
  River river({"a"});
  river.poll("a", numbered(5, kNoon));
  const auto before = river.all();
  Retention retention;
  retention.keep = 1s;
  REQUIRE(river->prune(retention, kNoon + 1h));
  CHECK(river.all().empty());
  river.reopen();
  river.poll("a", {{"new", "https://x.example/new", "New", kNoon}});
  const auto after = river.all().at(0);
  for (const auto& post : before) {
    CHECK(after.number > post.number);
    CHECK(after.seq > post.seq);
  }
}

TEST_CASE("a removal is a change of the river", "[retention]") {
  River river({"a"});
  river.poll("a", numbered(5, kNoon));
  const auto before = *river->totals();
  Retention retention;
  retention.keep_posts = 1;
  REQUIRE(river->prune(retention, kNoon + 1h));
  CHECK(river->totals()->seq > before.seq);
  CHECK(river->totals()->changed == kNoon + 1h);
}

TEST_CASE("a backup made while the store is written opens whole", "[backup]") {
  River river({"a"});
  river.poll("a", numbered(50, kNoon));
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) river.poll("a", {{"w" + std::to_string(i), "https://w.example/" + std::to_string(i), "W", kNoon}});
  });
  const std::string copy = river.folder.file("backup.db");
  for (int i = 0; i < 3; ++i) CHECK(river->backup(copy));
  stop = true;
  writer.join();
  CHECK(check_file(copy).empty());
  CHECK_FALSE(std::filesystem::exists(copy + ".part"));
  auto restored = testing::open(copy);
  CHECK(restored->totals()->posts >= 50);
  CHECK(restored->post(river.all().back().post.id)->has_value());
}

TEST_CASE("a backup never goes over the store itself, nor where it cannot", "[backup]") {
  River river({"a"});
  CHECK(river->backup(river.folder.file("riverd.db")).error().code() == Errc::invalid);
  CHECK(river->backup(river.folder.file("no/such/folder.db")).has_error());
  CHECK(river.all().empty());
}

TEST_CASE("counts of posts, tags, categories and days are right without counting", "[summaries]") {
  River river({"a", "b"});
  auto one = post_of({"1", "https://x.example/1", "One", kNoon});
  one.tags = {"Red", "green"};
  one.categories = {"tech"};
  auto two = post_of({"2", "https://x.example/2", "Two", kNoon});
  two.tags = {"red"};
  river.poll_posts("a", {one, two});
  river.poll("b", {{"x", "https://x.example/1", "One", kNoon}});
  const auto tags = *river->tags(10);
  REQUIRE(tags.size() == 2);
  CHECK(tags[0].name == "red");  // as first seen: the last entry of a document comes first
  CHECK(tags[0].posts == 2);
  CHECK(river->tags(1)->size() == 1);
  CHECK(river->categories()->at(0).posts == 1);
  CHECK((*river->source("a"))->posts == 2);
  CHECK((*river->source("b"))->posts == 1);
  const auto activity = *river->activity(river.now + 24h, 3);
  REQUIRE(activity.size() == 2);
  CHECK(activity[0].per_day == std::vector<std::uint32_t>{0, 2, 0});
  CHECK(activity[1].per_day == std::vector<std::uint32_t>{0, 1, 0});
  CHECK(river->totals()->posts == 2);
  CHECK(river->totals()->sources == 2);
}

TEST_CASE("posts count on the day they were published, however late a source is read for the first time", "[summaries]") {
  River river({"a"});
  river.poll("a", {{"old", "https://x.example/old", "Old", kNoon - 24h * 3000},
                   {"1", "https://x.example/1", "One", kNoon - 49h},
                   {"2", "https://x.example/2", "Two", kNoon - 48h},
                   {"3", "https://x.example/3", "Three", kNoon},
                   {"4", "https://x.example/4", "Ahead of its time", kNoon + 30h}});
  const auto activity = *river->activity(kNoon, 4);
  REQUIRE(activity.size() == 1);
  CHECK(activity[0].per_day == std::vector<std::uint32_t>{0, 2, 0, 2});
}

TEST_CASE("who listens hears of every change after it can be read", "[changes]") {
  River river({"a"});
  REQUIRE(river->ping());  // behind what its making has to tell
  std::vector<Seq> heard;
  Seq readable = 0;
  river->on_change([&](Seq seq) {
    heard.push_back(seq);
    readable = river->totals()->seq;
  });
  river.poll("a", {{"1", "https://x.example/1", "One", kNoon}});
  river.poll("a", {{"1", "https://x.example/1", "One", kNoon}});
  river.poll("a", {{"1", "https://x.example/1", "Two", kNoon}});
  REQUIRE(river->ping());  // behind the last notice in the queue
  REQUIRE(heard.size() == 2);
  CHECK(heard[0] < heard[1]);
  CHECK(readable == heard[1]);
}
