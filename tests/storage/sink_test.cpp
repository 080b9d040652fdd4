#include <catch2/catch.hpp>

#include "feeds/write/json.h"
#include "support.h"

using namespace riverd;
using namespace riverd::storage;
using namespace riverd::storage::testing;

TEST_CASE("a page that is handed over shows the posts that a page holds", "[query]") {
  River river({"s0", "s1"});
  for (int i = 0; i < 150; ++i) {
    const std::string n = std::to_string(i);
    auto post = post_of({n, "https://x.example/" + n, i % 2 == 0 ? "apple " + n : "pear " + n, kNoon - Seconds(i * 37 % 100)});
    if (i % 3 == 0) post.tags = {"red", "green"};
    if (i % 5 == 0) post.date.reset();
    river.poll_posts(i % 4 == 0 ? "s1" : "s0", {post});
  }
  auto full = post_of({"full", "https://x.example/full", "\"quoted\" \x01 \xff title", kNoon, "<p>one &amp; <b>two</b></p>"});
  full.thumbnail = "https://x.example/full.png";
  full.language = "de";
  full.summary = "Größe";
  full.updated = kNoon + 1h;
  full.authors = {{"ada", std::nullopt, "https://x.example/ada"}, {std::nullopt, "bob@x.example", std::nullopt}};
  full.enclosures = {{"https://x.example/1.mp3", "audio/mpeg", 123}, {"https://x.example/2.mp3", std::nullopt, std::nullopt}};
  river.poll_posts("s0", {full});
  full.tags = {"of another source"};
  river.poll_posts("s1", {full});
  class List : public PostSink {
   public:
    void begin(Seq seq) override { named = seq; }
    bool take_known(Seq seq) override {
      if (seq % 3 != 0) return false;
      texts.push_back("known " + std::to_string(seq));
      return true;
    }
    void take(const feeds::write::PostView& post) override { feeds::write::append_json(texts.emplace_back(), post); }
    std::vector<std::string> texts;
    Seq named = 0;
  };
  for (const Order order : {Order::date, Order::arrival}) {
    for (const char* q : {"", "appl*"}) {
      PostQuery query;
      query.order = order;
      query.q = q;
      query.limit = 300;
      const auto held = river->posts(query);
      REQUIRE(held);
      std::vector<std::string> expected;
      for (const auto& post : held->posts) {
        const feeds::write::Kept kept{post.seq, post.sources};
        feeds::write::append_json(expected.emplace_back(), post.post, &kept);
        if (post.seq % 3 == 0) expected.back() = "known " + std::to_string(post.seq);
      }
      List list;
      query.sink = &list;
      const auto handed = river->posts(query);
      REQUIRE(handed);
      CHECK(list.texts.size() > 50);
      CHECK(list.texts == expected);
      CHECK(handed->posts.empty());
      CHECK(handed->next_cursor == held->next_cursor);
    }
  }
}

TEST_CASE("who keeps posts is told when a source's name has changed", "[sink]") {
  River river({"a", "b"});
  const auto named = [&river] { return river->posts({})->named; };
  const auto begun = named();
  river.poll("a", {{"1", "https://x.example/1", "One", kNoon}});
  CHECK(named() == begun);
  auto sources = std::vector{testing::source("a"), testing::source("b")};
  sources[0].title = "Another title";
  river.sync(sources);
  const auto renamed = named();
  CHECK(renamed > begun);
  CHECK(river.all()[0].sources[0].title == "Another title");
  river.sync(sources);
  CHECK(named() == renamed);
}
