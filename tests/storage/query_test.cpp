#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "storage/cursor.h"
#include "storage/sqlite/codec.h"
#include "storage/sqlite/facets.h"
#include "slow_way.h"
#include "support.h"

using namespace riverd;
using namespace riverd::storage;
using namespace riverd::storage::testing;

namespace {

/// A few hundred posts of five sources with random tags, categories, authors, dates and words.
void fill(River& river, std::mt19937& random) {
  const auto some = [&random](std::vector<std::string> of, unsigned of_ten) {
    std::erase_if(of, [&](const auto&) { return random() % 10 >= of_ten; });
    return of;
  };
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i % 250);  // some are carried twice
    std::optional<Time> date;
    if (random() % 8 != 0) date = kNoon - Seconds(random() % 400);  // many in one second
    auto post = post_of({"g" + n, "https://x.example/" + n, "post " + n + (random() % 3 == 0 ? " apple" : " pear"), date});
    post.tags = some({"red", "green", "rare"}, 4);
    if (random() % 100 == 0) post.tags.push_back("unique");
    post.categories = some({"tech", "news"}, 5);
    if (random() % 2 == 0) post.authors = {{random() % 3 == 0 ? "ada" : "bob", std::nullopt, std::nullopt}};
    river.poll_posts("s" + std::to_string(random() % 5), {post});
  }
}

}  // namespace

TEST_CASE("among many changes any filter and search finds what the slow way does, common or rare", "[query]") {
  std::mt19937 random(5);
  River river({"s0", "s1", "s2", "s3", "s4"});
  fill_many(river, random);
  const auto everything = river.all();
  REQUIRE(everything.size() == kMany);
  compare_many(river, everything, random, 600);
  // Changes that carry no list of what they are filtered by, as those of before that was kept.
  execute(river.folder.file("riverd.db"), "UPDATE post SET facets = NULL WHERE number % 3; UPDATE facet_post SET listed = NULL WHERE pos % 3; "
          "UPDATE facet SET newest = NULL WHERE id % 2");
  compare_many(river, everything, random, 200);
}

TEST_CASE("lists of posts and of their facets are read as they were written, and none breaks who reads it", "[query]") {
  using sqlite::encode_facets;
  using sqlite::has_any_facet;
  std::mt19937_64 random(8);
  for (int i = 0; i < 300; ++i) {
    std::vector<std::int64_t> ids(random() % 65);
    for (auto& id : ids) id = static_cast<std::int64_t>(random() >> (random() % 63 + 1));
    std::sort(ids.begin(), ids.end());
    const auto list = encode_facets(ids);
    REQUIRE(list);
    for (const auto id : ids) CHECK(has_any_facet(*list, {id}));
    std::vector<std::int64_t> others(20);
    for (auto& id : others) id = static_cast<std::int64_t>(random() >> (random() % 63 + 1));
    std::sort(others.begin(), others.end());
    const bool any_in = std::any_of(others.begin(), others.end(), [&](auto id) { return std::binary_search(ids.begin(), ids.end(), id); });
    CHECK(has_any_facet(*list, others) == any_in);
    CHECK_FALSE(has_any_facet(*list, {}));
    static_cast<void>(has_any_facet(list->substr(0, random() % (list->size() + 1)), others));
  }
  for (int i = 0; i < 300; ++i) {
    const std::string facets = encode_facets({1, 5, 900}).value();
    std::vector<sqlite::PlacedPost> posts;
    auto pos = static_cast<std::int64_t>(random());
    for (unsigned n = random() % 16; n > 0 && pos > INT64_MIN / 2; --n, pos -= static_cast<std::int64_t>(random() >> 8U) + 1) {
      posts.push_back({pos, static_cast<std::int64_t>(random() >> 1U) + 1, static_cast<std::int64_t>(random() >> 40U) + 1});
    }
    const std::string placed = encode(posts);
    CHECK(encode(sqlite::decode_placed(placed)) == placed);
    CHECK(sqlite::decode_placed(placed.substr(0, random() % (placed.size() + 1))).size() <= posts.size());
    const std::string listed = encode(sqlite::ListedPost{static_cast<std::int64_t>(random() >> 1U) + 1, 7, facets});
    CHECK(sqlite::view_listed(listed)->facets == facets);
    static_cast<void>(sqlite::view_listed(listed.substr(0, random() % listed.size())));
    std::string noise(random() % 40, '\0');
    for (auto& c : noise) c = static_cast<char>(random());
    static_cast<void>(sqlite::view_listed(noise));
    const auto some = sqlite::decode_placed(noise);
    CHECK(std::is_sorted(some.begin(), some.end(), [](const auto& a, const auto& b) { return a.pos > b.pos; }));
  }
  CHECK(encode_facets({}) == std::string());
  CHECK_FALSE(encode_facets(std::vector<std::int64_t>(65, 1)));
  CHECK_FALSE(has_any_facet(std::string(50, '\xff'), {1}));
}

