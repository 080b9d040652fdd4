#include "parse.h"

using namespace riverd::feeds;
using namespace riverd::feeds::test;

TEST_CASE("an RSS title is text, escaped or not", "[read][rss]") {
  struct Case { std::string xml, title; };
  const auto c = GENERATE(values<Case>({
      {"AT&amp;amp;T", "AT&T"},
      {"AT&T", "AT&T"},
      {"&lt;b&gt;bold&lt;/b&gt; x", "bold x"},
      {"1 &lt; 2 &gt; 1", "1 < 2 > 1"},
      {"<![CDATA[std::vector<int> & co]]>", "std::vector<int> & co"},
      {"a <b>c</b>", "a c"},
      {"&amp;lt;b&amp;gt; tag", "<b> tag"},
      {"caf&eacute;&nbsp;x", "café x"},
      {"&#147;x&#148;", "“x”"},
      {"a &#; &#x; b&#0;&#8;", "a &#; &#x; b"},
      {"&lt;![CDATA[a]]&gt;", "a"},
  }));
  CAPTURE(c.xml);
  CHECK(only_post(rss("<title>" + c.xml + "</title>")).title == c.title);
}

TEST_CASE("a title that names a tag keeps it, one that is marked up loses its markup", "[read][rss]") {
  struct Case { std::string xml, title; };
  const auto c = GENERATE(values<Case>({
      {"The &lt;dialog&gt; element", "The <dialog> element"},
      {"Avoid &lt;script&gt; in SVG", "Avoid <script> in SVG"},
      {"<![CDATA[Using <template> in Vue]]>", "Using <template> in Vue"},
      {"&lt;style&gt; vs &lt;link&gt;", "<style> vs <link>"},
      {"if x&lt;a and b&gt;c", "if x<a and b>c"},
      {"Why &lt;input type='date'&gt; is hard", "Why <input type='date'> is hard"},
      {"The &lt;img&gt; tag, &lt;!-- and &lt;/div&gt;", "The <img> tag, <!-- and </div>"},
      {"&lt;b&gt;New:&lt;/b&gt; the &lt;style&gt; of i&lt;j", "New: the <style> of i<j"},
      {"&lt;em&gt;The&lt;/em&gt; &amp;lt;dialog&amp;gt; &lt;I&gt;element&lt;/i&gt;", "The <dialog> element"},
      {"See &lt;a href='http://e.org/?a=1>2'&gt;this&lt;/a&gt;", "See this"},
      {"<![CDATA[one<br>two<br/>three<wbr>four]]>", "one two threefour"},
      {"<![CDATA[<img src='x.png' alt='x'> seen]]>", "seen"},
      {"<![CDATA[<!--:en-->Title<!--:-->]]>", "Title"},
      {"<![CDATA[<p>AT&amp;T &mdash; news]]>", "AT&T — news"},
      {"<![CDATA[Avoid <script> &amp; co]]>", "Avoid <script> & co"},
      {"<![CDATA[<script>alert(1)</script>News]]>", "News"},
  }));
  CAPTURE(c.xml);
  CHECK(only_post(rss("<title>" + c.xml + "</title>")).title == c.title);
}

