#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "storage/search_query.h"
#include "storage/words.h"
#include "support.h"

using namespace riverd;
using namespace riverd::storage;
using namespace riverd::storage::testing;

namespace {

std::string prepared(std::string_view text) {
  std::string words;
  append_words(words, text);
  return words;
}

std::string prepared_html(std::string_view html) {
  std::string words;
  append_words_of_html(words, html);
  return words;
}

}  // namespace

TEST_CASE("scripts without spaces are indexed in pairs", "[search]") {
  CHECK(prepared("東京都") == "東京 京都 都 ");
  CHECK(prepared("東") == "東 ");
  CHECK(prepared("GPT4は速い!") == "GPT4 は速 速い い ");
  CHECK(prepared("カタカナ・テスト") == "カタ タカ カナ ナ テス スト ト ");
  CHECK(prepared("ＡＢＣ１２") == "ABC12 ");
  CHECK(prepared("plain, words") == "plain words ");
  CHECK(prepared("soft\u00adhyphen zero\u200bwidth") == "softhyphen zerowidth ");
}

TEST_CASE("HTML is searched by its words", "[search]") {
  CHECK(prepared_html("<p>One</p><p>Two</p>") == "One Two ");
  CHECK(prepared_html("un<b>believ</b>able") == "unbelievable ");
  CHECK(prepared_html("a<br>b &amp; c&#x64;&nbsp;e &lt;f") == "a b cd e f ");
  CHECK(prepared_html("<a href=\"x>y\" title='z'>link</a>") == "link ");
  CHECK(prepared_html("<unclosed") == "");
  CHECK(prepared_html("AT&T") == "AT T ");
  CHECK(prepared(std::string(5000, 'x')).size() <= 130);
}

TEST_CASE("a search finds what a reader means", "[search]") {
  River river({"a"});
  auto post = post_of({"1", "https://x.example/1", "Tencent hébt Cloud-Gewinn", kNoon,
                       "The quick brown fox can't jump over 東京都庁 and 中文搜索引擎. Straße, naïve, Ελλάδα, новости. กรุงเทพ 서울특별시"});
  post.tags = {"Quarterly Results"};
  post.authors = {{"Grace Hopper", std::nullopt, std::nullopt}};
  river.poll_posts("a", {post});
  river.poll("a", {{"2", "https://x.example/2", "Other", kNoon - 1h, "lazy dog"}});
  struct Case {
    std::string q;
    std::vector<std::string> titles;
  };
  const std::string ours = post.title;
  const auto t = GENERATE_COPY(values<Case>({
      {"", {ours, "Other"}},
      {"   ", {ours, "Other"}},
      {"fox", {ours}},
      {"FOX Quick", {ours}},
      {"fox dog", {}},
      {"\"brown fox\"", {ours}},
      {"\"fox brown\"", {}},
      {"\"brown fox", {ours}},
      {"-fox", {"Other"}},
      {"-nothing", {ours, "Other"}},
      {"-\"lazy dog\"", {ours}},
      {"quick -fox", {}},
      {"quick -dog", {ours}},
      {"qui*", {ours}},
      {"qui", {}},
      {"\"quick bro\"*", {ours}},
      {"-qui*", {"Other"}},
      {"hebt", {ours}},
      {"naive", {ours}},
      {"NAÏVE", {ours}},
      {"ελλαδα", {ours}},
      {"НОВОСТИ", {ours}},
      {"can't", {ours}},
      {"cloud-gewinn", {ours}},
      {"results", {ours}},
      {"hopper", {ours}},
      {"東京", {ours}},
      {"京都庁", {ours}},
      {"東", {ours}},
      {"庁", {ours}},
      {"東庁", {}},
      {"搜索", {ours}},
      {"中文　引擎", {ours}},
      {"-東京", {"Other"}},
      {"กรุง", {ours}},
      {"특별", {ours}},
      {"!!!", {}},
      {"fox !!!", {ours}},
      {"-!!!", {ours, "Other"}},
      {"😀", {}},
  }));
  CAPTURE(t.q);
  PostQuery query;
  query.q = t.q;
  CHECK(river.titles(query) == t.titles);
}

