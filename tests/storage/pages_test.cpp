/// Pages of stories, through Store alone: wanted, handed out, merged, given up.

#include "storage/pages.h"

#include <algorithm>

#include "support.h"

using namespace riverd;
using namespace riverd::storage;
using namespace riverd::storage::testing;

namespace {

using End = PageOutcome::End;

constexpr const char* kLink = "https://news.example/story/1";
const Entry kStory{"g1", kLink, "Story", kNoon, "teaser"};

feeds::content::Article article(
    const std::string& words = "The whole story, from its first word to its last one, and then some.") {
  feeds::content::Article out;
  out.title = "The page's title";
  out.updated = kNoon + 2h;
  out.tags = {"cloud"};
  out.image = "https://news.example/lead.jpg";
  out.text = words;
  out.content_html = "<p>" + words + "</p>";
  return out;
}

struct Pages {
  explicit Pages(FullText full_text, std::vector<std::string> names = {"one", "two"})
      : river(std::move(names)) {
    river.full_text = full_text;
  }
  std::vector<PageLease> claim(std::size_t n = 10) {
    auto leases = river->claim_pages(river.now, n, 600s, 60s);
    REQUIRE(leases);
    return *leases;
  }
  PageLease claim_one() {
    auto leases = claim();
    REQUIRE(leases.size() == 1);
    return leases.front();
  }
  Result<PageRecorded> record(PageOutcome outcome) {
    std::promise<Result<PageRecorded>> promise;
    auto result = promise.get_future();
    river->record_page(std::make_shared<const PageOutcome>(std::move(outcome)),
                       [&promise](Result<PageRecorded> recorded) { promise.set_value(std::move(recorded)); });
    return result.get();
  }
  PageOutcome outcome(PageLease lease, End end, std::string problem = {}) {
    PageOutcome out;
    out.lease = std::move(lease);
    out.end = end;
    out.at = river.now;
    out.next = river.now + 60s;
    out.host_free = river.now + 3s;
    out.problem = std::move(problem);
    return out;
  }
  PageRecorded complete(const feeds::content::Article& with = article()) {
    auto done = outcome(claim_one(), End::article);
    done.article = with;
    auto recorded = record(std::move(done));
    REQUIRE(recorded);
    return *recorded;
  }
  PageRecorded fail(const std::string& problem = "the server answered 404") {
    auto recorded = record(outcome(claim_one(), End::failed, problem));
    REQUIRE(recorded);
    return *recorded;
  }
  PageCounts counts(const std::string& name = "one") { return river->source(name).value()->pages.value(); }
  StoredPost only() {
    auto posts = river.all();
    REQUIRE(posts.size() == 1);
    return posts.front();
  }
  River river;
};

}  // namespace

TEST_CASE("a source that wants no pages has none", "[storage][pages]") {
  Pages pages(FullText::off);
  CHECK(pages.river.poll("one", {kStory}).wanted_pages == 0);
  CHECK(pages.claim().empty());
  CHECK(!pages.river->next_page_due().value());
  CHECK(!pages.river->source("one").value()->pages);
}

TEST_CASE("a post is there with its teaser at once and is changed by its article", "[storage][pages]") {
  Pages pages(FullText::on);
  CHECK(pages.river.poll("one", {kStory}).wanted_pages == 1);
  const StoredPost before = pages.only();
  CHECK(before.post.content_html == "<p>teaser</p>");
  CHECK(pages.counts().waiting == 1);
  CHECK(pages.complete().changed);
  const StoredPost after = pages.only();
  CHECK(after.seq > before.seq);
  CHECK(after.number == before.number);
  CHECK(after.post.id == before.post.id);
  CHECK(after.post.title == "Story");
  CHECK(after.post.date == kNoon);
  CHECK(after.post.updated == kNoon + 2h);
  CHECK(after.post.tags == std::vector<std::string>{"cloud"});
  CHECK(after.post.thumbnail == "https://news.example/lead.jpg");
  CHECK(after.post.content_html == article().content_html);
  CHECK(pages.claim().empty());
  CHECK(pages.counts().waiting == 0);
  CHECK(pages.counts().complete == 1);
  PostQuery search;
  search.q = "whole story";
  CHECK(pages.river.all(search).size() == 1);
  search.q = "teaser";
  CHECK(pages.river.all(search).empty());
  CHECK(check_file(pages.river.folder.file("riverd.db")).empty());
}