TEST_CASE("the body of an item is its content, whatever element it came from", "[read][rss]") {
  struct Case { std::string xml, content, summary; };
  const auto c = GENERATE(values<Case>({
      {"<description>D</description>", "D", "D"},
      {"<description>D</description><content:encoded>&lt;p&gt;E&lt;/p&gt;</content:encoded>", "<p>E</p>", "D"},
      {"<content:encoded>&lt;p&gt;E&lt;/p&gt;</content:encoded><description>D</description>", "<p>E</p>", "D"},
      {"<content:encoded/><description>D</description>", "D", "D"},
      {"<description>D</description><itunes:summary>S</itunes:summary>", "D", "S"},
      {"<summary>S</summary><description>D</description>", "D", "S"},
      {"<m:group><m:description>M</m:description></m:group>", "M", "M"},
      {"<m:description>M</m:description><description>D</description>", "D", "D"},
      {"<h:body><h:p>X<h:br/>Y</h:p></h:body>", "<p>X<br>Y</p>", "X Y"},
      {"<fullitem>F</fullitem>", "F", "F"},
      {"<description>foo <b>bar</b></description>", "foo <b>bar</b>", "foo bar"},
      {"<description>&amp;lt;p&amp;gt;twice&amp;lt;/p&amp;gt;</description>", "<p>twice</p>", "twice"},
      {"<description>a &lt;vector&gt; b</description>", "a &lt;vector&gt; b", "a <vector> b"},
      {"<description>a &lt;vector&lt;x::y&gt;&gt; b</description>", "a &lt;vector&lt;x::y&gt;&gt; b", "a <vector<x::y>> b"},
      {"<description>a &lt;o:p>b&lt;/o:p> &lt;x-y>c &lt;z on=1>d&lt;!-- &lt;e/></description>", "a b c d", "a b c d"},
      {"<description>a&lt;!DOCTYPE html>b&lt;?xml version='1.0'?>c&lt;![if !IE]>d</description>", "abcd", "abcd"},
      {"<description>&lt;![CDATA[a &amp;amp; b]]&gt; c</description>", "a &amp; b c", "a & b c"},
  }));
  CAPTURE(c.xml);
  const Post post = only_post(rss(c.xml));
  CHECK(value_of(post.content_html) == c.content);
  CHECK(value_of(post.summary) == c.summary);
}

TEST_CASE("the link of an item is where the story is", "[read][rss]") {
  struct Case { std::string xml, link; };
  const auto c = GENERATE(values<Case>({
      {"<link>http://e.org/2</link><guid>http://e.org/1</guid>", "http://e.org/2"},
      {"<guid>http://e.org/1</guid>", "http://e.org/1"},
      {"<guid isPermaLink='false'>http://e.org/1</guid>", "null"},
      {"<atom:link href='http://e.org/3'/>", "http://e.org/3"},
      {"<link>http://e.org/2</link><fb:origLink>http://o.org/2</fb:origLink>", "http://o.org/2"},
      {"<link>javascript:alert(1)</link>", "null"},
      {"<link>p?q</link>", "http://base.org/d/p?q"},
      {"<source url='http://s.org/'>S</source><comments>http://e.org/c</comments>", "null"},
  }));
  CAPTURE(c.xml);
  CHECK(value_of(only_post(rss(c.xml), "http://base.org/d/feed").link) == c.link);
}

TEST_CASE("titles and links of images, text inputs and sources are nobody else's", "[read][rss]") {
  const auto parsed = parse(rss("<source><title>S</title></source><image><title>I</title><url>http://e.org/i.png</url></image><title>T</title>",
                                "<image><title>I</title><url>http://e.org/c.png</url><link>http://e.org/x</link></image>"
                                "<textInput><title>X</title><link>http://e.org/t</link></textInput>"
                                "<title>C</title><link>http://e.org/</link><cloud domain='e.org'/>"));
  CHECK(value_of(parsed.feed.title) == "C");
  CHECK(value_of(parsed.feed.link) == "http://e.org/");
  CHECK(value_of(parsed.feed.image) == "http://e.org/c.png");
  CHECK(parsed.posts.at(0).title == "T");
}

TEST_CASE("an item's date is its publication, and one date is both", "[read][rss]") {
  struct Case { std::string xml, date, updated; };
  const auto c = GENERATE(values<Case>({
      {"<pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate>", "2004-01-01T19:48:21Z", "2004-01-01T19:48:21Z"},
      {"<dc:date>2004-01-01</dc:date>", "2004-01-01T00:00:00Z", "2004-01-01T00:00:00Z"},
      {"<pubDate>Thu, 01 Jan 2004 00:00:00 GMT</pubDate><dc:date>2005-01-01</dc:date>", "2004-01-01T00:00:00Z", "2005-01-01T00:00:00Z"},
      {"<dcterms:created>2003-01-01</dcterms:created><dcterms:issued>2004-01-01</dcterms:issued><dcterms:modified>2005-01-01</dcterms:modified>", "2004-01-01T00:00:00Z", "2005-01-01T00:00:00Z"},
      {"<pubDate>nonsense</pubDate>", "null", "null"},
  }));
  CAPTURE(c.xml);
  const Post post = only_post(rss(c.xml, "<pubDate>Thu, 01 Jan 2009 00:00:00 GMT</pubDate>"));
  CHECK(date_of(post.date) == c.date);
  CHECK(date_of(post.updated) == c.updated);
}

