#include "feeds/write/opml.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "feeds/read/opml.h"

using namespace riverd;
using namespace riverd::feeds;
using namespace riverd::feeds::read;
using Catch::Matchers::Contains;
using Strings = std::vector<std::string>;

namespace {

SubscriptionList list(std::string_view text) {
  auto result = read_subscriptions(text);
  REQUIRE(result.has_value());
  return *std::move(result);
}

std::string opml(const std::string& body) {
  return "<?xml version=\"1.0\"?><opml version=\"2.0\"><head><title>Mine</title></head><body>" + body + "</body></opml>";
}

}  // namespace

TEST_CASE("nested folders are categories, outermost first", "[opml][issue6]") {
  const auto read = list(opml(R"(<outline text="Tech"><outline text="Cloud" title="The Cloud">
      <outline type="rss" text="A" title="A &amp; B" xmlUrl="https://example.org/a" htmlUrl="https://example.org/"/></outline>
      <outline type="rss" text="C" xmlUrl="https://example.org/c"/></outline>
      <outline type="rss" text="D" xmlUrl="https://example.org/d"/>)"));
  CHECK(read.title == "Mine");
  REQUIRE(read.subscriptions.size() == 3);
  CHECK(read.subscriptions[0].url == "https://example.org/a");
  CHECK(read.subscriptions[0].title == "A & B");
  CHECK(read.subscriptions[0].site_url == "https://example.org/");
  CHECK(read.subscriptions[0].categories == Strings{"Tech", "The Cloud"});
  CHECK(read.subscriptions[1].categories == Strings{"Tech"});
  CHECK(read.subscriptions[2].categories.empty());
}

TEST_CASE("OPML of other readers is read", "[opml][issue6]") {
  SECTION("Feedly: one feed in two folders") {
    const auto read = list(opml(R"(<outline text="A" title="A"><outline type="rss" text="X" title="X" xmlUrl="https://example.org/x"/></outline>
      <outline text="B" title="B"><outline type="rss" text="X" title="X" xmlUrl="https://example.org/x"/></outline>)"));
    REQUIRE(read.subscriptions.size() == 1);
    CHECK(read.subscriptions[0].categories == Strings{"A", "B"});
  }
  SECTION("FreshRSS: attributes of its own") {
    const auto read = list(R"(<opml xmlns:frss="https://freshrss.org/opml" version="2.0"><body><outline text="News" frss:opmlUrl="">
      <outline text="X" type="rss" xmlUrl="https://example.org/x?a=1&amp;b=2" htmlUrl="" description="d" frss:priority="main"/></outline></body></opml>)");
    REQUIRE(read.subscriptions.size() == 1);
    CHECK(read.subscriptions[0].url == "https://example.org/x?a=1&b=2");
    CHECK(read.subscriptions[0].categories == Strings{"News"});
    CHECK_FALSE(read.subscriptions[0].site_url);
  }
  SECTION("Miniflux: no type") {
    CHECK(list(opml(R"(<outline text="All"><outline title="X" text="X" xmlUrl="https://example.org/x"/></outline>)")).subscriptions.size() == 1);
  }
  SECTION("OPML 1.0: lower case, url for xmlUrl, bare ampersands, no body") {
    const auto read = list("<opml version=\"1.0\"><outline text=\"R&D\" type=\"rss\" url=\"http://example.org/x?a&b\"/>"
                           "<OUTLINE TEXT='Y' XMLURL='http://example.org/y'/></opml>");
    REQUIRE(read.subscriptions.size() == 2);
    CHECK(read.subscriptions[0].title == "R&D");
    CHECK(read.subscriptions[0].url == "http://example.org/x?a&b");
  }
  SECTION("a category attribute: tags, and paths with slashes") {
    const auto read = list(opml(R"(<outline text="X" xmlUrl="https://example.org/x" category="one, /Tech/Cloud ,two"/>)"));
    CHECK(read.subscriptions[0].tags == Strings{"one", "two"});
    CHECK(read.subscriptions[0].categories == Strings{"Tech", "Cloud"});
  }
  SECTION("latin-1") {
    CHECK(list("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><opml><body><outline text=\"Caf\xe9\" xmlUrl=\"https://example.org/x\"/></body></opml>")
              .subscriptions[0].title == "Café");
  }
}

TEST_CASE("what is no feed is left out with a warning", "[opml][issue6]") {
  const auto read = list(opml(R"x(<outline text="a" xmlUrl="javascript:alert(1)"/><outline text="b" xmlUrl="feed://example.org/b"/>
      <outline text="c" type="include" url="https://example.org/more.opml"/><outline text="d" xmlUrl="feed:https://example.org/d"/>)x"));
  REQUIRE(read.subscriptions.size() == 2);
  CHECK(read.subscriptions[0].url == "http://example.org/b");
  CHECK(read.subscriptions[1].url == "https://example.org/d");
  REQUIRE(read.warnings.size() == 2);
  CHECK_THAT(read.warnings[0], Contains("javascript:"));
}

TEST_CASE("a list that breaks off is used as far as it goes", "[opml][issue6]") {
  const auto read = list("<opml><body><outline text='A' xmlUrl='https://example.org/a'/><outline text='B' xmlUrl='https://exam");
  CHECK(read.subscriptions.size() == 1);
  CHECK(read.warnings.size() == 1);
}

TEST_CASE("what is neither OPML nor a urls file is refused", "[opml][issue6]") {
  const auto* text = GENERATE("", "\n\n", "<html><body><p>no</p></body></html>", "{\"version\": 1}", "just words", "<", "\x01\x02");
  CAPTURE(text);
  CHECK(read_subscriptions(text).error().code() == Errc::invalid);
}

TEST_CASE("outlines nested a hundred thousand deep overflow nothing", "[opml][issue6]") {
  std::string body;
  for (int i = 0; i < 100'000; ++i) body += "<outline text='f'>";
  body += "<outline text='A' xmlUrl='https://example.org/a'/>";
  for (int i = 0; i < 100'000; ++i) body += "</outline>";
  const auto read = list(opml(body));
  REQUIRE(read.subscriptions.size() == 1);
  CHECK(read.subscriptions[0].categories == Strings{"f"});
}

TEST_CASE("newsboat's urls file is read", "[opml][issue6]") {
  const auto read = list("# mine\n\nhttps://example.org/a tech \"two words\" \"~The A\" !hidden # why\n"
                         "\"https://example.org/b\"\nhttp://example.org/c \"a \\\"b\\\"\"\r\n"
                         "\"query:unread:unread = \\\"yes\\\"\"\nexec:script\nfilter:a:b\n");
  REQUIRE(read.subscriptions.size() == 3);
  CHECK(read.subscriptions[0].url == "https://example.org/a");
  CHECK(read.subscriptions[0].title == "The A");
  CHECK(read.subscriptions[0].tags == Strings{"tech", "two words"});
  CHECK(read.subscriptions[1].url == "https://example.org/b");
  CHECK(read.subscriptions[2].tags == Strings{"a \"b\""});
  CHECK(read.warnings.size() == 3);
}

TEST_CASE("a URL with control characters is the URL without them, one with stray bytes has them encoded", "[opml]") {
  const auto read = list(std::string("https://example.org/a\x01\0b\x7f\nhttps://example.org/ab\n", 49));
  REQUIRE(read.subscriptions.size() == 1);
  CHECK(read.subscriptions[0].url == "https://example.org/ab");
  CHECK(list("https://example.org/\xff\n").subscriptions.at(0).url == "https://example.org/%FF");
}

TEST_CASE("a list written as OPML is read back without loss", "[opml][issue6]") {
  std::vector<Subscription> subscriptions(4);
  subscriptions[0] = {"https://example.org/a?x=1&y=\"2\"", "A <b> & \"c\"", "https://example.org/", {"Tech & so", "Cloud"}, {"t1", "t 2"}};
  subscriptions[1] = {"https://example.org/b", "", std::nullopt, {"Tech & so"}, {}};
  subscriptions[2] = {"https://example.org/c", "日本語", std::nullopt, {"Cloud"}, {}};
  subscriptions[3] = {"https://example.org/d", "D", std::nullopt, {}, {}};
  const auto text = write::opml("My <list>", subscriptions);
  const auto read = list(text);
  CHECK(read.title == "My <list>");
  CHECK(read.warnings.empty());
  REQUIRE(read.subscriptions.size() == 4);
  for (const auto& subscription : subscriptions) {
    const auto found = std::find_if(read.subscriptions.begin(), read.subscriptions.end(), [&](const auto& other) { return other.url == subscription.url; });
    REQUIRE(found != read.subscriptions.end());
    CHECK(found->title == subscription.title);
    CHECK(found->site_url == subscription.site_url);
    CHECK(found->categories == subscription.categories);
    CHECK(found->tags == subscription.tags);
  }
  CHECK(write::opml(read.title, read.subscriptions) == text);
}
