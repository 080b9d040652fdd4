#include <catch2/catch.hpp>

#include "feeds/read/read.h"
#include "feeds/write/json.h"
#include "feeds/write/front_matter.h"
#include "feeds/write/river.h"

using namespace riverd;
using namespace riverd::feeds;
using namespace riverd::feeds::write;

namespace {

Post tencent() {
  Post post;
  post.id = "mfrggzdfmztwq2lkmfrggzdfmy";
  post.title = "Tencent Cloud: \"A <b>new</b> region\" & more";
  post.date = parse_rfc3339("2024-09-18T18:37:16Z");
  post.updated = parse_rfc3339("2024-09-19T08:00:00Z");
  post.tags = {"cloud", "AT&T <x>"};
  post.categories = {"tech"};
  post.thumbnail = "https://example.com/t.jpg?a=1&b=2";
  post.link = "https://example.com/story?a=1&b=2";
  post.guid = "tag:example.com,2024:1";
  post.authors = {{"Ada", "ada@example.com", "https://example.com/ada"}};
  post.summary = "Less < more & so on";
  post.content_html = "<p>Hello <a href=\"https://example.com/x\">world</a> &amp; ]]&gt;</p>";
  post.content = "Hello [world](https://example.com/x)";
  post.enclosures = {{"https://example.com/a.mp3", "audio/mpeg", 123}, {"https://example.com/b.mp3", {}, {}}};
  post.language = "en-GB";
  return post;
}

River stream() {
  return {"My river", "https://river.example/", "https://river.example/feed", "https://river.example/feed?cursor=x",
          *parse_rfc3339("2024-09-20T00:00:00Z"), "riverd test"};
}

const Kept kKept{7, {{"zdnet-cloud", "ZDNET & Cloud", "https://zdnet.example/rss.xml"}}};

Normalised read_back(const std::string& document) {
  auto feed = read::read(document, {});
  REQUIRE(feed.has_value());
  CHECK(feed->warnings.empty());
  return normalise(*feed, {});
}

void check_same(const Post& got, const Post& sent) {
  CHECK(got.title == sent.title);
  CHECK(got.date == sent.date);
  CHECK(got.updated == sent.updated);
  CHECK(got.link == sent.link);
  CHECK(got.summary == sent.summary);
  CHECK(got.content_html == sent.content_html);
  CHECK(got.thumbnail == sent.thumbnail);
  CHECK(got.guid == post_urn(sent.id));
  REQUIRE(got.authors.size() == 1);
  CHECK(got.authors[0].name == sent.authors[0].name);
  CHECK(got.tags.size() >= sent.tags.size());
  CHECK(std::equal(sent.tags.begin(), sent.tags.end(), got.tags.begin()));
  REQUIRE(got.enclosures.size() == sent.enclosures.size());
  CHECK(got.enclosures[0] == sent.enclosures[0]);
  CHECK(got.enclosures[1].url == sent.enclosures[1].url);
}

}  // namespace

TEST_CASE("a JSON string escapes what must be and nothing else, wherever it stands", "[write][json]") {
  const auto slowly = [](std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", unsigned{byte});
      if (c == '"' || c == '\\') out += {'\\', c};
      else if (c == '\n') out += "\\n";
      else if (c == '\r') out += "\\r";
      else if (c == '\t') out += "\\t";
      else if (byte < 0x20 || byte == 0x7f) out += code;
      else out += c;
    }
    return out + '"';
  };
  const auto quickly = [](std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
  };
  for (int c = 0; c < 0x80; ++c) {
    for (std::size_t length = 1; length < 20; ++length) {
      for (std::size_t at = 0; at < length; ++at) {
        std::string text(length, 'x');
        text[at] = static_cast<char>(c);
        REQUIRE(quickly(text) == slowly(text));
        text.back() = '!';  // beside what borrows
        text[length / 2] = '"';
        REQUIRE(quickly(text) == slowly(text));
      }
    }
  }
  for (std::size_t before = 0; before < 20; ++before) {
    const std::string text = std::string(before, 'x') + "\u00e9\"\u4e00\n";
    CHECK(quickly(text) == slowly(text));
    CHECK(quickly(std::string(before, 'x') + "\xff") == '"' + std::string(before, 'x') + "\ufffd\"");
  }
}

TEST_CASE("the river's Atom feed reads back as the same posts", "[write]") {
  const Post post = tencent();
  const auto got = read_back(atom(stream(), {{&post, &kKept, {}}}));
  CHECK(got.feed.format == "atom-1.0");
  CHECK(got.feed.title == "My river");
  CHECK(got.feed.self == "https://river.example/feed");
  CHECK(got.feed.next == "https://river.example/feed?cursor=x");
  REQUIRE(got.posts.size() == 1);
  check_same(got.posts[0], post);
  CHECK(got.posts[0].language == "en-GB");
  CHECK(got.posts[0].authors == post.authors);
}

TEST_CASE("the river's RSS feed reads back as the same posts", "[write]") {
  const Post post = tencent();
  const auto got = read_back(rss(stream(), {{&post, &kKept, {}}}));
  CHECK(got.feed.format == "rss-2.0");
  REQUIRE(got.posts.size() == 1);
  check_same(got.posts[0], post);
  CHECK(got.posts[0].language == "en-GB");
}