TEST_CASE("authors are taken apart", "[read][rss]") {
  struct Case { std::string text; Author author; };
  const auto c = GENERATE(values<Case>({
      {"me@example.com (Example Me)", {"Example Me", "me@example.com", {}}},
      {"Example Me &lt;me@example.com&gt;", {"Example Me", "me@example.com", {}}},
      {"Example Me (me@example.com)", {"Example Me", "me@example.com", {}}},
      {"me@example.com", {{}, "me@example.com", {}}},
      {"Example Me", {"Example Me", {}, {}}},
      {"me@example.com (me@example.com)", {{}, "me@example.com", {}}},
      {"root@localhost (Root)", {"Root", "root@localhost", {}}},
      {"L@ur3nt", {"L@ur3nt", {}, {}}},
      {"(author unknown)", {"(author unknown)", {}, {}}},
  }));
  CAPTURE(c.text);
  CHECK(only_post(rss("<author>" + c.text + "</author>")).authors == std::vector<Author>{c.author});
}

TEST_CASE("an item without an author has the channel's", "[read][rss]") {
  CHECK(only_post(rss("<title>x</title>", "<dc:creator>C</dc:creator>")).authors == std::vector<Author>{{"C", {}, {}}});
  CHECK(only_post(rss("<dc:creator>A</dc:creator><dc:creator>B</dc:creator>", "<dc:creator>C</dc:creator>")).authors ==
        std::vector<Author>{{"A", {}, {}}, {"B", {}, {}}});
}

TEST_CASE("editors are authors where there is no other, a podcast's owner after its author", "[read][rss]") {
  const std::string editor = "<managingEditor>e@e.org (E)</managingEditor>";
  const std::string podcast = "<itunes:owner><itunes:name>P</itunes:name><itunes:email>p@e.org</itunes:email></itunes:owner>"
                              "<itunes:author>P</itunes:author><itunes:author>Q</itunes:author>";
  const auto both = parse(rss("", editor + "<dc:creator>C</dc:creator>"));
  CHECK(both.feed.authors == std::vector<Author>{{"C", {}, {}}, {"E", "e@e.org", {}}});
  CHECK(both.posts.at(0).authors == std::vector<Author>{{"C", {}, {}}});
  CHECK(only_post(rss("", editor + podcast)).authors == std::vector<Author>{{"E", "e@e.org", {}}});
  CHECK(only_post(rss("", podcast)).authors == std::vector<Author>{{"P", "p@e.org", {}}});
}

TEST_CASE("media of groups, enclosures and podcast images are enclosures and a thumbnail, each URL once", "[read][media]") {
  const Post post = only_post(rss("<m:group><m:content url='http://e.org/v.mp4' type='video/mp4' fileSize='7'/>"
                                  "<m:content url='http://e.org/p'><m:thumbnail url='http://e.org/t.jpg'/></m:content></m:group>"
                                  "<itunes:image href='http://e.org/i.png'/><enclosure url='http://e.org/v.mp4' length='x'/>"));
  REQUIRE(post.enclosures.size() == 2);
  CHECK(post.enclosures[0] == Enclosure{"http://e.org/v.mp4", "video/mp4", 7});
  CHECK(post.enclosures[1] == Enclosure{"http://e.org/p", {}, {}});
  CHECK(value_of(post.thumbnail) == "http://e.org/t.jpg");
  CHECK(value_of(only_post(rss("<description>&lt;img src='http://e.org/z.png'&gt;</description>")).thumbnail) == "http://e.org/z.png");
}

TEST_CASE("categories, subjects and keywords are tags, each once", "[read][rss]") {
  CHECK(only_post(rss("<category>a</category><category>b &amp;amp; c</category><dc:subject>a</dc:subject><itunes:keywords>k1, k2</itunes:keywords>"
                      "<itunes:category text='t'><itunes:category text='u'/></itunes:category>")).tags ==
        std::vector<std::string>{"a", "b & c", "k1", "k2", "t", "u"});
}

