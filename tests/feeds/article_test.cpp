#include "feeds/content/article.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace riverd;
using namespace riverd::feeds;
using content::Article;
using content::extract_article;

namespace {

const std::filesystem::path kFixtures = std::filesystem::path(RIVERD_SOURCE_DIR) / "tests" / "fixtures" / "article";

std::string file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

Article article(std::string_view html, std::string_view url = "https://site.example/a/story") {
  auto result = extract_article(html, url);
  REQUIRE(result.has_value());
  return *result;
}

// Words as bags: runs of ASCII letters and digits, or of other characters; those of three bytes and more (CJK) singly.
std::map<std::string, int> words(std::string_view text) {
  std::map<std::string, int> out;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) ++out[word];
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool letter = std::isalnum(c) != 0 || c >= 0x80;
    if (!letter || c >= 0xE3) end();
    if (letter) word += static_cast<char>(c < 0x80 ? std::tolower(c) : c);
  }
  end();
  return out;
}

double f1(std::string_view found, std::string_view expected) {
  const auto a = words(found);
  const auto b = words(expected);
  double both = 0;
  double all = 0;
  for (const auto& [word, n] : a) all += n;
  for (const auto& [word, n] : b) {
    all += n;
    if (const auto it = a.find(word); it != a.end()) both += std::min(n, it->second);
  }
  return all == 0 ? 0 : 2 * both / all;
}

const std::string kProse =
    "<p>The harbour was empty when we came, apart from two boats that nobody had moved since the spring, and a dog.</p>"
    "<p>We waited for an hour, then for another, and at four the ferry appeared behind the headland after all, late as ever.</p>";

bool has(const Article& a, std::string_view text) { return a.text.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("the article is found on pages of every make", "[article][issue8]") {
  double sum = 0;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFixtures)) {
    if (entry.path().extension() != ".html") continue;
    auto expected = entry.path();
    expected.replace_extension(".txt");
    const double score = f1(article(file(entry.path())).text, file(expected));
    CAPTURE(entry.path().filename().string());
    CHECK(score >= 0.9);
    sum += score;
    ++count;
  }
  CHECK(count >= 20);
  CHECK(sum / count >= 0.96);
}

TEST_CASE("a news page gives its facts from JSON-LD before all else", "[article][issue8]") {
  const Article a = article(file(kFixtures / "zdnet.html"), "https://news.example/cloud/five-ways/?ftag=x");
  CHECK(a.title == "Five ways to cut your cloud bill this quarter");
  CHECK(rfc3339(*a.published) == "2024-09-18T18:37:16Z");
  CHECK(rfc3339(*a.updated) == "2024-09-19T08:00:00Z");
  REQUIRE(a.authors.size() == 1);
  CHECK(a.authors[0].name == "Jo Keller");
  CHECK(a.authors[0].url == "https://news.example/author/jo");
  CHECK(a.section == "Cloud");
  CHECK(a.tags == std::vector<std::string>{"cloud", "costs", "storage"});
  CHECK(a.image == "https://news.example/img/cloud.jpg");
  CHECK(a.canonical == "https://news.example/cloud/five-ways/");
  CHECK(a.language == "en-us");
  CHECK(a.site_name == "ZNews");
  CHECK(a.content_html.find("<h2>") != std::string::npos);
  CHECK(a.content_html.find("href=\"https://docs.example/tags\"") != std::string::npos);
  CHECK_FALSE(has(a, "Related coverage"));
  CHECK_FALSE(has(a, "newsletter"));
  CHECK_FALSE(has(a, "Also:"));
}