TEST_CASE("any combination of filters gives what each alone would, in the river's order", "[query]") {
  std::mt19937 random(7);
  River river({"s0", "s1", "s2", "s3", "s4"});
  fill(river, random);
  const auto everything = river.all();
  REQUIRE(everything.size() == 250);
  for (std::size_t i = 1; i < everything.size(); ++i) {
    const auto when = [](const StoredPost& post) { return post.post.date.value_or(post.arrived); };
    CHECK(when(everything[i - 1]) >= when(everything[i]));
  }
  const auto pick = [&random](std::vector<std::string> of, unsigned chance) {
    std::shuffle(of.begin(), of.end(), random);
    of.resize(random() % 10 < chance ? 1 + random() % 2 : 0);
    return of;
  };
  for (int i = 0; i < 400; ++i) {
    PostQuery query;
    query.sources = pick({"s0", "s1", "s2", "nobody"}, 3);
    query.tags = pick({"red", "green", "rare", "unique"}, 4);
    query.categories = pick({"tech", "news"}, 3);
    query.authors = pick({"ada", "bob"}, 3);
    if (random() % 4 == 0) query.q = random() % 2 ? "apple" : "pear";
    if (random() % 4 == 0) query.since = kNoon - Seconds(random() % 400);
    if (random() % 4 == 0) query.until = kNoon - Seconds(random() % 400);
    query.limit = 1 + static_cast<unsigned>(random() % 60);
    std::vector<StoredPost> expected;
    for (const auto& post : everything) {
      if (passes(query, post)) expected.push_back(post);
    }
    query.order = random() % 3 == 0 ? Order::arrival : Order::date;
    if (query.order == Order::arrival) {
      std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.seq < b.seq; });
    }
    std::vector<StoredPost> paged;
    auto page = river->posts(query);
    while (true) {
      REQUIRE(page);
      CHECK(page->posts.size() <= query.limit);
      paged.insert(paged.end(), page->posts.begin(), page->posts.end());
      if (!page->next_cursor) break;
      CHECK(page->posts.size() == query.limit);
      query.cursor = *page->next_cursor;
      page = river->posts(query);
    }
    REQUIRE(ids(paged) == ids(expected));
  }
}

TEST_CASE("what a source's posts are filtered by follows each change of them", "[query]") {
  River river({"a", "b"});
  std::vector<feeds::Post> posts;
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    posts.push_back(post_of({n, "https://x.example/" + n, "post " + n, kNoon - Seconds(i)}));
    posts.back().tags = {i % 2 == 0 ? "even" : "odd"};
  }
  river.poll_posts("a", posts);
  const auto count = [&river](std::vector<std::string> sources, const std::string& tag) {
    PostQuery query;
    query.sources = std::move(sources);
    query.tags = {tag};
    return river.all(query).size();
  };
  CHECK(count({"a"}, "even") == 20);
  const auto change = [](feeds::Post& post) { ++post.fingerprint; };
  posts[0].tags = {"odd"};
  change(posts[0]);
  for (int i = 0; i < 80; ++i) posts[1].tags.push_back("tag " + std::to_string(i));  // more than a list holds
  change(posts[1]);
  posts[2].title = "another";
  change(posts[2]);
  river.poll_posts("a", posts);
  CHECK(count({"a"}, "even") == 19);
  CHECK(count({"a"}, "odd") == 21);
  CHECK(count({"a"}, "tag 79") == 1);
  CHECK(count({"a"}, "tag 80") == 0);
  river.poll_posts("b", {posts[3]});
  CHECK(count({"b"}, "odd") == 1);
  CHECK(count({"a", "b"}, "odd") == 21);
  PostQuery both;
  both.sources = {"a", "b"};
  CHECK(ids(river.all(both)) == ids(river.all()));
  Retention retention;
  retention.keep_posts = 5;
  REQUIRE(river->prune(retention, river.now));
  CHECK(ids(river.all(both)) == ids(river.all()));
  const std::string path = river.folder.file("riverd.db");
  CHECK(number_in(path, "SELECT count(*) FROM facet_post p JOIN facet f ON f.id = p.facet WHERE (f.kind = 1) = (listed IS NULL)") == 0);
  CHECK(count({"a"}, "odd") == 3);  // 0, 1, 3 and none of what is gone
  CHECK(check_file(path).empty());
  // Where a list can't be read the index is asked.
  execute(path, "UPDATE facet_post SET listed = x''; UPDATE facet SET newest = x'ff'");
  CHECK(count({"a"}, "odd") == 3);
  CHECK(ids(river.all(both)) == ids(river.all()));
}

