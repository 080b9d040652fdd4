#include "parse.h"

using namespace riverd::feeds;
using namespace riverd::feeds::test;

TEST_CASE("Atom's types say what text is", "[read][atom]") {
  struct Case { std::string xml, content; };
  const auto c = GENERATE(values<Case>({
      {"<content type='text'>a &lt;b&gt;</content>", "a &lt;b&gt;"},
      {"<content type='html'>a &lt;b&gt;c&lt;/b&gt;</content>", "a <b>c</b>"},
      {"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a <b>c</b></div></content>", "a <b>c</b>"},
      {"<content type='xhtml' xmlns:x='http://www.w3.org/1999/xhtml'><x:div>a <x:b>c</x:b></x:div></content>", "a <b>c</b>"},
      {"<content type='application/octet-stream' mode='base64'>YSA8Yj5jPC9iPg==</content>", "a <b>c</b>"},
      {"<content type='text/html' mode='escaped'>a &lt;b&gt;c&lt;/b&gt;</content>", "a <b>c</b>"},
      {"<content>&lt;p&gt;forgotten type&lt;/p&gt;</content>", "<p>forgotten type</p>"},
      {"<summary type='html'>&lt;p&gt;s&lt;/p&gt;</summary>", "<p>s</p>"},
  }));
  CAPTURE(c.xml);
  CHECK(value_of(only_post(atom(c.xml)).content_html) == c.content);
}

TEST_CASE("content that is no text is none, and the summary is the content", "[read][atom]") {
  const std::string png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const auto type = GENERATE(as<std::string>{}, "image/png", "application/octet-stream", "application/pdf", "video/mp4");
  CAPTURE(type);
  const std::string content = "<content type='" + type + "'>" + png + "</content>";
  CHECK(value_of(only_post(atom(content)).content_html) == "null");
  CHECK(value_of(only_post(atom(content)).summary) == "null");
  CHECK(value_of(only_post(atom(content + "<summary>words</summary>")).content_html) == "words");
}

TEST_CASE("an Atom title is text unless its type says otherwise", "[read][atom]") {
  CHECK(only_post(atom("<title type='text'>the &lt;blink> tag</title>")).title == "the <blink> tag");
  CHECK(only_post(atom("<title type='html'>&lt;i>x&lt;/i> &amp;amp; y</title>")).title == "x & y");
  CHECK(only_post(atom("<title type='html'>Using &lt;template> in &lt;i>Vue</title>")).title == "Using <template> in Vue");
  CHECK(only_post(atom("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a <b>b</b></div></title>")).title == "a b");
}

TEST_CASE("of several alternates the HTML one is the link", "[read][atom]") {
  CHECK(value_of(only_post(atom("<link rel='alternate' type='application/pdf' href='http://e.org/p'/><link type='text/html' href='http://e.org/h'/>"
                                "<link rel='self' href='http://e.org/s'/>")).link) == "http://e.org/h");
  CHECK(value_of(only_post(atom("<link rel='self' href='http://e.org/s'/><link rel='via' href='http://e.org/v'/>")).link) == "null");
  CHECK(value_of(only_post(atom("<id>http://e.org/id</id>")).link) == "http://e.org/id");
}

TEST_CASE("relative URLs follow the chain of xml:base, else the document's URL", "[read][base]") {
  CHECK(value_of(only_post(atom("<link xml:base='c/' href='d'/>", "", "xml:base='/b/'"), "http://e.org/a/").link) == "http://e.org/b/c/d");
  CHECK(value_of(only_post(atom("<link href='d'/>"), "http://e.org/a/f").link) == "http://e.org/a/d");
  CHECK(value_of(only_post(atom("<link href='d'/>")).link) == "null");
  CHECK(value_of(only_post(atom("<content type='xhtml' xml:base='http://e.org/c/'><div xmlns='http://www.w3.org/1999/xhtml'>"
                                "<a href='a'>x</a><p xml:base='d/'><a href='b'>y</a><img srcset='i 2x'/></p></div></content>")).content_html) ==
        "<a href=\"http://e.org/c/a\">x</a><p><a href=\"http://e.org/c/d/b\">y</a>"
        "<img src=\"http://e.org/c/d/i\" srcset=\"http://e.org/c/d/i 2x\"></p>");
}

TEST_CASE("authors come from the entry, else its source, else the feed", "[read][atom]") {
  const std::string feed = "<author><name>F</name></author>";
  const std::string source = "<source><author><name>S</name></author><title>ST</title><id>si</id></source>";
  CHECK(only_post(atom("", feed)).authors == std::vector<Author>{{"F", {}, {}}});
  CHECK(only_post(atom(source, feed)).authors == std::vector<Author>{{"S", {}, {}}});
  CHECK(only_post(atom(source + "<author><name>E</name><email>e@e.org</email><uri>http://e.org/</uri></author>", feed)).authors ==
        std::vector<Author>{{"E", "e@e.org", "http://e.org/"}});
  CHECK(only_post(atom("<author><name/><email/><uri/></author>", feed), "http://e.org/").authors == std::vector<Author>{{"F", {}, {}}});
  CHECK(only_post(atom(source)).title.empty());
  CHECK(!only_post(atom(source)).guid);
}

TEST_CASE("the language is the entry's, else its content's, else the feed's", "[read][language]") {
  CHECK(value_of(only_post(atom("<title>x</title>", "", "xml:lang='en'")).language) == "en");
  CHECK(value_of(only_post(atom("<content xml:lang='fr'>x</content>", "", "xml:lang='en'")).language) == "fr");
  CHECK(value_of(only_post(rss("<dc:language>de</dc:language>", "<language>en-us</language>")).language) == "de");
  CHECK(value_of(only_post(rss("", "<language>en_US</language>")).language) == "en-US");
  for (const char* none : {"english", "!!", "e", "-", "en-"}) CHECK(value_of(only_post(rss("", "<language>" + std::string(none) + "</language>")).language) == "null");
  CHECK(value_of(only_post(rss("", "<language>x-klingon</language>")).language) == "x-klingon");
}

TEST_CASE("a feed says its icon, logo, hub, self and next page", "[read][atom]") {
  const auto feed = parse(atom("", "<icon>http://e.org/i</icon><logo>http://e.org/l</logo><generator uri='http://g.org'>G</generator>"
                                   "<subtitle>S</subtitle><rights>R</rights><link rel='self' href='http://e.org/f'/>"
                                   "<link rel='hub' href='http://h.org/'/><link rel='next' href='http://e.org/2'/>")).feed;
  CHECK(value_of(feed.icon) == "http://e.org/i");
  CHECK(value_of(feed.image) == "http://e.org/l");
  CHECK(value_of(feed.generator) == "G");
  CHECK(value_of(feed.description) == "S");
  CHECK(value_of(feed.copyright) == "R");
  CHECK(value_of(feed.self) == "http://e.org/f");
  CHECK(value_of(feed.hub) == "http://h.org/");
  CHECK(value_of(feed.next) == "http://e.org/2");
}

TEST_CASE("Atom 0.3 says issued, created and modified", "[read][atom]") {
  const auto parsed = parse("<feed xmlns='http://purl.org/atom/ns#' version='0.3'><entry><created>2004-01-01T00:00:00Z</created>"
                            "<issued>2004-01-02T00:00:00Z</issued><modified>2004-01-03T00:00:00Z</modified></entry></feed>");
  CHECK(date_of(parsed.posts.at(0).date) == "2004-01-02T00:00:00Z");
  CHECK(date_of(parsed.posts.at(0).updated) == "2004-01-03T00:00:00Z");
}