TEST_CASE("a channel says when to come back", "[read][rss]") {
  const auto parsed = parse(rss("", "<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
                                    "<skipHours><hour>0</hour><hour>23</hour></skipHours><skipDays><day>Sunday</day></skipDays>"));
  CHECK(parsed.feed.ttl == riverd::Seconds(43200));
  CHECK(parsed.feed.skip_hours == ((1U << 23) | 1U));
  CHECK(parsed.feed.skip_days == 1U << 6);
}

TEST_CASE("every version of RSS and CDF is known by name", "[read][format]") {
  struct Case { std::string document, format; };
  const std::string rdf = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='";
  const auto c = GENERATE_COPY(values<Case>({
      {"<rss version='0.91'><channel/></rss>", "rss-0.91"},
      {"<rss version='0.94'><channel/></rss>", "rss-0.94"},
      {"<rss version='2.01'><channel/></rss>", "rss-2.0"},
      {"<rss version='0.9.1'><channel/></rss>", "rss-0.91"},
      {"<CHANNEL><ITEM><A HREF='http://e.org/1'/></ITEM></CHANNEL>", "cdf"},
      {"<rss><channel/></rss>", "rss-2.0"},
      {rdf + "http://my.netscape.com/rdf/simple/0.9/'><channel/></rdf:RDF>", "rss-0.90"},
      {rdf + "http://purl.org/rss/1.0/'><channel/></rdf:RDF>", "rss-1.0"},
      {"<Channel xmlns='http://purl.org/net/rss1.1#'><items/></Channel>", "rss-1.1"},
      {"<CHANNEL HREF='http://e.org/'><ITEM HREF='http://e.org/1'/></CHANNEL>", "cdf"},
      {"<feed xmlns='http://purl.org/atom/ns#' version='0.3'/>", "atom-0.3"},
      {"<feed xmlns='http://www.w3.org/2005/Atom'/>", "atom-1.0"},
  }));
  CAPTURE(c.document);
  CHECK(parse(c.document).feed.format == c.format);
}

TEST_CASE("RSS 1.0 items stand beside the channel, and rdf:about is their guid", "[read][rdf]") {
  const auto parsed = parse("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
                            "<item rdf:about='http://e.org/1'><title>T</title></item><image><url>http://e.org/i.gif</url></image>"
                            "<channel><title>C</title><link rdf:resource='http://e.org/'/></channel></rdf:RDF>");
  CHECK(value_of(parsed.feed.link) == "http://e.org/");
  CHECK(value_of(parsed.feed.title) == "C");
  CHECK(value_of(parsed.feed.image) == "http://e.org/i.gif");
  REQUIRE(parsed.posts.size() == 1);
  CHECK(value_of(parsed.posts[0].guid) == "http://e.org/1");
  CHECK(value_of(parsed.posts[0].link) == "http://e.org/1");
}

TEST_CASE("an image that a channel only names is its image where none is described", "[read][rdf]") {
  const std::string named = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
                            "<channel><image rdf:resource='http://e.org/n'/></channel>";
  CHECK(value_of(parse(named + "<item/></rdf:RDF>").feed.image) == "http://e.org/n");
  CHECK(value_of(parse(named + "<image rdf:about='http://e.org/n'><url>http://e.org/u</url></image></rdf:RDF>").feed.image) == "http://e.org/u");
}

TEST_CASE("CDF says its links and dates in attributes", "[read][cdf]") {
  CHECK(value_of(parse("<CHANNEL BASE='http://e.org/a/' HREF='b'><ITEM HREF='c'/></CHANNEL>").posts.at(0).link) == "http://e.org/a/c");
  const auto parsed = parse("<CHANNEL HREF='http://e.org/' LASTMOD='2004-01-01'><TITLE>C</TITLE><ABSTRACT>A</ABSTRACT>"
                            "<ITEM HREF='http://e.org/1' LASTMOD='2003-01-01'><TITLE>T</TITLE><ABSTRACT>B</ABSTRACT></ITEM></CHANNEL>");
  CHECK(value_of(parsed.feed.link) == "http://e.org/");
  CHECK(date_of(parsed.feed.updated) == "2004-01-01T00:00:00Z");
  REQUIRE(parsed.posts.size() == 1);
  CHECK(value_of(parsed.posts[0].link) == "http://e.org/1");
  CHECK(value_of(parsed.posts[0].content_html) == "B");
  CHECK(date_of(parsed.posts[0].date) == "2003-01-01T00:00:00Z");
}