TEST_CASE("names are compared without case, tags of any script too", "[query]") {
  River river({"a"});
  auto post = post_of({"1", "https://x.example/1", "One", kNoon});
  post.tags = {"Cloud", "ÄRGER", "НОВОСТИ"};
  post.authors = {{"Ada Lovelace", std::nullopt, std::nullopt}};
  river.poll_posts("a", {post});
  for (const auto* tag : {"cloud", "CLOUD", "ärger", "новости"}) {
    PostQuery query;
    query.tags = {tag};
    CAPTURE(tag);
    CHECK(river.all(query).size() == 1);
  }
  for (const auto* tag : {"clou", "cloud%", "c*", "", "' OR 1=1 --", "_loud"}) {
    PostQuery query;
    query.tags = {tag};
    CAPTURE(tag);
    CHECK(river.all(query).empty());
  }
  PostQuery query;
  query.authors = {"ada lovelace"};
  CHECK(river.all(query).size() == 1);
}

TEST_CASE("only changes after a seq, up to the newest", "[query]") {
  River river({"a"});
  std::vector<Entry> entries;
  for (int i = 0; i < 5; ++i) entries.push_back({std::to_string(i), "https://x.example/" + std::to_string(i), "t", kNoon});
  river.poll("a", entries);
  const Seq last = river->totals()->seq;
  PostQuery query;
  query.order = Order::arrival;
  query.after = last - 2;
  CHECK(river.all(query).size() == 2);
  entries[0].title = "changed";
  river.poll("a", entries);
  query.after = last;
  const auto changed = river.all(query);
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].seq == last + 1);
  CHECK(river->posts(query)->seq == last + 1);
  query.after = 100;
  CHECK(river.all(query).empty());
}

TEST_CASE("a cursor that is made up, cut, or another query's is refused", "[query][cursor]") {
  River river({"a"});
  std::vector<Entry> entries;
  for (int i = 0; i < 5; ++i) entries.push_back({std::to_string(i), "https://x.example/" + std::to_string(i), "t", kNoon});
  river.poll("a", entries);
  PostQuery query;
  query.limit = 2;
  const std::string good = *river->posts(query)->next_cursor;
  const auto refused = [&](const std::string& cursor, PostQuery q = {}) {
    q.limit = 2;
    q.cursor = cursor;
    const auto page = river->posts(q);
    return page.has_error() && page.error().code() == Errc::invalid;
  };
  CHECK_FALSE(refused(good));
  for (const auto* garbage : {"x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "0", "-1", "' OR 1", "\xff\xfe", "===="}) CHECK(refused(garbage));
  CHECK(refused(good.substr(1)));
  CHECK(refused(good + "A"));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bent = good;
    bent[i] = bent[i] == 'A' ? 'B' : 'A';
    CHECK(refused(bent));
  }
  PostQuery other;
  other.tags = {"x"};
  CHECK(refused(good, other));
  PostQuery arrival;
  arrival.order = Order::arrival;
  CHECK(refused(good, arrival));
}

TEST_CASE("a cursor holds any position", "[cursor]") {
  const PostQuery query;
  for (const std::int64_t position : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN, std::int64_t{1} << 56}) {
    CHECK(read_cursor(query, make_cursor(query, position)).value() == position);
  }
}