TEST_CASE("no input is a syntax error", "[search]") {
  River river({"a"});
  river.poll("a", {{"1", "https://x.example/1", "and or not near words", kNoon}});
  const std::vector<std::string> inputs = {
      "\"", "\"\"", "\"\"\"", "*", "**", "-", "--", "-\"", "-*", "AND", "OR", "NOT", "NEAR", "NEAR(a b)", "a AND", "OR b", "(", ")", "()",
      "a:b", "words:and", "{a b}:c", "^and", "and +or", "a*b", "*a", "a-b", "'", "';--", "%", "_", "\\", "\"a\"b\"c", "a\"b\"c",
      std::string("nul\0byte", 8), "\xff\xfe", "\xc3", "\xed\xa0\x80", std::string(100'000, 'a'), std::string(100'000, '"'), std::string(50'000, '-'),
      "\u202e\u0000", "a\tb\nc\r", "- -a", "-- a", "?", "?1", "$x", ":x", "@x", "; DROP TABLE post", "and*and*", "\"and*\"*"};
  for (const auto& order : {Order::date, Order::arrival}) {
    for (const auto& q : inputs) {
      PostQuery query;
      query.q = q;
      query.order = order;
      CAPTURE(q.substr(0, 40));
      CHECK(river->posts(query));
    }
  }
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += " w" + std::to_string(i) + "*";
  PostQuery query;
  query.q = many;
  CHECK(river->posts(query));
}

TEST_CASE("a search shows posts as they are now", "[search]") {
  River river({"a"});
  const auto found = [&](const std::string& q) {
    PostQuery query;
    query.q = q;
    return river.all(query).size();
  };
  river.poll("a", {{"1", "https://x.example/1", "One", kNoon, "elephant"}, {"2", "https://x.example/2", "Two", kNoon, "elephant"}});
  CHECK(found("elephant") == 2);
  river.poll("a", {{"1", "https://x.example/1", "One", kNoon, "giraffe"}, {"2", "https://x.example/2", "Two", kNoon, "elephant"}});
  CHECK(found("elephant") == 1);
  CHECK(found("giraffe") == 1);
  Retention retention;
  retention.keep_posts = 1;
  CHECK(*river->prune(retention, river.now) == 1);
  CHECK(found("elephant") + found("giraffe") == 1);
  REQUIRE(river->vacuum());
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("what many polls left in many lists of the search index is joined when nothing is written", "[search]") {
  constexpr int kPolls = 60;
  River river({"a"});
  const std::string path = river.folder.file("riverd.db");
  for (int i = 0; i < kPolls; ++i) {
    const std::string n = std::to_string(i);
    river.poll("a", {{n, "https://x.example/" + n, n, kNoon - Seconds(i), i % 2 ? "odd number" : "even number"}});
  }
  const auto* const lists = "SELECT count(DISTINCT segid) FROM search_idx";
  CHECK(number_in(path, lists) > 10);
  river.store.reset();
  river.store = open_to_tidy(path, lists, 6);
  CHECK(number_in(path, lists) <= 6);  // they double in size: as many as the count of polls has binary digits, at most
  PostQuery query;
  query.q = "number -even";
  CHECK(river.all(query).size() == kPolls / 2);
  CHECK(check_file(path).empty());
}

TEST_CASE("a search goes together with every filter, and with either order", "[search]") {
  River river({"a", "b"});
  for (int i = 0; i < 100; ++i) {
    const std::string n = std::to_string(i);
    auto post = post_of({n, "https://x.example/" + n, n, kNoon - Seconds(i), i % 2 ? "odd number" : "even number"});
    if (i % 5 == 0) post.tags = {"five"};
    river.poll_posts(i % 3 == 0 ? "a" : "b", {post});
  }
  PostQuery query;
  query.q = "number -even";
  query.tags = {"five"};
  query.sources = {"a"};
  CHECK(river.titles(query) == std::vector<std::string>{"15", "45", "75"});
  query.order = Order::arrival;
  CHECK(river.titles(query) == std::vector<std::string>{"15", "45", "75"});
  query.since = kNoon - Seconds(50);
  CHECK(river.titles(query) == std::vector<std::string>{"15", "45"});
}

TEST_CASE("a search by arrival finds each change once and in order, of few posts that fit and of many", "[search]") {
  River river({"a"});
  std::vector<Entry> entries;
  for (int i = 0; i < 12'000; ++i) {
    const std::string n = std::to_string(i);
    std::string words = i % 2 == 0 ? "frequent" : "other";
    if (i % 3000 == 2999) words += " scarce";
    // Arrival and date go apart, so that neither order is the other one read backwards.
    entries.push_back({n, "https://x.example/" + n, n, kNoon + Seconds((i * 7919) % 12'000), words});
  }
  river.poll("a", entries);
  for (const auto& [word, many] : std::vector<std::pair<std::string, std::size_t>>{{"frequent", 6000}, {"scarce", 4}}) {
    CAPTURE(word);
    PostQuery query;
    query.q = word;
    query.order = Order::arrival;
    query.limit = 700;
    std::set<std::string> found;
    Seq before = 0;
    for (bool more = true; more;) {
      const auto page = river->posts(query);
      REQUIRE(page.has_value());
      for (const auto& post : page->posts) {
        CHECK(post.seq > before);
        before = post.seq;
        CHECK(found.insert(post.post.title).second);
      }
      more = page->next_cursor.has_value();
      query.cursor = page->next_cursor.value_or("");
    }
    CHECK(found.size() == many);
  }
}

TEST_CASE("a phrase of short words is found, and not where its words stand apart, in few posts or in many", "[search]") {
  River river({"a"});
  std::vector<Entry> entries;
  for (int i = 0; i < 12'000; ++i) {
    const std::string n = std::to_string(i);
    // Nearly all have both pairs of "to be or".
    std::string words = i % 10 == 0 ? "or to be" : "to be maybe be or";
    if (i % 3000 == 2999) words = "be or to be or not";
    if (i == 1234) words += " l\u00e0 o\u00f9";
    entries.push_back({n, "https://x.example/" + n, "Title", kNoon + Seconds((i * 7919) % 12'000), words});
  }
  river.poll("a", entries);
  const auto found = [&river](const std::string& q, Order order) {
    PostQuery query;
    query.q = q;
    query.order = order;
    query.limit = 900;
    return river.all(query).size();
  };
  for (const Order order : {Order::date, Order::arrival}) {
    CHECK(found("\"to be or\"", order) == 4);
    CHECK(found("\"To Be OR not\"", order) == 4);
    CHECK(found("\"to be or not to\"", order) == 0);
    CHECK(found("\"be or\"", order) == 10'800);
    CHECK(found("\"or to\" -\"to be or\"", order) == 1200);
    CHECK(found("\"to be m\"*", order) == 10'796);
    CHECK(found("\"to be or n\"*", order) == 4);
    CHECK(found("\"la ou\"", order) == 1);
    CHECK(found("\"LA\u0300 OU\"", order) == 1);
  }
  // What is changed or removed is found as it is now, and the index of pairs has that and no more.
  const std::string path = river.folder.file("riverd.db");
  const auto* const indexed = "SELECT count(*) FROM pairs WHERE pairs MATCH '\"or_not\"'";
  CHECK(number_in(path, indexed) == 4);
  entries.resize(3000);
  entries[2999].body = "to be";
  entries[0].body = "to be or not to be";
  river.poll("a", entries);
  CHECK(found("\"to be or\"", Order::date) == 4);
  CHECK(found("\"to be or not to\"", Order::date) == 1);
  CHECK(number_in(path, indexed) == 4);
  Retention retention;
  retention.keep_posts = 1;
  CHECK(river->prune(retention, river.now));
  CHECK(found("\"be or\"", Order::date) <= 1);
  CHECK(number_in(path, indexed) <= 1);
  CHECK(number_in(path, "SELECT count(*) FROM pairs WHERE pairs MATCH '\"to_be\"'") <= 1);
  CHECK(check_file(path).empty());
}

TEST_CASE("a prefix finds the same posts however many fit, page by page and by arrival", "[search]") {
  River river({"a"});
  std::mt19937 random(7);  // NOLINT: the same posts every time
  std::map<std::string, std::string> texts;  // title -> its words
  for (int round = 0; round < 10; ++round) {
    std::vector<Entry> entries;
    for (int i = 0; i < 60; ++i) {
      const std::string number = std::to_string(round * 60 + i);
      std::string words = "every";
      words += random() % 2 == 0 ? " oftentimes" : " often";
      words += random() % 10 == 0 ? " Seldöm日本" : " selection";
      if (random() % 100 == 0) words += " rarely";
      entries.push_back({number, "https://x.example/" + number, "title " + number, kNoon - std::chrono::seconds(random() % 1000), "<p>" + words + "</p>"});
      texts["title " + number] = words;
    }
    river.poll("a", entries);
  }
  struct Case {
    std::string q;
    std::function<bool(const std::string&)> fits;
  };
  const auto has = [](const char* part) { return [part](const std::string& words) { return words.find(part) != std::string::npos; }; };
  const std::vector<Case> cases = {
      {"ever*", has("every")}, {"oftent*", has("oftentimes")}, {"seldom*", has("Seld")}, {"日", has("日")}, {"rar*", has("rarely")}, {"nothing*", has("nothing")},
      {"ofte* -oft*", has("nothing")}, {"every -seld*", has("selection")}, {"\"every often\"*", has("every")}, {"\"every oftentimes sel\"*", has("oftentimes")},
      {"sel* rar*", has("rarely")}};
  for (const auto& [q, fits] : cases) {
    CAPTURE(q);
    std::multiset<std::string> expected;
    for (const auto& [title, words] : texts)
      if (fits(words)) expected.insert(title);
    for (const Order order : {Order::date, Order::arrival}) {
      for (const unsigned limit : {3U, 50U}) {
        PostQuery query;
        query.q = q;
        query.order = order;
        query.limit = limit;
        std::multiset<std::string> found;
        std::optional<std::int64_t> before;
        for (bool more = true; more;) {
          const auto page = river.store->posts(query);
          REQUIRE(page.has_value());
          CHECK((page->posts.size() == limit || !page->next_cursor));
          for (const auto& post : page->posts) {
            found.insert(post.post.title);
            if (order == Order::date) CHECK((!before || *before >= post.post.date->time_since_epoch().count()));
            before = post.post.date->time_since_epoch().count();
          }
          more = page->next_cursor.has_value();
          query.cursor = page->next_cursor.value_or("");
        }
        CHECK(found == expected);
      }
    }
  }
}

TEST_CASE("a Chinese character is found however it is written, in either order", "[search]") {
  River river({"a"});
  std::vector<feeds::Post> posts;
  for (int i = 0; i < 120; ++i) {
    const std::string n = std::to_string(i);
    auto post = post_of({n, "https://x.example/" + n, "post " + n, kNoon - Seconds(i), "nothing of it, 他"});
    if (i == 7) post.title = "\u4e00 in the title";
    if (i == 17) post.tags = {"\u4e8c\u4e00"};
    if (i == 27) post.authors = {{"\u4e00\u4e8c", std::nullopt, std::nullopt}};
    if (i == 37) post.content_html = "<p>\u4e8c<b>\u4e00</b></p>";
    if (i == 47) post.content_html = "<p>&#x4e00;</p>";
    if (i == 57) post.content_html = "<p>&#19968;</p>";
    if (i == 67) {
      post.content_html.reset();
      post.summary = "\u4e00";
    }
    if (i == 77) post.content_html = "<a href=\"https://x.example/\u4e00\">only in the link</a>";
    posts.push_back(std::move(post));
  }
  river.poll_posts("a", posts);
  for (const auto order : {Order::date, Order::arrival}) {
    PostQuery query;
    query.order = order;
    query.q = "\u4e00";
    std::set<std::string> found;
    for (const auto& post : river.all(query)) found.insert(*post.post.guid);
    CHECK(found == std::set<std::string>{"7", "17", "27", "37", "47", "57", "67"});
    query.q = "post -\u4e00";
    CHECK(river.all(query).size() == 113);
  }
}

TEST_CASE("a search finds the same posts in either order, however their words are written", "[search]") {
  River river({"a"});
  const std::vector<std::string> bodies = {
      "<p>one two three</p>", "<p>One <b>TWO</b> three</p>", "<p>on<b>e</b> two</p>", "<p>one</p><p>two</p>", "one<br>two", "one&amp;two",
      "&#111;ne two", "<a href=\"https://x.example/one?two\" title=\"a > one two\">link</a>", "oné two", "ｏｎｅ two", "one\u2014two \u201cthree\u201d",
      "on\u00ade two", "one\u200btwo", "one\u2009two", "one2 two1", "twofold one", "two one two", "one one two two", "one-two", "one_two",
      "one  \n two", "one <i></i> two", "<p>one", "&lt;one two&gt;", "one&nbsp;two", "\u4e00one two", "one \u4e00\u4e8c two", "three",
      std::string(200, 'a') + " one two", "one " + std::string(130, 'b') + " two", "one\u00b7two", "one two" + std::string(1, '\x7f') + "three"};
  std::vector<feeds::Post> posts;
  for (std::size_t i = 0; i < 640; ++i) {
    const std::string n = std::to_string(i);
    auto post = post_of({n, "https://x.example/" + n, i % 7 == 0 ? "Ends with one" : "title", kNoon - Seconds((i * 37) % 640), bodies[i % bodies.size()]});
    if (i % 11 == 0) post.tags = {"two", "Three"};
    if (i % 13 == 0) post.authors = {{"one", std::nullopt, std::nullopt}};
    if (i % 17 == 0) {
      post.summary = post.content_html;
      post.content_html.reset();
    }
    posts.push_back(std::move(post));
  }
  river.poll_posts("a", posts);
  const std::vector<std::string> queries = {"one", "two", "one two", "\"one two\"", "\"two one\"", "\"one one\"", "two -one", "-\"one two\"", "one -three",
                                            "\"one two three\"", "\"two three one\"", "ONE", "oné", "tw* one", "\"one tw\"*", "one -tw*", "fold", "twofold",
                                            "link one", "href", "x.example", std::string(200, 'a'), std::string(128, 'b') + " one", "\u4e00 one",
                                            "\"one \u4e00\u4e8c\"", "one nothing", "e", "th* nothing", "nbsp", "\"ends with one title\"", "\"one two\" three",
                                            // Signs that are no word.
                                            "\"\u2116 tw\"*", "\"one \u2122\"*", "\u2116\u4e00", "\"\u2116\"* one", "\"one \u2116 two\""};
  for (const auto& q : queries) {
    CAPTURE(q);
    PostQuery query;
    query.q = q;
    query.limit = 1000;
    const auto by_index = river->posts(query);
    REQUIRE(by_index);
    std::set<std::string> expected;
    for (const auto& post : by_index->posts) expected.insert(*post.post.guid);
    query.order = Order::arrival;
    for (const unsigned limit : {1000U, 9U}) {
      query.limit = limit;
      query.cursor.clear();
      std::set<std::string> found;
      for (const auto& post : river.all(query)) CHECK(found.insert(*post.post.guid).second);
      CHECK(found == expected);
    }
  }
}
