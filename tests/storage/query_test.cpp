#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "storage/cursor.h"
#include "storage/sqlite/facets.h"
#include "support.h"

using namespace riverd;
using namespace riverd::storage;
using namespace riverd::storage::testing;

namespace {

bool any(const std::vector<std::string>& wanted, const std::vector<std::string>& has) {
  return wanted.empty() ||
         std::any_of(wanted.begin(), wanted.end(), [&](const auto& w) { return std::find(has.begin(), has.end(), w) != has.end(); });
}

/// What a query means, said the slow way.
bool passes(const PostQuery& query, const StoredPost& stored) {
  std::vector<std::string> sources, authors;
  for (const auto& source : stored.sources) sources.push_back(source.name);
  for (const auto& author : stored.post.authors) authors.push_back(author.name.value_or(""));
  const Time when = stored.post.date.value_or(stored.arrived);
  const bool found = query.q.empty() || stored.post.title.find(query.q) != std::string::npos;
  return any(query.sources, sources) && any(query.categories, stored.post.categories) && any(query.tags, stored.post.tags) &&
         any(query.authors, authors) && (!query.since || when >= *query.since) && (!query.until || when < *query.until) && found;
}

std::vector<std::string> ids(const std::vector<StoredPost>& posts) {
  std::vector<std::string> out;
  for (const auto& post : posts) out.push_back(post.post.id);
  return out;
}

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

/// Runs SQL on the file, as another program would.
void execute(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  CHECK(std::string(sqlite3_errmsg(db)) == "not an error");
  sqlite3_close(db);
  REQUIRE(code == SQLITE_OK);
}

constexpr int kMany = 4000;

/// Thousands of posts of which each kind of filter is met by nearly all, by some, by few, or only among old or late changes:
/// every way to find changes is the quickest one for some of these. A few are changed again, so that seq is not their order.
void fill_many(River& river, std::mt19937& random) {
  std::vector<feeds::Post> posts;
  const auto one = [&](int n) {
    const std::string number = std::to_string(n);
    auto post = post_of({"g" + number, "https://x.example/" + number, "post", kNoon - Seconds(random() % 100'000)});
    const auto in = [n](int most) { return std::to_string(n % most); };
    post.categories = {"c" + in(3)};
    post.tags = {"of-20-" + in(20), "of-400-" + in(400), n < kMany / 8 ? "early" : "later"};
    if (n > kMany - 40) post.tags.push_back("late");
    if (n % 97 == 5) {
      for (int i = 0; i < 80; ++i) post.tags.push_back("many-" + std::to_string(i));
    }
    post.authors = {{"author " + in(7), std::nullopt, std::nullopt}};
    post.title = "all w2-" + in(2) + " w30-" + in(30) + " w900-" + in(900) + " post";
    return post;
  };
  for (int n = 0; n < kMany; ++n) {
    posts.push_back(one(n));
    if (posts.size() < 100) continue;
    river.poll_posts("s" + std::to_string(n / 100 % 5), posts);
    posts.clear();
  }
  for (int i = 0; i < 20; ++i) {
    auto changed = one(static_cast<int>(random() % kMany));
    const int n = std::stoi(changed.guid->substr(1));
    changed.summary = "changed";
    river.poll_posts("s" + std::to_string(n / 100 % 5), {changed});
  }
}

/// What was asked of fill_many()'s river in either order, against the slow way. A word of a search is one of a title.
void compare_many(River& river, const std::vector<StoredPost>& everything, std::mt19937& random, int queries) {
  const auto one_of = [&random](const std::vector<std::string>& values) { return values[random() % values.size()]; };
  for (int i = 0; i < queries; ++i) {
    PostQuery query;
    query.order = random() % 3 == 0 ? Order::date : Order::arrival;
    if (random() % 3 == 0) query.categories = {"c" + std::to_string(random() % 4)};
    if (random() % 5 == 0) query.categories.push_back("c1");
    if (random() % 2 == 0) query.tags = {one_of({"of-20-3", "of-400-7", "early", "later", "late", "many-3", "many-70", "none"})};
    if (random() % 6 == 0) query.tags.push_back("of-20-9");
    if (random() % 6 == 0) query.authors = {"author " + std::to_string(random() % 8)};
    if (random() % 6 == 0) query.sources = {"s1"};
    std::vector<std::string> words;
    std::vector<std::string> unwanted;
    if (random() % 2 == 0) words.push_back(one_of({"all", "w2-1", "w30-4", "w900-8", "w900-1000"}));
    if (random() % 6 == 0) unwanted.push_back(one_of({"w2-1", "w30-4", "w900-8", "w900-1000"}));
    for (const auto& word : words) query.q += '"' + word + "\" ";
    for (const auto& word : unwanted) query.q += "-\"" + word + "\" ";
    if (random() % 6 == 0) query.q += random() % 2 ? "pos* " : "pox* ";
    const bool no_prefix = query.q.find("pox*") != std::string::npos;
    if (random() % 4 == 0) query.since = kNoon - Seconds(random() % 100'000);
    if (random() % 4 == 0) query.until = kNoon - Seconds(random() % 100'000);
    if (query.order == Order::arrival && random() % 2 == 0) query.after = static_cast<Seq>(random() % (kMany + 100));
    query.limit = 1 + static_cast<unsigned>(random() % 80);
    CAPTURE(query.q, query.tags, query.categories, query.authors, query.after.value_or(0), query.limit);
    PostQuery but_words = query;
    but_words.q.clear();
    std::vector<StoredPost> expected;
    for (const auto& post : everything) {
      const std::string padded = ' ' + post.post.title + ' ';
      const auto has = [&padded](const std::string& word) { return padded.find(' ' + word + ' ') != std::string::npos; };
      if (passes(but_words, post) && std::all_of(words.begin(), words.end(), has) &&
          std::none_of(unwanted.begin(), unwanted.end(), has) && !no_prefix && (!query.after || post.seq > *query.after)) {
        expected.push_back(post);
      }
    }
    if (query.order == Order::arrival) {
      std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.seq < b.seq; });
    }
    for (std::size_t begin = 0, pages = 0; pages < 3; ++pages) {
      const auto page = river->posts(query);
      REQUIRE(page);
      const std::size_t size = std::min<std::size_t>(query.limit, expected.size() - begin);
      const auto first = expected.begin() + static_cast<std::ptrdiff_t>(begin);
      REQUIRE(ids(page->posts) == ids({first, first + static_cast<std::ptrdiff_t>(size)}));
      begin += size;
      REQUIRE(page->next_cursor.has_value() == (begin < expected.size()));
      if (!page->next_cursor) break;
      query.cursor = *page->next_cursor;
    }
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
  execute(river.folder.file("riverd.db"), "UPDATE post SET facets = NULL WHERE number % 3");
  compare_many(river, everything, random, 200);
}

namespace {

/// Makes a store what it was before lists of facets and pairs of words.
void undo_migrations(const std::string& path) {
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
  // How every version of before counts a change.
  CHECK(sqlite3_exec(db, "UPDATE counter SET value = 5 WHERE name = 'changed'", nullptr, nullptr, nullptr) != SQLITE_OK);
  CHECK(std::string(sqlite3_errmsg(db)).find("restart") != std::string::npos);
  sqlite3_close(db);
  CHECK(river.poll("a", {{"1", "https://x.example/1", "One", kNoon, "body"}}).new_posts == 1);
}

TEST_CASE("the list of a post's facets tells which are in it, and no list breaks who reads it", "[query]") {
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
  river.poll("a", {{"1", "https://x.example/1", "year one", Time(Seconds(-62'135'596'800))},
                   {"2", "https://x.example/2", "1969", Time(Seconds(-1))},
                   {"3", "https://x.example/3", "1970", Time(Seconds(0))},
                   {"4", "https://x.example/4", "before time", Time(Seconds(-999'999'999'999'999))}});
  CHECK(river.titles() == std::vector<std::string>{"1970", "1969", "year one", "before time"});
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