TEST_CASE("meta elements, microdata and the page's face fill what JSON-LD lacks", "[article][issue8]") {
  const Article a = article(
      "<html lang=fr-CA><head><title>Un port vide | Le Site</title><base href='/b/'>"
      "<meta property=og:site_name content='Le Site'><meta property=og:image content='pic.jpg'>"
      "<meta property=article:tag content=Ports><meta property=article:tag content=Mer>"
      "<meta property=article:section content=Monde><meta name=description content='Un jour au port.'>"
      "<link rel=next href='?page=2'></head><body><h1>Un port vide</h1>"
      "<span itemprop=author itemscope><span itemprop=name>Luc</span></span>"
      "<time itemprop=datePublished datetime='2024-02-11T07:30:00+01:00'>11 f&eacute;vrier</time>" + kProse);
  CHECK(a.title == "Un port vide");
  CHECK(a.site_name == "Le Site");
  CHECK(a.image == "https://site.example/b/pic.jpg");
  CHECK(a.tags == std::vector<std::string>{"Ports", "Mer"});
  CHECK(a.section == "Monde");
  CHECK(a.description == "Un jour au port.");
  CHECK(a.language == "fr-CA");
  REQUIRE(a.authors.size() == 1);
  CHECK(a.authors[0].name == "Luc");
  CHECK(rfc3339(*a.published) == "2024-02-11T06:30:00Z");
  CHECK(a.next_page == "https://site.example/b/?page=2");
}

TEST_CASE("figures, tables, code, quotes, lists and videos stay", "[article][issue8]") {
  const Article a = article("<article><h1>T</h1>" + kProse +
                            "<figure><img data-src='/a.jpg' src='data:image/gif;base64,R0lGODlhAQABAAAAACw='><figcaption>The dog</figcaption></figure>"
                            "<table><tr><th>Day</th><th>Boats</th></tr><tr><td>Monday</td><td>2</td></tr></table>"
                            "<pre><code class=language-c>int x = 1;\nint y = 2;</code></pre><blockquote><p>Late, as ever.</p></blockquote>"
                            "<iframe src='https://www.youtube.com/embed/abc123'></iframe><ol><li>One.</li><li>Two.</li></ol>" + kProse + "</article>");
  for (const char* part : {"https://site.example/a.jpg", "<figcaption>", "<table>", "<pre>", "<blockquote>", "<ol>", "abc123"}) {
    CAPTURE(part);
    CHECK(a.content_html.find(part) != std::string::npos);
  }
  CHECK(has(a, "Monday"));
}

TEST_CASE("a list of links stays where the text announces it", "[article][issue8]") {
  const std::string links = "<ul><li><a href=/1>The tide tables of the year</a></li><li><a href=/2>A map of the shoals</a></li></ul>";
  CHECK(has(article("<div class=post>" + kProse + "<p>You will need these:</p>" + links + kProse + "</div>"), "map of the shoals"));
  CHECK_FALSE(has(article("<div class=post>" + kProse + "<h3>Related articles</h3>" + links + "</div>"), "map of the shoals"));
}

TEST_CASE("a page that draws itself with scripts gives the body of its structured data", "[article][issue8]") {
  const Article a = article(
      R"(<body><div id=app></div><script type="application/ld+json">{"@type":["NewsArticle"],"headline":"H","isAccessibleForFree":"False",
      "articleBody":"The harbour was empty when we came, apart from two boats that nobody had moved.
We waited for an hour, then for another, and at four the ferry appeared."}</script>)");
  CHECK(has(a, "two boats"));
  CHECK(has(a, "the ferry appeared"));
  CHECK(a.paywalled);
}

TEST_CASE("what is no page is an error, and a page without an article has no content", "[article][issue8]") {
  CHECK(extract_article("", "").has_error());
  CHECK(extract_article("  \n", "").has_error());
  CHECK(extract_article("%PDF-1.7 ...", "").has_error());
  CHECK(article("<nav><a href=/1>One</a> <a href=/2>Two</a></nav>").content_html.empty());
}

TEST_CASE("an article from the command line becomes a post", "[article][issue8]") {
  const Post post = article_post(article(file(kFixtures / "zdnet.html"), "https://news.example/x"), "https://news.example/x");
  CHECK(post.title == "Five ways to cut your cloud bill this quarter");
  CHECK(post.link == "https://news.example/cloud/five-ways/");
  CHECK(post.thumbnail == "https://news.example/img/cloud.jpg");
  CHECK(post.categories == std::vector<std::string>{"Cloud"});
  CHECK(post.id.size() == 26);
  REQUIRE(post.content);
  CHECK(post.content->find("## ") != std::string::npos);
}

