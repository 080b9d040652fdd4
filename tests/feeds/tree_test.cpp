#include "feeds/content/tree.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/feeds/gumbo_reference.h"

using namespace riverd::feeds::content;
using reference::Gumbo;
using reference::outline;

namespace {

std::string ours(std::string_view html) {
  return outline(Tree(html));
}

std::string random_markup(std::mt19937& random, std::size_t pieces) {
  static const std::vector<std::string> kPieces = {"<p>",
                                                   "</p>",
                                                   "<b>",
                                                   "</b>",
                                                   "<i>",
                                                   "</i>",
                                                   "<a href=x>",
                                                   "</a>",
                                                   "<div>",
                                                   "</div>",
                                                   "<table>",
                                                   "</table>",
                                                   "<tr>",
                                                   "</tr>",
                                                   "<td>",
                                                   "</td>",
                                                   "<th>",
                                                   "<tbody>",
                                                   "</tbody>",
                                                   "<thead>",
                                                   "<caption>",
                                                   "</caption>",
                                                   "<colgroup>",
                                                   "<col>",
                                                   "<ul>",
                                                   "</ul>",
                                                   "<li>",
                                                   "</li>",
                                                   "<dl>",
                                                   "<dt>",
                                                   "<dd>",
                                                   "</dl>",
                                                   "<h1>",
                                                   "</h2>",
                                                   "<h3>",
                                                   "<br>",
                                                   "<hr>",
                                                   "</br>",
                                                   "<span>",
                                                   "</span>",
                                                   "<button>",
                                                   "</button>",
                                                   "<pre>",
                                                   "</pre>",
                                                   "<em>",
                                                   "</em>",
                                                   "<font>",
                                                   "</font>",
                                                   "<nobr>",
                                                   "</nobr>",
                                                   "<object>",
                                                   "</object>",
                                                   "<address>",
                                                   "</address>",
                                                   "<blockquote>",
                                                   "</blockquote>",
                                                   "<foo>",
                                                   "</foo>",
                                                   "<img>",
                                                   "text",
                                                   "x",
                                                   " ",
                                                   "<ruby>",
                                                   "<rt>",
                                                   "</ruby>",
                                                   "<script>a</script>",
                                                   "<style>b</style>",
                                                   "<textarea>c</textarea>",
                                                   "<!-- c -->",
                                                   "&amp;",
                                                   "<center>",
                                                   "</center>",
                                                   "<input>",
                                                   "<section>",
                                                   "</section>"};
  std::string out;
  for (std::size_t i = 0; i < pieces; ++i) out += kPieces[random() % kPieces.size()];
  return out;
}

}  // namespace

TEST_CASE("a tree is what a browser builds", "[content][tree]") {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"<p>one<p>two", "<p>one</p><p>two</p>"},
      {"<b>1<p>2</b>3</p>", "<b>1</b><p><b>2</b>3</p>"},
      {"<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"},
      {"<table>x<tr><td>y</table>", "x<table><tbody><tr><td>y</td></tr></tbody></table>"},
      {"<a>x<a>y", "<a>x</a><a>y</a>"},
      {"<p><table></table>", "<p></p><table></table>"},
      {"<h1>a<h2>b", "<h1>a</h1><h2>b</h2>"},
      {"x</p>y", "x<p></p>y"},
      {"<html><head><title>t</title></head><body class=c>b</body></html>c", "<title>t</title>bc"},
      {"a<template>b<p>c</template>d", "ad"},
      {"<svg><g><text>a</text><foreignObject><p>b</p></foreignObject></svg>c",
       "<svg><g><text>a</text><foreignobject><p>b</p></foreignobject></g></svg>c"},
      {"<form>a<div>b</form>c</div>d", "<form>a<div>bc</div></form>d"},
      {"<svg><p>x", "<svg></svg><p>x</p>"},
      {"<script>a<b></script>c", "<script>a&lt;b&gt;</script>c"},
      {"1 < 2 & 3 &lt;b&gt; &nosuch; &copy &notit;",
       "1 &lt; 2 &amp; 3 &lt;b&gt; &amp;nosuch; \u00A9 \u00ACit;"},
  };
  for (const auto& [html, tree] : rows) {
    CAPTURE(html);
    CHECK(ours(html) == tree);
  }
}

TEST_CASE("a tree is walked by sibling, parent and document order, and knows its attributes",
          "[content][tree]") {
  const std::string html = R"(<div ID="main" class='a b'><p>x<b>y</b></p><img src=a?b&amp;c alt></div>)";
  const Tree tree(html);
  const Node div = tree.root().first_child();
  CHECK(div.tag() == Tag::div);
  CHECK(div.attribute("id") == "main");
  CHECK(div.attribute("class") == "a b");
  CHECK_FALSE(div.attribute("style"));
  CHECK(div.last_child().attribute("src") == "a?b&c");
  CHECK(div.last_child().attribute("alt") == "");
  CHECK(div.last_child().previous_sibling() == div.first_child());
  CHECK(div.text() == "xy");
  std::size_t count = 0;
  for (Node node = div; node; node = node.next(div)) ++count;
  CHECK(count == 6);
}

// Left out of the soup, as gumbo 0.10 reads them otherwise than the standard: forms (it moves their words
// out), templates, selects, SVG that HTML breaks out of.
TEST_CASE("trees of random tag soup are those of another HTML5 parser", "[content][tree]") {
  std::mt19937 random(20240918);
  for (int i = 0; i < 20000; ++i) {
    const std::string html = random_markup(random, 2 + random() % 14);
    CAPTURE(html);
    REQUIRE(ours(html) == Gumbo(html).outline());
  }
}

TEST_CASE("depth is bounded, and no word is lost to the bound", "[content][tree]") {
  std::string html;
  for (int i = 0; i < 100'000; ++i) html += "<div>";
  html += "words";
  CHECK(Tree(html).root().text() == "words");
  html.clear();
  for (int i = 0; i < 700'000; ++i) html += "<i>x</i>";
  const Tree many(html);
  CHECK(many.size() < 700'000);
  CHECK(many.root().text().size() >= 700'000);
}