TEST_CASE("a page's limit is one to a thousand, whatever is asked", "[query]") {
  River river({"a"});
  river.poll("a", {{"1", "https://x.example/1", "One", kNoon}, {"2", "https://x.example/2", "Two", kNoon}});
  PostQuery query;
  query.limit = 0;
  CHECK(river->posts(query)->posts.size() == 1);
  query.limit = 4'000'000'000U;
  CHECK(river->posts(query)->posts.size() == 2);
}

TEST_CASE("dates before 1970 and at the ends of time have their place", "[query]") {
  River river({"a"});
  river.poll("a", {{"1", "https://x.example/1", "year two", Time(Seconds(-62'104'060'800))},
                   {"2", "https://x.example/2", "1969", Time(Seconds(-1))},
                   {"3", "https://x.example/3", "1970", Time(Seconds(1))},
                   {"4", "https://x.example/4", "before time", Time(Seconds(-999'999'999'999'999))}});  // no date, so new
  CHECK(river.titles() == std::vector<std::string>{"before time", "1970", "1969", "year two"});
  PostQuery query;
  query.until = Time(Seconds(0));
  query.since = Time(Seconds(-1));
  CHECK(river.titles(query) == std::vector<std::string>{"1969"});
}

TEST_CASE("following the river while it is written misses nothing and repeats nothing", "[query][concurrency]") {
  River river({"a", "b", "c"});
  std::atomic<bool> written{false};
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) {
      const std::string n = std::to_string(i % 120);  // later rounds change earlier posts
      river.poll(std::string(1, static_cast<char>('a' + i % 3)),
                 {{"g" + n, "https://x.example/" + n, "version " + std::to_string(i), kNoon - Seconds(i)}});
    }
    written = true;
  });
  std::map<Seq, std::string> seen;
  PostQuery query;
  query.order = Order::arrival;
  query.limit = 7;
  Seq last = 0;
  bool done = false;
  while (!done) {
    done = written;  // one more round after the last write
    query.after = last;
    auto page = river->posts(query);
    REQUIRE(page);
    while (!page->posts.empty()) {
      for (const auto& post : page->posts) {
        REQUIRE(post.seq > last);
        last = post.seq;
        REQUIRE(seen.emplace(post.seq, post.post.id).second);
      }
      if (!page->next_cursor) break;
      PostQuery next = query;
      next.cursor = *page->next_cursor;
      page = river->posts(next);
      REQUIRE(page);
    }
  }
  writer.join();
  for (const auto& post : river.all()) CHECK(seen[post.seq] == post.post.id);
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("a query over its time is interrupted, and the next one is answered", "[query]") {
  River river({"a"});
  std::vector<Entry> entries;
  for (int i = 0; i < 3000; ++i) entries.push_back({std::to_string(i), "https://x.example/" + std::to_string(i), "t", kNoon});
  river.poll("a", entries);
  Options options;
  options.path = river.folder.file("riverd.db");
  options.query_limit = std::chrono::milliseconds(1);
  auto hasty = open_sqlite(options);
  REQUIRE(hasty);
  bool interrupted = false;
  PostQuery query;
  query.limit = 1000;
  for (int i = 0; i < 50 && !interrupted; ++i) {
    const auto page = (*hasty)->posts(query);
    interrupted = page.has_error() && page.error().code() == Errc::interrupted;
  }
  CHECK(interrupted);
  query.limit = 1;
  bool answered = false;
  for (int i = 0; i < 50 && !answered; ++i) answered = (*hasty)->posts(query).has_value();
  CHECK(answered);
}

TEST_CASE("a page of huge posts ends early and goes on where it ended", "[query]") {
  River river({"a"});
  std::vector<Entry> entries;
  for (int i = 0; i < 9; ++i) {
    const std::string n = std::to_string(i);
    entries.push_back({n, "https://x.example/" + n, n, kNoon - Seconds(i), std::string(8U << 20U, 'x')});
  }
  river.poll("a", entries);
  for (const auto order : {Order::date, Order::arrival}) {
    PostQuery query;
    query.order = order;
    query.limit = 1000;
    const auto first = river->posts(query);
    REQUIRE(first);
    CHECK(first->posts.size() < 9);
    CHECK(first->next_cursor);
    CHECK(river.all(query).size() == 9);
  }
}
