#include <catch2/catch.hpp>

#include "feeds/read/read.h"
#include "support.h"

using namespace riverd;
using namespace riverd::storage;
using namespace riverd::storage::testing;

namespace {

const std::string kLink = "https://a.example/story";

std::size_t stories(River& river) { return river.all().size(); }

struct Item {
  std::string title, link, guid;
  int hour = 0;  ///< of a day in September 2024; 0: undated
  std::string body = "words";
};

/// One poll of an RSS document with these items, read as the daemon reads it.
Recorded read(River& river, const std::string& source, const std::vector<Item>& items) {
  std::string document = "<rss version='2.0'><channel><title>c</title>";
  for (const auto& item : items) {
    document += "<item><title>" + item.title + "</title><link>" + item.link + "</link><description>" + item.body + "</description>";
    if (!item.guid.empty()) document += "<guid isPermaLink='false'>" + item.guid + "</guid>";
    if (item.hour != 0) document += "<pubDate>18 Sep 2024 " + std::to_string(item.hour) + ":07:00 GMT</pubDate>";
    document += "</item>";
  }
  const auto feed = feeds::read::read(document + "</channel></rss>", {});
  REQUIRE(feed);
  return river.poll_posts(source, feeds::normalise(*feed, {}).posts);
}

std::vector<std::string> sorted_titles(River& river) {
  auto titles = river.titles();
  std::sort(titles.begin(), titles.end());
  return titles;
}

const std::string kArticle = "https://blog.example/search/";

Item comment(const std::string& title, int number, int hour) {
  const std::string fragment = "#comment-" + std::to_string(number);
  return {title, kArticle + fragment, "https://blog.example/?p=1" + fragment, hour};
}

}  // namespace

TEST_CASE("an entry that stays as it is costs nothing and changes nothing", "[identity]") {
  River river({"a"});
  const Entry entry{"g1", kLink, "Title", kNoon};
  CHECK(river.poll("a", {entry}).new_posts == 1);
  const auto first = river.all();
  const auto again = river.poll("a", {entry});
  CHECK(again.new_posts + again.updated_posts + again.merged_posts == 0);
  CHECK(again.seq == first[0].seq);
}

TEST_CASE("a later version replaces the content, takes a new seq, keeps id, number and first date", "[identity]") {
  River river({"a"});
  river.poll("a", {{"g1", kLink, "Before", kNoon, "old words"}});
  const auto before = river.all().at(0);
  const auto recorded = river.poll("a", {{"g1", kLink, "After", kNoon + 1h, "new words"}});
  CHECK(recorded.updated_posts == 1);
  const auto after = river.all();
  REQUIRE(after.size() == 1);
  CHECK(after[0].post.title == "After");
  CHECK(after[0].post.content_html == "<p>new words</p>");
  CHECK(after[0].seq > before.seq);
  CHECK(after[0].post.id == before.post.id);
  CHECK(after[0].number == before.number);
  CHECK(after[0].post.date == kNoon);
}