TEST_CASE("a post that waits for its article is seen by no reader, and then arrives", "[storage][pages]") {
  Pages pages(FullText::wait);
  pages.river.poll("two", {{"x", "https://two.example/a", "Another", kNoon + 1h, "words"}});
  auto leases = pages.claim();
  REQUIRE(leases.size() == 1);
  auto first = pages.outcome(leases.front(), End::article);
  first.article = article();
  REQUIRE(pages.record(std::move(first)));
  const Seq seen = pages.only().seq;

  CHECK(pages.river.poll("one", {kStory}).new_posts == 1);
  CHECK(pages.river.titles() == std::vector<std::string>{"Another"});
  CHECK(pages.river->totals()->posts == 1);
  CHECK(pages.river->source("one").value()->posts == 0);
  PostQuery search;
  search.q = "Story teaser";
  CHECK(pages.river.all(search).empty());
  pages.river.reopen();
  CHECK(pages.river.titles().size() == 1);

  CHECK(pages.complete().changed);
  PostQuery later;
  later.order = Order::arrival;
  later.after = seen;
  const auto arrived = pages.river.all(later);
  REQUIRE(arrived.size() == 1);
  CHECK(arrived.front().post.title == "Story");
  CHECK(arrived.front().post.content_html == article().content_html);
  CHECK(arrived.front().number > 0);
  CHECK(pages.river->source("one").value()->posts == 1);
  CHECK(pages.river.poll("one", {kStory}).new_posts == 0);
  CHECK(pages.river.titles().size() == 2);
  CHECK(check_file(pages.river.folder.file("riverd.db")).empty());
}

TEST_CASE("a post that waited is found by what each of its sources says of it", "[storage][pages]") {
  Pages pages(FullText::wait);
  auto story = post_of(kStory);
  story.tags = {"first"};
  CHECK(pages.river.poll_posts("one", {story}).new_posts == 1);
  story.tags = {"second"};
  story.categories = {"elsewhere"};
  CHECK(pages.river.poll_posts("two", {story}).merged_posts == 1);
  CHECK(pages.river.all().empty());
  CHECK(pages.complete().changed);
  const auto order = GENERATE(Order::date, Order::arrival);
  for (const auto* tag : {"first", "second"}) {
    CAPTURE(tag);
    PostQuery query;
    query.order = order;
    query.tags = {tag};
    CHECK(pages.river.all(query).size() == 1);
  }
  PostQuery query;
  query.order = order;
  query.categories = {"elsewhere"};
  query.sources = {"two"};
  CHECK(pages.river.all(query).size() == 1);
  CHECK(check_file(pages.river.folder.file("riverd.db")).empty());
}

TEST_CASE("a page that fails three times is given up, and its post keeps the teaser", "[storage][pages]") {
  const FullText full_text = GENERATE(FullText::on, FullText::wait);
  Pages pages(full_text);
  pages.river.poll("one", {kStory});
  for (const bool last : {false, false, true}) {
    CHECK(pages.river.all().empty() == (full_text == FullText::wait));
    CHECK(pages.fail().given_up == last);
    CHECK(pages.claim().empty());
    pages.river.now += 10min;
  }
  CHECK(pages.claim().empty());
  CHECK(pages.only().post.content_html == "<p>teaser</p>");
  CHECK(pages.counts().failed == 1);
  CHECK(pages.counts().problem == "the server answered 404");
  CHECK(pages.river.poll("one", {kStory}).wanted_pages == 0);
}

TEST_CASE("a try is written down before it is made: a process that dies each time does not ask for ever",
          "[storage][pages]") {
  Pages pages(FullText::on);
  pages.river.poll("one", {kStory});
  for (int died = 0; died < 3; ++died) {
    CHECK(pages.claim_one().tries == static_cast<std::uint32_t>(died + 1));
    pages.river.reopen();
    REQUIRE(pages.river->abandon_pages(pages.river.now));
    CHECK(pages.claim().empty());  // not again at once
    pages.river.now += 60s;
  }
  CHECK(pages.claim().empty());
  CHECK(pages.counts().failed == 1);
}

TEST_CASE("one page of a host at a time, others meanwhile, and none before the host is free again",
          "[storage][pages]") {
  Pages pages(FullText::on);
  pages.river.poll("one", {{"1", "https://a.example/1", "A1", kNoon},
                           {"2", "https://a.example/2", "A2", kNoon},
                           {"3", "https://b.example/1", "B1", kNoon}});
  auto leases = pages.claim();
  REQUIRE(leases.size() == 2);
  CHECK(leases[0].host != leases[1].host);
  CHECK(pages.claim().empty());
  const auto on_a = leases[0].host == "a.example" ? leases[0] : leases[1];
  REQUIRE(pages.record(pages.outcome(on_a, End::given_up, "no HTML")));
  CHECK(pages.claim().empty());
  pages.river.now += 3s;
  CHECK(pages.claim_one().host == "a.example");
}

TEST_CASE("an outcome of a lease that has passed to somebody else is refused", "[storage][pages]") {
  Pages pages(FullText::on);
  pages.river.poll("one", {kStory});
  const auto old = pages.claim_one();
  pages.river.now += 601s;
  const auto fresh = pages.claim_one();
  auto late = pages.outcome(old, End::article);
  late.article = article();
  const auto refused = pages.record(std::move(late));
  REQUIRE(!refused);
  CHECK(refused.error().code() == Errc::lost);
  CHECK(pages.only().post.content_html == "<p>teaser</p>");
  CHECK(pages.record(pages.outcome(fresh, End::put_off)));
}

