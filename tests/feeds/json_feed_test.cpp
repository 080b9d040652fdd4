#include "parse.h"

using namespace riverd::feeds;
using namespace riverd::feeds::test;

namespace {
std::string feed_of(const std::string& item, const std::string& more = {}) {
  return R"({"version":"https://jsonfeed.org/version/1.1","title":"F")" + more + R"(,"items":[)" + item + "]}";
}
}  // namespace

TEST_CASE("a JSON Feed item has all its parts", "[read][json]") {
  const auto parsed = parse(feed_of(R"({"id":"1","url":"/1","title":"T","content_html":"<a href='q'>H</a>","summary":"S",
      "date_published":"2020-01-01T00:00:00+01:00","tags":["a","b"],"authors":[{"name":"N","url":"/n"}],
      "attachments":[{"url":"/a.mp3","mime_type":"audio/mpeg","size_in_bytes":5}],"image":"/i.png"})",
                                    R"(,"language":"fr","icon":"/icon.png","home_page_url":"/","next_url":"/2","hubs":[{"type":"WebSub","url":"/hub"}])"),
                            "http://e.org/f.json");
  CHECK(parsed.feed.format == "json-1.1");
  CHECK(value_of(parsed.feed.image) == "http://e.org/icon.png");
  CHECK(value_of(parsed.feed.next) == "http://e.org/2");
  CHECK(value_of(parsed.feed.hub) == "http://e.org/hub");
  const Post& post = parsed.posts.at(0);
  CHECK(value_of(post.link) == "http://e.org/1");
  CHECK(value_of(post.content_html) == "<a href=\"http://e.org/q\">H</a>");
  CHECK(value_of(post.summary) == "S");
  CHECK(date_of(post.date) == "2019-12-31T23:00:00Z");
  CHECK(post.tags == std::vector<std::string>{"a", "b"});
  CHECK(post.authors == std::vector<Author>{{"N", {}, "http://e.org/n"}});
  CHECK(post.enclosures == std::vector<Enclosure>{{"http://e.org/a.mp3", "audio/mpeg", 5}});
  CHECK(value_of(post.thumbnail) == "http://e.org/i.png");
  CHECK(value_of(post.language) == "fr");
}

TEST_CASE("content_text keeps its lines", "[read][json]") {
  CHECK(value_of(only_post(feed_of(R"({"id":"1","content_text":"a < b\nc"})")).content_html) == "a &lt; b<br>c");
}

TEST_CASE("version 1.0's author and wrong types are read", "[read][json]") {
  const Post post = only_post(R"({"version":"https://jsonfeed.org/version/1","author":{"name":"Z"},"items":[{"id":2,"title":null,"tags":"x","attachments":{}}]})");
  CHECK(value_of(post.guid) == "2");
  CHECK(post.authors == std::vector<Author>{{"Z", {}, {}}});
  CHECK(post.tags.empty());
}

TEST_CASE("a byte order mark, junk behind and raw line breaks are forgiven", "[read][json]") {
  CHECK(only_post("\xEF\xBB\xBF" + feed_of("{\"id\":\"1\",\"title\":\"a\nb\"}") + "junk").title == "a b");
}

TEST_CASE("a link is url, else external_url, else an id that is a URL", "[read][json]") {
  CHECK(value_of(only_post(feed_of(R"({"id":"http://e.org/9","external_url":"http://x.org/"})")).link) == "http://x.org/");
  CHECK(value_of(only_post(feed_of(R"({"id":"http://e.org/9"})")).link) == "http://e.org/9");
}

TEST_CASE("of two bodies the HTML is the content, the text the summary where none is stated", "[read][json]") {
  const Post post = only_post(feed_of(R"({"id":"1","content_html":"<p>H</p>","content_text":"T"})"));
  CHECK(value_of(post.content_html) == "<p>H</p>");
  CHECK(value_of(post.summary) == "T");
}

TEST_CASE("the hub is the one that speaks WebSub", "[read][json]") {
  const auto feed = parse(feed_of("", R"(,"hubs":[{"type":"rssCloud","url":"http://e.org/c"},{"type":"WebSub","url":"http://e.org/w"}])")).feed;
  CHECK(value_of(feed.hub) == "http://e.org/w");
}

TEST_CASE("a JSON Feed that breaks off keeps its whole items", "[read][json]") {
  const auto parsed = parse(R"({"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"A"},{"id":"2","title":"B)");
  REQUIRE(parsed.posts.size() == 2);
  CHECK(parsed.posts[0].title == "A");
  CHECK(value_of(parsed.posts[1].guid) == "2");
  CHECK(parsed.warnings == std::vector<std::string>{"the document breaks off"});
}

TEST_CASE("half a character is replaced, numbers are written as people do", "[read][json]") {
  const Post post = only_post(feed_of(R"({"id":1.5,"title":"a\ud83dx \ud83d\ude00"})"));
  CHECK(post.title == "a\uFFFDx \U0001F600");
  CHECK(value_of(post.guid) == "1.5");
}