TEST_CASE("a date that is stated only later is taken, and moves the post there", "[identity]") {
  River river({"a"});
  river.poll("a", {{"g1", kLink, "Undated", std::nullopt}, {"g2", "https://a.example/2", "Dated", kNoon}});
  CHECK(river.titles() == std::vector<std::string>{"Undated", "Dated"});
  river.poll("a", {{"g1", kLink, "Undated", kNoon - 24h}, {"g2", "https://a.example/2", "Dated", kNoon}});
  CHECK(river.titles() == std::vector<std::string>{"Dated", "Undated"});
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("what no reader sees takes no new seq: updated, tracking parameters, a new guid", "[identity]") {
  River river({"a"});
  auto post = post_of({"g1", kLink, "Title", kNoon});
  river.poll_posts("a", {post});
  const Seq seq = river.all()[0].seq;
  post.fingerprint += 1;
  post.updated = kNoon + 5h;
  post.link = kLink + "?utm_source=feed";
  CHECK(river.poll_posts("a", {post}).updated_posts == 0);
  CHECK(river.all()[0].seq == seq);
}

TEST_CASE("two entries of one source are one story or two", "[identity]") {
  struct Case {
    std::string what;
    Entry first, second;
    std::size_t posts;
  };
  const auto t = GENERATE(values<Case>({
      {"one guid, all else changed", {"g1", kLink, "One", kNoon}, {"g1", kLink + "/2", "Two", kNoon + 1h}, 1},
      {"two guids, two links", {"g1", kLink, "Same", kNoon}, {"g2", kLink + "/2", "Same", kNoon}, 2},
      {"no guid, one link, another title", {"", kLink, "One", kNoon}, {"", kLink, "Quite another", kNoon + 1h}, 1},
      {"no guid, one link, other dates", {"", kLink, "One", kNoon}, {"", kLink, "One", kNoon + 90h}, 1},
      {"neither, one title and date", {"", "", "One", kNoon}, {"", "", "One", kNoon, "other words"}, 1},
      {"neither, one title, two dates", {"", "", "One", kNoon}, {"", "", "One", kNoon + 24h}, 2},
      {"neither, no title either: the words", {"", "", "", std::nullopt, "x"}, {"", "", "", std::nullopt, "y"}, 2},
      {"guid new at every poll, link and title stay", {"g1", kLink, "One", kNoon}, {"g2", kLink, "One", kNoon + 1h}, 1},
      {"the same, undated", {"g1", kLink, "One", std::nullopt}, {"g2", kLink, "One", std::nullopt}, 1},
      {"guid new, no link, title and date stay", {"g1", "", "One", kNoon}, {"g2", "", "One", kNoon}, 1},
      {"guid new, headline edited", {"g1", kLink, "Storm hits the coast", kNoon}, {"g2", kLink, "Storm hits the coast, thousands flee", kNoon + 1h}, 1},
      {"guid new, headline rewritten, same time", {"g1", kLink, "Minister resigns", kNoon + 7s}, {"g2", kLink, "Cabinet in crisis", kNoon + 7s}, 1},
      {"only the link, another headline and time", {"g1", kLink, "Minister resigns", kNoon}, {"g2", kLink, "Rain tomorrow", kNoon + 1h}, 2},
      {"only the link, numbered", {"g1", kLink, "Our podcast, episode 12", kNoon}, {"g2", kLink, "Our podcast, episode 13", kNoon + 1h}, 2},
      {"only the link, both at midnight", {"g1", kLink, "Minister resigns", kNoon - 12h}, {"g2", kLink, "Rain tomorrow", kNoon - 12h}, 2},
      {"a site's home as link, similar titles", {"g1", "https://a.example/", "News of the day at noon", kNoon}, {"g2", "https://a.example/", "News of the day at night", kNoon + 1h}, 2},
      {"a guid where there was none", {"", kLink, "One", kNoon}, {"g1", kLink, "Two", kNoon + 1h}, 2},
      {"a guid where there was none, same title", {"", kLink, "One", kNoon}, {"g1", kLink, "One", kNoon + 1h}, 1},
      {"no guid where there was one", {"g1", kLink, "One", kNoon}, {"", kLink, "Two", kNoon + 1h}, 1},
      {"repeated guid, two links", {"g", kLink, "One", kNoon, "x", true}, {"g", kLink + "/2", "Two", kNoon, "x", true}, 2},
      {"repeated guid, one link", {"g", kLink, "One", kNoon, "x", true}, {"g", kLink, "Two", kNoon, "y", true}, 1},
      {"guid repeated only in the first document", {"g", kLink, "One", kNoon, "x", true}, {"g", kLink, "Two", kNoon, "y"}, 1},
      {"guid repeated only in the second", {"g", kLink, "One", kNoon, "x"}, {"g", kLink, "Two", kNoon, "y", true}, 1},
      {"guid repeated only in the second, other link", {"g", kLink, "One", kNoon, "x"}, {"g", kLink + "/2", "Two", kNoon, "y", true}, 2},
      {"shared link, guid new, title and date stay", {"g1", kLink, "One", kNoon, "x", false, true}, {"g2", kLink, "One", kNoon, "x", false, true}, 1},
      {"shared link, no guids, two titles", {"", kLink, "One", kNoon, "x", false, true}, {"", kLink, "Two", kNoon, "x", false, true}, 2},
      {"link shared only in the second document", {"", kLink, "One", kNoon}, {"", kLink, "One", kNoon, "y", false, true}, 1},
      {"link shared only in the first document", {"g1", kLink, "One", kNoon, "x", false, true}, {"g2", kLink, "One", kNoon, "y"}, 1},
  }));
  CAPTURE(t.what);
  River river({"a"});
  river.poll("a", {t.first});
  const std::string id = river.all().at(0).post.id;
  river.poll("a", {t.second});
  CHECK(stories(river) == t.posts);
  if (t.posts == 1) CHECK(river.all()[0].post.id == id);
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("a guid that is new at every poll leaves one post, however often", "[identity]") {
  River river({"a"});
  for (int i = 0; i < 50; ++i) {
    const std::string n = std::to_string(i);
    river.poll("a", {{"x" + n, kLink, "One", kNoon}, {"y" + n, kLink + "/2", "Two", std::nullopt},
                     {"z" + n, "", "Three", kNoon}});
  }
  CHECK(stories(river) == 3);
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("entries that share a link and are both there stay two, poll after poll", "[identity]") {
  River river({"a"});
  const Entry one{"g1", kLink, "Live: part one", kNoon, "x", false, true};
  const Entry two{"g2", kLink, "Live: part one", kNoon, "y", false, true};
  river.poll("a", {one, two});
  river.poll("a", {two, one});
  CHECK(stories(river) == 2);
  // One of them leaves, so that its link is no longer repeated; the other is still itself.
  river.poll("a", {{"g2", kLink, "Live: part one", kNoon, "z"}});
  CHECK(stories(river) == 2);
  CHECK(river.titles({}).size() == 2);
}

TEST_CASE("an entry whose old version is still in the document is another story", "[identity]") {
  River river({"a"});
  const Entry old{"g1", kLink, "Title", kNoon};
  river.poll("a", {old});
  // normalise() would say that the link is shared; a store must not rest on it.
  river.poll("a", {{"g2", kLink, "Title", kNoon, "more"}, old});
  CHECK(stories(river) == 2);
  const auto posts = river.all();
  CHECK(posts[0].post.id != posts[1].post.id);
}

TEST_CASE("a feed that is shuffled, emptied and filled again has the same posts", "[identity]") {
  River river({"a"});
  std::vector<Entry> entries;
  for (int i = 0; i < 10; ++i) {
    const std::string n = std::to_string(i);
    entries.push_back({i % 2 ? "g" + n : "", kLink + n, "Title " + n, kNoon - i * 1h});
  }
  river.poll("a", entries);
  const auto before = river.all();
  std::reverse(entries.begin(), entries.end());
  river.poll("a", entries);
  river.poll("a", {});
  const auto restored = river.poll("a", entries);
  CHECK(restored.new_posts + restored.updated_posts == 0);
  const auto after = river.all();
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    CHECK(after[i].post.id == before[i].post.id);
    CHECK(after[i].seq == before[i].seq);
  }
}

TEST_CASE("a version that goes back to what it was is a change too", "[identity]") {
  River river({"a"});
  const Entry one{"g1", kLink, "One", kNoon};
  const Entry two{"g1", kLink, "Two", kNoon};
  river.poll("a", {one});
  river.poll("a", {two});
  CHECK(river.poll("a", {one}).updated_posts == 1);
  CHECK(river.titles() == std::vector<std::string>{"One"});
}

TEST_CASE("one story in two sources is one post with both", "[identity]") {
  struct Case {
    std::string what;
    Entry first, second;
    std::size_t posts;
  };
  const auto t = GENERATE(values<Case>({
      {"same link", {"1", kLink, "One", kNoon}, {"2", kLink, "One, syndicated", kNoon + 1h}, 1},
      {"same link, shared in the first", {"1", kLink, "One", kNoon, "x", false, true}, {"2", kLink, "One", kNoon}, 2},
      {"same link, shared in the second", {"1", kLink, "One", kNoon}, {"2", kLink, "One", kNoon, "x", false, true}, 2},
      {"same global guid", {"urn:uuid:1", kLink, "One", kNoon, "x", false, false, true}, {"urn:uuid:1", kLink + "/b", "One", kNoon, "y", false, false, true}, 1},
      {"same guid, not global", {"17", kLink, "One", kNoon}, {"17", kLink + "/b", "One", kNoon}, 2},
      {"same title and date only", {"1", kLink, "One", kNoon}, {"2", kLink + "/b", "One", kNoon}, 2},
      {"a home page as link, other titles", {"1", "https://a.example/", "One", kNoon}, {"2", "https://a.example/", "Two", kNoon}, 2},
      {"no links", {"", "", "One", kNoon}, {"", "", "One", kNoon}, 2},
  }));
  CAPTURE(t.what);
  River river({"a", "b"});
  river.poll("a", {t.first});
  const auto recorded = river.poll("b", {t.second});
  const auto posts = river.all();
  REQUIRE(posts.size() == t.posts);
  CHECK(recorded.merged_posts == (t.posts == 1 ? 1 : 0));
  if (t.posts == 1) {
    REQUIRE(posts[0].sources.size() == 2);
    CHECK(posts[0].sources[0].name == "a");
    CHECK(posts[0].sources[1].name == "b");
    CHECK(posts[0].post.title == t.first.title);
  } else {
    CHECK(posts[0].post.id != posts[1].post.id);
  }
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("two versions of one story do not swap places at every poll", "[identity]") {
  River river({"a", "b"});
  const Entry ours{"1", kLink, "One", kNoon, "ours"};
  river.poll("a", {ours});
  river.poll("b", {{"2", kLink, "One, theirs", kNoon, "theirs"}});
  const Seq seq = river.all()[0].seq;
  river.poll("a", {ours});
  river.poll("b", {{"2", kLink, "One, theirs, again", kNoon, "theirs again"}});
  CHECK(river.all()[0].seq == seq);
  CHECK(river.titles() == std::vector<std::string>{"One"});
  CHECK(river.poll("a", {{"1", kLink, "One, corrected", kNoon, "ours"}}).updated_posts == 1);
  CHECK(river.titles() == std::vector<std::string>{"One, corrected"});
}

TEST_CASE("a second source adds its tags and categories, and takes its own away again", "[identity]") {
  River river({"a", "b"});
  auto ours = post_of({"1", kLink, "One", kNoon});
  ours.tags = {"x", "y"};
  ours.categories = {"news"};
  auto theirs = post_of({"2", kLink, "One", kNoon});
  theirs.tags = {"y", "z"};
  theirs.categories = {"tech"};
  river.poll_posts("a", {ours});
  river.poll_posts("b", {theirs});
  auto post = river.all()[0].post;
  CHECK(post.tags == std::vector<std::string>{"x", "y", "z"});
  CHECK(post.categories == std::vector<std::string>{"news", "tech"});
  theirs.tags = {};
  theirs.fingerprint += 1;
  CHECK(river.poll_posts("b", {theirs}).updated_posts == 1);
  CHECK(river.all()[0].post.tags == std::vector<std::string>{"x", "y"});
  PostQuery query;
  query.tags = {"z"};
  CHECK(river.all(query).empty());
  query.tags = {"X"};
  query.sources = {"b"};
  CHECK(river.all(query).size() == 1);
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("when the first source is polled no more, the other one's version is kept up to date", "[identity]") {
  River river({"a", "b"});
  river.poll("a", {{"1", kLink, "Ours", kNoon}});
  river.poll("b", {{"2", kLink, "Theirs", kNoon}});
  river.sync({testing::source("b")});
  river.poll("b", {{"2", kLink, "Theirs, newer", kNoon}});
  const auto post = river.all().at(0);
  CHECK(post.post.title == "Theirs, newer");
  CHECK(post.sources.size() == 2);
}

TEST_CASE("two sources of one URL are one poll and share every story", "[identity][polls]") {
  River river({});
  auto one = testing::source("one", "https://x.example/feed");
  auto two = testing::source("two", "https://x.example/feed");
  river.sync({one, two});
  auto recorded = river.poll("one", {{"1", "https://x.example/", "First", kNoon, "x", false, true},
                                     {"2", "https://x.example/", "Second", kNoon, "x", false, true},
                                     {"", "", "Third", kNoon}});
  CHECK(recorded.new_posts == 3);
  CHECK(recorded.merged_posts == 3);
  const auto posts = river.all();
  REQUIRE(posts.size() == 3);
  for (const auto& post : posts) CHECK(post.sources.size() == 2);
}

TEST_CASE("ids stay apart when two stories have one", "[identity]") {
  River river({"a", "b"});
  auto one = post_of({"1", "", "One", kNoon});
  auto two = post_of({"2", "", "Two", kNoon});
  one.id = two.id = "same";
  river.poll_posts("a", {one});
  river.poll_posts("b", {two});
  const auto posts = river.all();
  REQUIRE(posts.size() == 2);
  CHECK(posts[0].post.id != posts[1].post.id);
}

TEST_CASE("a date far ahead is shown as none, and does not sit on top of the river", "[identity]") {
  River river({"a"});
  river.poll("a", {{"1", kLink, "From 2199", Time(Seconds(7'226'582'400))}});
  river.poll("a", {{"2", kLink + "2", "Later", river.now + 1h}});
  CHECK(river.titles() == std::vector<std::string>{"Later", "From 2199"});
  CHECK_FALSE(river.all()[1].post.date);
}

TEST_CASE("a date that only says that there is none is none, until a feed states one", "[identity]") {
  const std::int64_t zero = GENERATE(-62'135'596'800,  // 0001-01-01, .NET
                                     -62'135'596'800 - 8 * 3600,
                                     -62'106'825'600,  // 30 Nov -0001, PHP, as it is read
                                     -2'209'161'600,   // 1899-12-30, OLE
                                     -2'208'988'800,   // 1900-01-01, SQL Server
                                     0);
  CAPTURE(zero);
  River river({"a"});
  river.poll("a", {{"old", kLink + "old", "From 1969", Time(Seconds(-86'400))}});
  river.poll("a", {{"1", kLink, "Undated", Time(Seconds(zero))}});
  CHECK(river.titles() == std::vector<std::string>{"Undated", "From 1969"});
  CHECK_FALSE(river.all()[0].post.date);
  river.poll("a", {{"1", kLink, "Dated", kNoon - 24h}});
  CHECK(river.all()[0].post.date == kNoon - 24h);
  CHECK(river.all()[1].post.date == Time(Seconds(-86'400)));
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("a zero date that was stored as a date gives way to a real one, or to none", "[identity]") {
  const std::optional<Time> later = GENERATE(std::optional<Time>(), std::optional<Time>(kNoon - 24h));
  River river({"a"});
  const Time early{Seconds(1)};  // of the same place in the river, but no zero date
  river.poll("a", {{"1", kLink, "Before", early}});
  river.poll("a", {{"2", kLink + "2", "Other", kNoon - 48h}});
  const std::string id = river.all()[1].post.id;
  execute(river.folder.file("riverd.db"), "UPDATE post SET date = 0 WHERE title = 'Before'");
  river.poll("a", {{"1", kLink, "After", later}});
  CHECK(river.titles() == std::vector<std::string>{"After", "Other"});
  CHECK(river.all()[0].post.date == later);
  CHECK(river.all()[0].post.id == id);
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("a change stated far ahead, or of no date, is shown as none", "[identity]") {
  River river({"a"});
  auto post = post_of({"1", kLink, "One", kNoon});
  post.updated = Time(Seconds(7'226'582'400));
  river.poll_posts("a", {post});
  CHECK_FALSE(river.all()[0].post.updated);
  post.title = "One, edited";
  post.fingerprint += 1;
  post.updated = Time(Seconds(-62'135'596'800));
  river.poll_posts("a", {post});
  CHECK(river.titles() == std::vector<std::string>{"One, edited"});
  CHECK_FALSE(river.all()[0].post.updated);
}

TEST_CASE("every field of a post comes back as it went in", "[record]") {
  River river({"a"});
  auto post = post_of({"guid", kLink, "Title", kNoon});
  post.updated = kNoon + 1h;
  post.tags = {"one", "zwei", ""};
  post.categories = {"tech"};
  post.thumbnail = "https://a.example/i.png";
  post.authors = {{"Ada", std::nullopt, "https://ada.example/"}, {std::nullopt, "x@y.example", std::nullopt}};
  post.summary = "short";
  post.enclosures = {{"https://a.example/a.mp3", "audio/mpeg", 17}, {"https://a.example/b", std::nullopt, std::nullopt}};
  post.language = "de-AT";
  post.content_html = std::string("<p>nul \0 inside</p>", 19);
  river.poll_posts("a", {post});
  const auto stored = river->post(post.id);
  REQUIRE(stored);
  REQUIRE(*stored);
  const auto& kept = (*stored)->post;
  CHECK(kept.id == post.id);
  CHECK(kept.title == post.title);
  CHECK(kept.date == post.date);
  CHECK(kept.updated == post.updated);
  CHECK(kept.tags == post.tags);
  CHECK(kept.categories == post.categories);
  CHECK(kept.thumbnail == post.thumbnail);
  CHECK(kept.link == post.link);
  CHECK(kept.guid == post.guid);
  CHECK(kept.authors == post.authors);
  CHECK(kept.summary == post.summary);
  CHECK(kept.enclosures == post.enclosures);
  CHECK(kept.language == post.language);
  CHECK(kept.content_html == post.content_html);
  CHECK((*stored)->arrived == river.now);
  CHECK((*stored)->sources[0].url == "https://a.example/feed");
}

TEST_CASE("an article and its comments stay apart, whichever feed is polled first", "[identity]") {
  const Item article{"How we rebuilt our search", kArticle, "https://blog.example/?p=1", 9};
  const Item alice = comment("Comment on How we rebuilt our search by Alice", 11, 10);
  const bool comments_first = GENERATE(false, true);
  const bool removed = GENERATE(false, true);
  CAPTURE(comments_first, removed);
  River river({"posts", "comments"});
  const auto articles = [&] { return read(river, "posts", {article}); };
  const auto comments = [&] { return read(river, "comments", {alice}); };
  comments_first ? comments() : articles();
  if (removed) {
    Retention retention;
    retention.keep = 24h;
    REQUIRE(river->prune(retention, kNoon + 24h * 60));
    REQUIRE(stories(river) == 0);
  }
  CHECK((comments_first ? articles() : comments()).new_posts == 1);
  CHECK(stories(river) == (removed ? 1 : 2));
  for (const auto& post : river.all()) CHECK(post.sources.size() == 1);
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("one comment in two feeds of comments is one post", "[identity]") {
  River river({"all", "thread"});
  read(river, "all", {comment("By: Alice", 11, 10)});
  CHECK(read(river, "thread", {comment("By: Alice", 11, 10)}).merged_posts == 1);
  CHECK(read(river, "thread", {comment("By: Alice", 13, 11)}).new_posts == 1);
}

TEST_CASE("one story under other tracking fragments is one post in two sources", "[identity]") {
  const std::string fragment = GENERATE("#xtor=RSS-1", "#ftag=CAD590a51e", "#tk.rss_all", "#utm_source=feed&amp;ref=x", "#.VxYz12");
  CAPTURE(fragment);
  River river({"a", "b"});
  read(river, "a", {{"Storm hits the coast", kLink, "1", 9}});
  CHECK(read(river, "b", {{"A storm, says the wire", kLink + fragment, "2", 10}}).merged_posts == 1);
  CHECK(read(river, "b", {{"Storm hits the coast: the wire", kLink + fragment + "2", "3", 11}}).new_posts == 0);
}

TEST_CASE("a comment does not take the place of an earlier one on the same article", "[identity]") {
  struct Case {
    Item first, second;
    std::size_t posts;
  };
  const auto t = GENERATE(values<Case>({
      {comment("By: Alice", 11, 10), comment("By: Alice", 13, 11), 2},
      {comment("Comment on How we rebuilt our search by Alice", 11, 10), comment("Comment on How we rebuilt our search by Bob", 12, 11), 2},
      {comment("Comment on How we rebuilt our search by Alice", 11, 10), comment("Comment on How we rebuilt our search by Bob", 12, 10), 2},
      {comment("By: Alice", 11, 10), comment("By: Alice (edited)", 11, 11), 1},
      // guid and fragment are new at every request
      {{"One", kLink + "#a1", "g1", 10}, {"One", kLink + "#b2", "g2", 10}, 1},
      {{"Storm hits the coast", kLink + "#top", "g1", 10}, {"Storm hits the coast, thousands flee", kLink + "#top", "g2", 11}, 1},
  }));
  CAPTURE(t.first.title, t.second.title);
  River river({"a"});
  read(river, "a", {t.first});
  read(river, "a", {t.second});
  CHECK(stories(river) == t.posts);
  CHECK(check_file(river.folder.file("riverd.db")).empty());
}

TEST_CASE("an anchor without a guid is one story, whether its page has others in the document or not", "[identity]") {
  const std::string page = "https://a.example/news";
  const Item a{"Opening hours", page + "#a", ""};
  const Item b{"New prices", page + "#b", ""};
  Item edited = b;
  edited.title = "Prices from May";
  River river({"a"});
  SECTION("alone at last") {
    read(river, "a", {a, b});
    read(river, "a", {edited});
  }
  SECTION("alone at first") {
    read(river, "a", {b});
    read(river, "a", {a, edited});
  }
  CHECK(sorted_titles(river) == std::vector<std::string>{"Opening hours", "Prices from May"});
}

TEST_CASE("anchors and pages stored before fragments were told apart are found again", "[identity]") {
  const std::string page = "https://a.example/news";
  const Item a{"Opening hours", page + "#a", ""};
  const Item b{"New prices", page + "#b", ""};
  Item edited = b;
  edited.title = "Prices from May";
  const bool alone_first = GENERATE(false, true);
  CAPTURE(alone_first);
  River river({"a"});
  read(river, "a", alone_first ? std::vector{b} : std::vector{a, b});
  execute(river.folder.file("riverd.db"), "UPDATE carried SET text = NULL");
  read(river, "a", alone_first ? std::vector{a, edited} : std::vector{edited});
  CHECK(sorted_titles(river) == std::vector<std::string>{"Opening hours", "Prices from May"});
}

TEST_CASE("a comment stored before fragments were told apart is not taken for another", "[identity]") {
  River river({"a", "b"});
  read(river, "a", {comment("By: Alice", 11, 10)});
  execute(river.folder.file("riverd.db"), "UPDATE carried SET text = NULL");
  CHECK(read(river, "a", {comment("By: Alice", 13, 11)}).new_posts == 1);
  CHECK(read(river, "b", {{"How we rebuilt our search", kArticle, "https://blog.example/?p=1", 9}}).new_posts == 1);
}

TEST_CASE("a document of one item without a guid loses no story to the next", "[identity]") {
  struct Case {
    Item first, second;
    std::size_t posts;
  };
  const std::string home = "https://a.example/";
  const auto t = GENERATE_COPY(values<Case>({
      {{"Version 1.0", home + "changes#v1", ""}, {"Version 2.0", home + "changes#v2", ""}, 2},
      {{"Version 1.0", home + "changes#v1", ""}, {"Version 1.0 (withdrawn)", home + "changes#v1", ""}, 1},
      {{"Story 4", home, "", 9}, {"Story 5", home, "", 10}, 2},
      {{"Story 4", home, ""}, {"Story 5", home, ""}, 2},
      {{"Story 4", home, "", 9}, {"Story 4, corrected", home, "", 9}, 1},
      {{"Story 4", home, "", 9}, {"Story 4", home, "", 10, "more words"}, 1},
      {{"", home, "", 0, "one"}, {"", home, "", 0, "two"}, 1},
      {{"Our visible earth", home, ""}, {"Our visible earth, corrected", home, ""}, 1},
      {{"Our visible earth", home, "", 9}, {"Our visible moon and earth", home, "", 10}, 2},
      {{"Route one", home + "#!/1", ""}, {"Another title", home + "#!/1", ""}, 1},
      {{"Route one", home + "#!/1", ""}, {"Another title", home + "#!/2", ""}, 2},
  }));
  CAPTURE(t.first.link, t.first.title, t.second.title);
  River river({"a"});
  read(river, "a", {t.first});
  read(river, "a", {t.second});
  CHECK(stories(river) == t.posts);
}

TEST_CASE("a guid that was repeated once does not let one story overwrite another later", "[identity]") {
  const Item one{"One", kLink, "G"};
  const Item two{"Two", kLink + "/2", "G"};
  River river({"a"});
  read(river, "a", {one});
  read(river, "a", {one, two});
  read(river, "a", {{"Two, edited", kLink + "/2", "G"}});
  CHECK(sorted_titles(river) == std::vector<std::string>{"One", "Two, edited"});
  read(river, "a", {{"Three", kLink + "/3", "G"}});
  CHECK(sorted_titles(river) == std::vector<std::string>{"One", "Three", "Two, edited"});
  read(river, "a", {{"One, edited", kLink, "G"}});
  CHECK(sorted_titles(river) == std::vector<std::string>{"One, edited", "Three", "Two, edited"});
}

TEST_CASE("a guid that only looks unique does not make two sites' stories one", "[identity]") {
  const std::string copied = "urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6";
  const std::string permalink = "http://a.example/?p=1";
  const auto atom = [](const std::string& id, const std::string& title, const std::string& link) {
    const auto feed = feeds::read::read("<feed xmlns='http://www.w3.org/2005/Atom'><title>c</title><entry><id>" + id + "</id><title>" +
                                        title + "</title><link href='" + link + "'/><updated>2024-09-18T10:07:00Z</updated></entry></feed>", {});
    REQUIRE(feed);
    return feeds::normalise(*feed, {}).posts;
  };
  struct Case {
    std::string what, id, title, link;
    std::uint64_t merged;
  };
  const auto t = GENERATE_COPY(values<Case>({
      {"an example's id", copied, "Another", "http://b.example/1", 0},
      {"a true one, other link", copied, "Storm hits the coast", "http://b.example/1", 1},
      {"the same, headline edited", copied, "Storm hits the coast, thousands flee", "http://b.example/1", 1},
      {"the same, same link", copied, "Another", "https://a.example/1", 1},
      {"a permalink's other address", permalink, "Storm hits the coast", "http://b.example/1", 0},
      {"a home page", "http://a.example/", "Storm hits the coast", "http://a.example/2", 0},
  }));
  CAPTURE(t.what);
  River river({"a", "b"});
  river.poll_posts("a", atom(t.id, "Storm hits the coast", "http://a.example/1"));
  CHECK(river.poll_posts("b", atom(t.id, t.title, t.link)).merged_posts == t.merged);
  CHECK(stories(river) == (t.merged == 1 ? 1 : 2));
}

TEST_CASE("stories under the guid and link of their site are all kept, and the one known already stays itself", "[identity]") {
  const std::string home = "https://a.example/";
  const auto story = [&](int n, const std::string& body = "words") { return Item{"Story " + std::to_string(n), home, home, n, body}; };
  River river({"a"});
  read(river, "a", {story(1)});
  const auto first = river.all().at(0);
  read(river, "a", {story(2), story(1)});
  read(river, "a", {story(3), story(2, "newer"), story(1, "newer")});
  read(river, "a", {story(4), story(3)});
  CHECK(river.titles() == std::vector<std::string>{"Story 4", "Story 3", "Story 2", "Story 1"});
  CHECK(river.all().back().post.id == first.post.id);
  CHECK(river.all().back().post.content_html != first.post.content_html);
}
