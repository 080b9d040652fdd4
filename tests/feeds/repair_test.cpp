#include "parse.h"

#include <algorithm>

using namespace riverd::feeds;
using namespace riverd::feeds::test;

namespace {
std::string in_item(const std::string& item) { return "<rss><channel><item>" + item + "</item></channel></rss>"; }
}  // namespace

TEST_CASE("a broken document gives what it holds, and a warning", "[read][repair]") {
  struct Case { std::string document, title; };
  const auto c = GENERATE(values<Case>({
      {"\n junk <?xml version='1.0'?>" + in_item("<title>T</title>"), "T"},
      {"<?xml version='1.0'?><?xml version='1.0'?>" + in_item("<title>T</title>"), "T"},
      {in_item("<title>A & B < C</title>"), "A & B < C"},
      {in_item("<title>T</title><undeclared:title>no</undeclared:title>"), "T"},
      {"<rss version=2.0><channel><item><title>T</title></item></channel></rss>", "T"},
      {in_item("<description><b>x<i>y</b>z</i></description><title>T</title>"), "T"},
      {in_item("<title>T<link>http://e.org/</link>"), "T"},
      {in_item("<title>T</title>") + "<p>after</p> the root", "T"},
      {in_item("<title><![CDATA[T"), "T"},
      {"<br>warning: <b>x" + in_item("<title>T</title>"), "T"},
      {in_item("<title>T</title></font>"), "T"},
      {in_item("<title>T&nbsp;&</title>"), "T &"},
      {in_item("<title>&eacute;</title>"), "é"},
      {in_item("<title><![cdata[T]]></title>"), "T"},
  }));
  CAPTURE(c.document);
  const auto parsed = parse(c.document);
  REQUIRE(!parsed.posts.empty());
  CHECK(parsed.posts[0].title.substr(0, c.title.size()) == c.title);
  CHECK(!parsed.warnings.empty());
}

TEST_CASE("a document that breaks off keeps its whole entries", "[read][repair]") {
  const auto parsed = parse("<rss><channel><item><title>A</title></item><item><title>B</title></item><item><ti");
  REQUIRE(parsed.posts.size() >= 2);
  CHECK(parsed.posts[0].title == "A");
  CHECK(parsed.posts[1].title == "B");
}

TEST_CASE("a document that breaks off says where", "[read][repair]") {
  struct Case { std::string document; read::Ending ending; std::size_t entries; };
  const std::string rss = "<rss><channel><title>T</title><link>http://e.org/</link>", a = "<item><title>A</title></item>";
  const std::string rdf = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>";
  using read::Ending;
  const auto c = GENERATE_COPY(values<Case>({
      {rss + a + "<item><title>Story number 2</title><link>https://x.example/story", Ending::breaks_off_in_last_entry, 2},
      {rss + a + "<item><title>Story n", Ending::breaks_off_in_last_entry, 2},
      {rss + a + "<item><title>B</title><description><![CDATA[half", Ending::breaks_off_in_last_entry, 2},
      {rss + a + "<item><title>B</title><enclosure url='http://e.org/ha", Ending::breaks_off_in_last_entry, 2},
      {rss + a + "<item><title>B</title>", Ending::breaks_off_in_last_entry, 2},
      {"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A</title></entry><entry><id>urn:", Ending::breaks_off_in_last_entry, 2},
      {rdf + "<channel/>" + a + "<item><title>B</title></it", Ending::breaks_off_in_last_entry, 2},
      {R"({"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1"},{"id":"2","url":"http://e.org/ha)",
       Ending::breaks_off_in_last_entry, 2},
      {rss + a + "<item", Ending::breaks_off, 1},
      {"<rss><channel><title>Half a ti", Ending::breaks_off, 0},
      {rss, Ending::breaks_off, 0},
      {R"({"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1"},{"id":"2")", Ending::breaks_off, 1},
      {R"({"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1"}],"authors":[{"name":"A","url":"http)", Ending::breaks_off, 1},
      {rss + a, Ending::whole, 1},
      {rss + a + "</channel>", Ending::whole, 1},
      {rss + "<item><title>A</title></channel></rss>", Ending::whole, 1},
      {rss + "<item><title>A</title><item><title>B</title></channel></rss>", Ending::whole, 2},
      {rss + "<item><title>A</title><description><![CDATA[x</item></channel></rss>", Ending::whole, 1},
      {rss + a + "</channel></rss><script src='x'>", Ending::whole, 1},
  }));
  CAPTURE(c.document);
  const auto feed = read::read(c.document, {});
  REQUIRE(feed.has_value());
  CHECK(feed->ending == c.ending);
  CHECK(feed->entries.size() == c.entries);
  const auto is_told = [](const std::string& warning) { return warning.find("the document breaks off") != std::string::npos; };
  if (c.ending != Ending::whole) CHECK(std::any_of(feed->warnings.begin(), feed->warnings.end(), is_told));
}

