#include <set>

#include "parse.h"

using namespace riverd::feeds;
using namespace riverd::feeds::test;

namespace {

Normalised of_items(const std::string& items, const Settings& settings = {}, const std::function<bool(Fingerprint)>& known = {}) {
  const auto feed = read::read("<rss><channel>" + items + "</channel></rss>", {});
  REQUIRE(feed.has_value());
  return normalise(*feed, settings, known);
}

std::string item(const std::string& guid, const std::string& link, const std::string& title = "T") {
  return "<item><title>" + title + "</title><guid isPermaLink='false'>" + guid + "</guid><link>" + link + "</link></item>";
}

}  // namespace

TEST_CASE("one guid with different links is two stories", "[identity]") {
  const auto result = of_items(item("1", "http://e.org/a") + item("1", "http://e.org/b"));
  REQUIRE(result.posts.size() == 2);
  CHECK(result.posts[0].identity.guid_shared);
  CHECK(result.posts[0].id != result.posts[1].id);
}

TEST_CASE("an entry that the document repeats is one story", "[identity]") {
  CHECK(of_items(item("1", "http://e.org/a") + item("1", "http://e.org/a")).posts.size() == 1);
  Settings keep;
  keep.keep_repeats = true;
  const auto kept = of_items(item("1", "http://e.org/a") + item("1", "http://e.org/a"), keep);
  REQUIRE(kept.posts.size() == 2);
  CHECK(kept.posts[0].id == kept.posts[1].id);
}

TEST_CASE("a site's page as the guid of every entry makes them no versions of one", "[identity]") {
  const std::string page = "http://e.org/spotlight/";
  const auto entry = [](const std::string& guid, const std::string& link, const std::string& title, const std::string& hour) {
    return "<item><title>" + title + "</title><guid isPermaLink='false'>" + guid + "</guid><link>" + link +
           "</link><pubDate>25 Sep 2009 " + hour + ":00:00 GMT</pubDate></item>";
  };
  const auto posts = [&](const std::string& items, const std::string& site) {
    return of_items("<link>" + site + "</link>" + items).posts.size();
  };
  const std::string two = entry(page, page, "Schools", "10") + entry(page, page, "Seminar", "11");
  CHECK(posts(two, page) == 2);
  CHECK(posts(two, "https://e.org/spotlight/") == 2);
  CHECK(posts(two, "http://e.org/other") == 1);  // versions of one entry (RFC 4287, 4.1.1)
  CHECK(posts(entry(page, page, "Schools", "10") + entry(page, page, "Schools", "11"), page) == 1);
  CHECK(posts(entry(page, page, "Schools", "10") + entry(page, page, "Schools, more", "10"), page) == 1);
  const std::string home = "http://e.org/";
  CHECK(posts(entry(home, home, "Schools", "10") + entry(home, home, "Seminar", "11"), page) == 2);
}

TEST_CASE("entries with nothing but a body are one story each", "[identity]") {
  const auto result = of_items("<item><description>one</description></item><item><description>two</description></item>");
  REQUIRE(result.posts.size() == 2);
  CHECK(result.posts[0].title.empty());
  CHECK(result.posts[0].id != result.posts[1].id);
}

TEST_CASE("entries that share only a link stay apart", "[identity]") {
  const auto result = of_items(item("1", "http://e.org/") + item("2", "http://e.org/"));
  REQUIRE(result.posts.size() == 2);
  CHECK(result.posts[0].identity.link_shared);
  CHECK(result.posts[0].id != result.posts[1].id);
}

TEST_CASE("a fragment counts only where it tells entries apart", "[identity]") {
  CHECK(of_items(item("1", "http://e.org/a#ftag=x")).posts.at(0).identity.link == of_items(item("1", "http://e.org/a")).posts.at(0).identity.link);
  const auto apart = of_items(item("1", "http://e.org/a#1") + item("2", "http://e.org/a#2"));
  CHECK(apart.posts.at(0).identity.link != apart.posts.at(1).identity.link);
  CHECK(!apart.posts.at(0).identity.link_shared);
}

TEST_CASE("the same story has the same id in every source", "[identity]") {
  CHECK(of_items(item("x", "http://E.org/a?utm_source=rss")).posts.at(0).id == of_items(item("y", "https://e.org/a", "U")).posts.at(0).id);
  CHECK(of_items(item("x", "http://e.org/a")).posts.at(0).id.size() == 26);
}

TEST_CASE("an entry that is known costs no work", "[fingerprint]") {
  const auto first = of_items(item("1", "http://e.org/a") + item("2", "http://e.org/b"));
  std::set<Fingerprint> stored = {first.posts.at(0).fingerprint, first.posts.at(1).fingerprint};
  const auto known = [&stored](Fingerprint one) { return stored.count(one) == 1; };
  const auto again = of_items("<lastBuildDate>Thu, 01 Jan 2004 19:48:21 GMT</lastBuildDate>" + item("1", "http://e.org/a") + item("2", "http://e.org/b", "edited"), {}, known);
  CHECK(again.unchanged.size() == 1);
  REQUIRE(again.posts.size() == 1);
  CHECK(again.posts[0].title == "edited");
}

TEST_CASE("what an entry inherits is part of its fingerprint", "[fingerprint]") {
  const auto plain = of_items(item("1", "http://e.org/a")).posts.at(0).fingerprint;
  CHECK(plain != of_items("<language>fr</language>" + item("1", "http://e.org/a")).posts.at(0).fingerprint);
  CHECK(plain != of_items("<managingEditor>A</managingEditor>" + item("1", "http://e.org/a")).posts.at(0).fingerprint);
  Settings tagged;
  tagged.tags = {"t"};
  CHECK(plain != of_items(item("1", "http://e.org/a"), tagged).posts.at(0).fingerprint);
}

TEST_CASE("a source's tags, categories, rules and limit apply", "[normalise]") {
  Settings settings;
  settings.tags = {"t"};
  settings.categories = {"c"};
  settings.max_posts = 2;
  settings.rules = {[](Post& post) { return post.title != "B"; }};
  const auto result = of_items(item("1", "http://e.org/1", "A") + item("2", "http://e.org/2", "B") + item("3", "http://e.org/3", "C"), settings);
  REQUIRE(result.posts.size() == 1);
  CHECK(result.posts[0].tags == std::vector<std::string>{"t"});
  CHECK(result.posts[0].categories == std::vector<std::string>{"c"});
  CHECK(result.left_out == 2);
}

TEST_CASE("ids stay different where keys collide", "[identity]") {
  Identity identity;
  identity.guid = "g";
  identity.link = "http://e.org/";
  CHECK(post_id(identity, {}) == post_id(identity, {}));
  CHECK(alternative_post_id(identity, {}, 1) != post_id(identity, {}));
  CHECK(alternative_post_id(identity, {}, 5) != alternative_post_id(identity, {}, 6));
}