TEST_CASE("another teaser does not take the article away, and is no change for readers", "[storage][pages]") {
  Pages pages(FullText::on);
  pages.river.poll("one", {kStory});
  pages.complete();
  const StoredPost before = pages.only();
  Entry other = kStory;
  other.body = "another teaser";
  pages.river.poll("one", {other});
  CHECK(pages.only().seq == before.seq);
  CHECK(pages.only().post.content_html == article().content_html);
  CHECK(pages.only().post.updated == kNoon + 2h);
  CHECK(pages.claim().empty());
}

TEST_CASE("a new headline is shown with the article, and asks for its page again, a few times in all",
          "[storage][pages]") {
  Pages pages(FullText::on);
  pages.river.poll("one", {kStory});
  pages.complete();
  Entry other = kStory;
  std::size_t again = 0;
  std::string shown = article().content_html;
  for (int i = 0; i < 10; ++i) {
    other.title = "Headline " + std::to_string(i);
    again += pages.river.poll("one", {other}).wanted_pages;
    CHECK(pages.only().post.title == other.title);
    CHECK(pages.only().post.content_html == shown);
    if (pages.counts().waiting == 0) continue;
    const std::string words =
        "Version " + std::to_string(i) + " of the whole story, from its first word to its last one.";
    pages.complete(article(words));
    shown = "<p>" + words + "</p>";
    CHECK(pages.only().post.content_html == shown);
    CHECK(pages.only().post.tags == std::vector<std::string>{"cloud"});
  }
  CHECK(again == 4);
}

TEST_CASE("a story of two sources has one page", "[storage][pages]") {
  Pages pages(FullText::on);
  pages.river.poll("one", {kStory});
  pages.river.poll("two", {{"other", kLink, "Story", kNoon, "teaser"}});
  pages.complete();
  CHECK(pages.claim().empty());
  CHECK(pages.only().sources.size() == 2);
}

TEST_CASE("a source that wants pages gets that of a story that another one carried first",
          "[storage][pages]") {
  Pages pages(FullText::off);
  pages.river.poll("one", {kStory});
  pages.river.full_text = FullText::wait;
  CHECK(pages.river.poll("two", {{"other", kLink, "Story", kNoon, "teaser"}}).wanted_pages == 1);
  CHECK(pages.river.titles().size() == 1);  // it is there already
  pages.complete();
  CHECK(pages.only().post.content_html == article().content_html);
}

TEST_CASE("what the rules leave out is gone, and does not come back", "[storage][pages]") {
  Pages pages(GENERATE(FullText::on, FullText::wait));
  pages.river.poll("one", {kStory});
  REQUIRE(pages.record(pages.outcome(pages.claim_one(), End::excluded)));
  CHECK(pages.river.all().empty());
  Entry other = kStory;
  other.body = "again";
  CHECK(pages.river.poll("one", {other}).new_posts == 0);
  CHECK(pages.river.all().empty());
  CHECK(pages.claim().empty());
  CHECK(check_file(pages.river.folder.file("riverd.db")).empty());
}

TEST_CASE("a post that retention drops takes its page along", "[storage][pages]") {
  Pages pages(FullText::on);
  pages.river.poll("one", {kStory});
  REQUIRE(pages.river->prune({.keep = 1h, .keep_posts = 0, .sources = {}}, pages.river.now + 10h).value() == 1);
  CHECK(pages.claim().empty());
}

TEST_CASE("links that are no story's own are not asked for", "[storage][pages]") {
  Pages pages(FullText::on);
  Entry shared = kStory;
  shared.link_shared = true;
  CHECK(pages.river
            .poll("one", {shared, {"2", "", "No link", kNoon}, {"3", "https://news.example/", "Home", kNoon}})
            .wanted_pages == 0);
}

TEST_CASE("a paywalled page gives what it says and leaves the teaser", "[storage][pages]") {
  Pages pages(FullText::on);
  pages.river.poll("one", {kStory});
  auto done = pages.outcome(pages.claim_one(), End::article, "the page is not free");
  done.article = article();
  done.article->paywalled = true;
  REQUIRE(pages.record(std::move(done)));
  CHECK(pages.only().post.content_html == "<p>teaser</p>");
  CHECK(pages.only().post.updated == kNoon + 2h);
  CHECK(pages.counts().failed == 1);
  CHECK(pages.counts().problem == "the page is not free");
}

TEST_CASE("a clock that is set moves pages with it", "[storage][pages]") {
  Pages pages(FullText::on);
  pages.river.poll("one", {kStory});
  pages.fail();
  const auto due = pages.river->next_page_due().value();
  REQUIRE(pages.river->shift_times(-24h));
  CHECK(pages.river->next_page_due().value() == *due - 24h);
}