TEST_CASE("items that were never closed are items", "[read][repair]") {
  const auto parsed = parse("<rss><channel><item><title>A<link>http://e.org/</link><item><title>B</title></channel></rss>");
  REQUIRE(parsed.posts.size() == 2);
  CHECK(parsed.posts[0].title == "A");
  CHECK(value_of(parsed.posts[0].link) == "http://e.org/");
  CHECK(parsed.posts[1].title == "B");
}

TEST_CASE("documents put one behind the other give the entries of all", "[read][repair]") {
  const auto parsed = parse("<?xml version='1.0'?>" + in_item("<title>A</title>") + "\n<?xml version='1.0'?>" + in_item("<title>B</title>"));
  REQUIRE(parsed.posts.size() == 2);
  CHECK(parsed.posts[1].title == "B");
  CHECK(!parsed.warnings.empty());
}

TEST_CASE("CDATA in CDATA is one text", "[read][repair]") {
  const Post post = only_post(in_item("<description><![CDATA[a<![CDATA[b]]>c]]></description><title>T</title>"));
  CHECK(value_of(post.content_html) == "abc");
  CHECK(post.title == "T");
}

TEST_CASE("a DOCTYPE's own entities are read where they are small and not nested", "[read][entities]") {
  const Post post = only_post("<!DOCTYPE rss [<!ENTITY foo 'bar'><!ENTITY lol '&foo;&foo;'><!ENTITY x SYSTEM 'file:///etc/passwd'>]>" +
                              in_item("<title>&foo; &lol; &x;</title>"));
  CHECK(post.title == "bar &lol; &x;");
}

TEST_CASE("entities expand to a bounded size", "[read][entities]") {
  std::string body = "<!DOCTYPE r [<!ENTITY a '" + std::string(1000, 'x') + "'>]><rss><channel><item><description>";
  for (int i = 0; i < 20000; ++i) body += "&a;";
  const Post post = only_post(body + "</description></item></channel></rss>");
  CHECK(post.content_html->size() < 400000);
}

TEST_CASE("nothing that is not a feed is taken for one", "[read]") {
  const auto document = GENERATE(as<std::string>{}, "", "hello", "<opml/>", "{\"a\":1}", "[1,2]", "<html><rss/></html>", "<a/>", "\x01\x02");
  CAPTURE(document);
  const auto feed = read::read(document, {});
  REQUIRE(!feed.has_value());
  CHECK(feed.error().code() == riverd::Errc::not_a_feed);
}

TEST_CASE("a document without a fault has no warnings", "[read][repair]") {
  CHECK(parse("<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x 'y'>]>" + in_item("<title>&x;&amp;&#65;</title>")).warnings.empty());
}

TEST_CASE("a page without <html> is an HTML page too", "[read]") {
  const auto page = GENERATE(as<std::string>{}, "<!doctype html><title>x</title>", "<meta charset=utf-8><title>x</title>", "<head>", "<p>x");
  const auto feed = read::read(page + "<link rel=alternate type=application/rss+xml href=http://e.org/f>", {});
  REQUIRE(!feed.has_value());
  CHECK(feed.error().message() == "not a feed: an HTML page; it links to the feeds http://e.org/f");
}

TEST_CASE("the error of an HTML page names the feeds it links to", "[read]") {
  read::Hints hints;
  hints.base = "http://e.org/blog/";
  const auto feed = read::read("<!DOCTYPE html><html><head><link rel='alternate' type='application/rss+xml' href='feed'></head></html>", hints);
  REQUIRE(!feed.has_value());
  CHECK(feed.error().message().find("http://e.org/blog/feed") != std::string::npos);
  CHECK(read::linked_feeds("<base href='/x/'><LINK REL='Alternate home' TYPE='application/atom+xml' HREF='a'>", "http://e.org/") ==
        std::vector<std::string>{"http://e.org/x/a"});
}

TEST_CASE("hostile nesting, attributes and counts end in bounded work", "[read][hostile]") {
  const auto repeated = [](const std::string& unit, std::size_t size) {
    std::string all;
    while (all.size() < size) all += unit;
    return all;
  };
  const auto unit = GENERATE(as<std::string>{}, "<a>", "<item>", "<item/>", "<!--", "<![CDATA[", "<?", "<", "&", "<a b=\"<", "</b>", "<a xmlns:b='c'>",
                             "<!DOCTYPE [", "<description>", "<m:group xmlns:m='http://search.yahoo.com/mrss/'>");
  CAPTURE(unit);
  const auto feed = read::read("<rss><channel><item>" + repeated(unit, 300000), {});
  REQUIRE(feed.has_value());
  CHECK(feed->entries.size() <= 20000);
  CHECK(feed->warnings.size() <= 100);
}

TEST_CASE("JSON nested too deep is no feed", "[read][hostile]") {
  CHECK(!read::read("{\"items\":" + std::string(200000, '['), {}).has_value());
}