TEST_CASE("the river's JSON Feed reads back as the same posts", "[write]") {
  const Post post = tencent();
  const auto got = read_back(json_feed(stream(), {{&post, &kKept, {}}}));
  CHECK(got.feed.format == "json-1.1");
  REQUIRE(got.posts.size() == 1);
  check_same(got.posts[0], post);
}

TEST_CASE("an empty river is a valid feed in every format", "[write]") {
  CHECK(read_back(atom(stream(), {})).posts.empty());
  CHECK(read_back(rss(stream(), {})).posts.empty());
  CHECK(read_back(json_feed(stream(), {})).posts.empty());
}

TEST_CASE("a post with nothing but a title is a valid entry in every format", "[write]") {
  Post post;
  post.id = "mfrggzdfmztwq2lkmfrggzdfmy";
  post.title = "Bare";
  const std::vector<RiverPost> posts = {{&post, nullptr, *parse_rfc3339("2024-01-01T00:00:00Z")}};
  for (const auto& document : {atom(stream(), posts), rss(stream(), posts), json_feed(stream(), posts)}) {
    CAPTURE(document);
    const auto got = read_back(document);
    REQUIRE(got.posts.size() == 1);
    CHECK(got.posts[0].title == "Bare");
    CHECK_FALSE(got.posts[0].link);
  }
}

TEST_CASE("control characters and broken UTF-8 in a post leave every feed well-formed", "[write]") {
  Post post = tencent();
  post.title = "a\x01\x0b\xff\xef\xbf\xbe]]>b";
  const auto got = read_back(atom(stream(), {{&post, &kKept, {}}}));
  CHECK(got.posts.at(0).title.find("]]>b") != std::string::npos);
  CHECK(read_back(rss(stream(), {{&post, &kKept, {}}})).posts.size() == 1);
  CHECK(read_back(json_feed(stream(), {{&post, &kKept, {}}})).posts.size() == 1);
}

TEST_CASE("an entry's id is the UUID form of its post's id", "[write]") {
  // base32 "mfrggzdfmztwq2lkmfrggzdfmy" is the 16 bytes "abcdefghijabcdef".
  CHECK(post_urn("mfrggzdfmztwq2lkmfrggzdfmy") == "urn:uuid:61626364-6566-6768-696a-616263646566");
}

TEST_CASE("a post as Markdown has front matter, a heading and the content", "[write]") {
  Post post = tencent();
  post.title = "Tencent";
  CHECK(post_markdown(post, kKept.sources) ==
        "---\n"
        "title: \"Tencent\"\n"
        "date: 2024-09-18 18:37:16\n"
        "updated: 2024-09-19 08:00:00\n"
        "tags:\n  - \"cloud\"\n  - \"AT&T <x>\"\n"
        "categories:\n  - \"tech\"\n"
        "thumbnail: \"https://example.com/t.jpg?a=1&b=2\"\n"
        "link: \"https://example.com/story?a=1&b=2\"\n"
        "authors:\n  - \"Ada\"\n"
        "source: \"zdnet-cloud\"\n"
        "id: \"mfrggzdfmztwq2lkmfrggzdfmy\"\n"
        "---\n\n"
        "## Tencent\n\n"
        "Hello [world](https://example.com/x)\n");
}

TEST_CASE("null values and empty lists are left out of the front matter", "[write]") {
  Post post;
  post.id = "x";
  post.title = "t";
  CHECK(post_markdown(post, {}) == "---\ntitle: \"t\"\nid: \"x\"\n---\n\n## t\n");
}

TEST_CASE("no title breaks out of the front matter or starts markup in its heading", "[write]") {
  Post post;
  post.id = "x";
  post.title = "\"\n---\n<script>alert(1)</script> *x*";
  const std::string text = post_markdown(post, {});
  CHECK(text.starts_with("---\ntitle: \"\\\"\\x0a---\\x0a<script>"));
  CHECK(text.find("\n## \"") != std::string::npos);
  CHECK(text.substr(text.find("\n## ")).find("<script>") == std::string::npos);
  CHECK(text.find("&lt;script&gt;alert(1)&lt;/script&gt; \\*x\\*") != std::string::npos);
}

TEST_CASE("an address in a title stays one, and eats no escape", "[write]") {
  Post post;
  post.id = "x";
  post.title = "C# at http://x.example/a_b#c<img src=q onerror=\"alert(1)\"> [d]!";
  CHECK(post_markdown(post, {}).ends_with(
      "\n\n## C\\# at http://x.example/a_b#c&lt;img src=q onerror=&quot;alert(1)&quot;&gt; \\[d\\]\\!\n"));
}

TEST_CASE("line breaks that only YAML knows are escaped in its strings", "[write]") {
  CHECK(yaml_string("a\xc2\x85" "b\xe2\x80\xa8" "c\xe2\x80\xa9" "d\tä") == "\"a\\Nb\\Lc\\Pd\\x09ä\"");
}

TEST_CASE("template marks in a post ask Hexo not to run them", "[write]") {
  Post post = tencent();
  post.content = "Use {{ value }} here";
  CHECK(post_markdown(post, {}).find("\ndisableNunjucks: true\n---\n") != std::string::npos);
}