TEST_CASE("the feed's entry wins, and its page adds what it lacks", "[article][issue8]") {
  const Article page = article(file(kFixtures / "zdnet.html"), "https://news.example/cloud/five-ways/");
  Post entry;
  entry.title = "Five ways";
  entry.date = parse_rfc3339("2024-09-18T18:00:00Z");
  entry.guid = "g-1";
  entry.tags = {"cloud"};
  entry.summary = "A teaser.";
  entry.content_html = "<p>A teaser.</p>";
  entry.thumbnail = "\"https://news.example/thumb.jpg\" alt";
  const Post post = merge_article(entry, page);
  CHECK(post.title == "Five ways");
  CHECK(rfc3339(*post.date) == "2024-09-18T18:00:00Z");
  CHECK(post.guid == "g-1");
  CHECK(rfc3339(*post.updated) == "2024-09-19T08:00:00Z");
  CHECK(post.tags == std::vector<std::string>{"cloud", "costs", "storage"});
  CHECK(post.thumbnail == "https://news.example/thumb.jpg");
  CHECK(post.authors.size() == 1);
  CHECK(post.language == "en-us");
  CHECK(post.summary == "A teaser.");
  CHECK(post.content_html == page.content_html);
}

TEST_CASE("a page's later change is news where the feed states one date", "[article][issue8]") {
  const Article page = article(file(kFixtures / "zdnet.html"), "https://news.example/cloud/five-ways/");
  Post entry;
  entry.date = parse_rfc3339("2024-09-18T18:00:00Z");
  entry.updated = entry.date;
  CHECK(rfc3339(*merge_article(entry, page).updated) == "2024-09-19T08:00:00Z");
  entry.updated = parse_rfc3339("2024-09-18T19:00:00Z");
  CHECK(rfc3339(*merge_article(entry, page).updated) == "2024-09-18T19:00:00Z");
}

TEST_CASE("a page that is not free, or shows less than the feed, leaves the feed's text", "[article][issue8]") {
  Article page = article(file(kFixtures / "zdnet.html"), "https://news.example/cloud/five-ways/");
  Post entry;
  entry.content_html = "<p>A teaser.</p>";
  page.paywalled = true;
  CHECK(merge_article(entry, page).content_html == "<p>A teaser.</p>");
  page.paywalled = false;
  entry.content_html = page.content_html + page.content_html;
  CHECK(merge_article(entry, page).content_html == entry.content_html);
}

TEST_CASE("a URL is found in the junk around it", "[article][issue8]") {
  for (const char* value : {"https://x.test/a.jpg", " https://x.test/a.jpg\n", "\"https://x.test/a.jpg\"", "url('https://x.test/a.jpg')",
                            "https://x.test/a.jpg 2x, https://x.test/b.jpg 3x", "<img src=https://x.test/a.jpg>", "thumb: https://x.test/a.jpg;"}) {
    CAPTURE(value);
    CHECK(url_in(value, "") == "https://x.test/a.jpg");
  }
  CHECK(url_in("/a.jpg", "https://x.test/b/") == "https://x.test/a.jpg");
  CHECK_FALSE(url_in("no picture here", "https://x.test/"));
  CHECK_FALSE(url_in("", "https://x.test/"));
}

TEST_CASE("a hostile page ends soon", "[article][issue8]") {
  std::string deep;
  for (int i = 0; i < 200000; ++i) deep += "<div>";
  CHECK(extract_article(deep + kProse, "").has_value());
  std::string lists;
  for (int i = 0; i < 20000; ++i) lists += "<ul><li><a href=x>A link of some length</a></ul><h2>Share</h2>";
  CHECK(extract_article(kProse + lists, "").has_value());
  std::string articles;
  for (int i = 0; i < 20000; ++i) articles += "<article><h1>x</h1><p>Some words, not many.";
  CHECK(extract_article(articles, "").has_value());
  std::string classes = "<p class='";
  for (int i = 0; i < 100000; ++i) classes += "a" + std::to_string(i) + " ";
  CHECK(extract_article(classes + "'>" + kProse, "").has_value());
}
