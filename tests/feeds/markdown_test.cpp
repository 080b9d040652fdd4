#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "feeds/content/html.h"
#include "feeds/content/text.h"
#include "feeds/content/tree.h"

using namespace riverd::feeds::content;

namespace {

constexpr const char* kBase = "https://example.org/dir/page";

std::string clean(std::string_view html) {
  return sanitise(html, kBase).html;
}

std::string written(std::string_view html) {
  return markdown(clean(html));
}

bool has_cmark() {
  return std::system("cmark --version >/dev/null 2>&1") == 0;
}

/// What cmark renders, HTML passed through.
std::string rendered(const std::string& text) {
  const auto path =
      std::filesystem::temp_directory_path() / ("riverd-markdown-" + std::to_string(getpid()) + ".md");
  std::ofstream(path, std::ios::binary) << text;
  std::string out;
  FILE* pipe = popen(("cmark --unsafe " + path.string()).c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  for (std::size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  pclose(pipe);
  std::filesystem::remove(path);
  return out;
}

/// Whether the only '<' outside code blocks are those of the elements that are written in Markdown as HTML.
bool has_own_tags_only(std::string_view text) {
  std::size_t fence = 0;  // backticks that the open code block began with
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    const std::size_t at = std::min(line.find("```"), line.size());
    const std::size_t ticks = std::min(line.find_first_not_of('`', at), line.size()) - at;
    if (fence > 0) {
      if (ticks >= fence && line.substr(at + ticks) == "\n") fence = 0;
      continue;
    }
    fence = ticks;
    if (fence > 0) continue;
    for (std::size_t i = line.find('<'); i < line.size(); i = line.find('<', i + 1)) {
      bool own = false;
      for (const std::string_view tag : {"<sup>", "</sup>", "<sub>", "</sub>", "<code>", "</code>"})
        own = own || line.substr(i).starts_with(tag);
      if (!own) return false;
    }
  }
  return true;
}

/// The words and addresses of HTML: what must survive. White space between words does not count.
struct Facts {
  std::string words;
  std::vector<std::string> links;
  std::vector<std::string> images;
  bool operator==(const Facts&) const = default;
};

Facts facts(const std::string& html) {
  Facts all;
  const Tree tree(html);
  for (Node node = tree.root(); node; node = node.next(tree.root())) {
    if (node.is_text()) node.append_text(all.words);
    const std::string inside = node.tag() == Tag::a ? fold_space(node.text()) : "";
    if (!inside.empty()) all.links.push_back(node.attribute("href").value_or(""));
    if (node.tag() != Tag::img) continue;
    all.images.push_back(node.attribute("src").value_or("") + " " +
                         fold_space(node.attribute("alt").value_or("")));
  }
  std::erase_if(all.words, [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
  return all;
}

}  // namespace

TEST_CASE("blocks and styles are written as CommonMark", "[content][markdown]") {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"<h2>Title</h2><p>One <em>two</em> <strong>three</strong> <del>four</del> <code>five</code>.</p><hr>",
       "## Title\n\nOne *two* **three** ~~four~~ `five`.\n\n***\n"},
      {"<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c\n"},
      {"<ol start=9><li><p>a</p><p>b</p></li><li><p>c</p></li></ol>", "9. a\n\n   b\n\n10. c\n"},
      {"<blockquote><p>a</p><p>b</p></blockquote><blockquote>c</blockquote>", "> a\n>\n> b\n\n> c\n"},
      {"<pre><code class=language-cpp>int x;\n\n```\n</code></pre>", "````cpp\nint x;\n\n```\n````\n"},
      {"<a href=x>l</a> <img src=i.png alt=a title=t>",
       "[l](https://example.org/dir/x) ![a](https://example.org/dir/i.png \"t\")\n"},
      {"a<br>b<br><br>c", "a\\\nb\n\nc\n"},
      {"<table><tr><th>a<th align=right>b<tr><td>c|d<td><a href=x>e</a></table>",
       "| a | b |\n| --- | --: |\n| c\\|d | [e](https://example.org/dir/x) |\n"},
      {"<table><tr><td><p>only</p><ul><li>layout</ul></table>", "only\n\n- layout\n"},
      {"<audio src=a.mp3></audio>", "[a.mp3](https://example.org/dir/a.mp3)\n"},
      {"<dl><dt>t<dd>d</dl>", "**t**\n\n- d\n"},
      {"<ul><li>a</ul><ul><li>b</ul>", "- a\n\n+ b\n"},
      {"<b>a</b><b>b</b> <b><i>c</i></b>", "a**b** **_c_**\n"},
  };
  for (const auto& [html, text] : rows) {
    CAPTURE(html);
    CHECK(written(html) == text);
  }
}

TEST_CASE("text that looks like Markdown stays text", "[content][markdown]") {
  for (const char* line : {"# a",
                           "## b ##",
                           "- a",
                           "+ a",
                           "* a",
                           "1. a",
                           "12) b",
                           "> q",
                           "---",
                           "***",
                           "___",
                           "===",
                           "```",
                           "~~~",
                           "    code",
                           "[a]: /b",
                           "[a](b)",
                           "![a](b)",
                           "<b>",
                           "<!-- c -->",
                           "&amp;",
                           "&#65;",
                           "\\*",
                           "a\\",
                           "*a*",
                           "_a_ b_c_d",
                           "`a`",
                           "~~a~~",
                           "http://a.example/_b_",
                           "| a | b |",
                           ":-- | --:",
                           "1986. A year",
                           "!",
                           "a  b",
                           "#",
                           "-",
                           "+"}) {
    std::string html = "<p>";
    append_escaped(html, line);
    html += "</p><p>x<br>";
    append_escaped(html, line);
    html += "</p><ul><li>";
    append_escaped(html, line);
    html += "</li></ul><h3>";
    append_escaped(html, line);
    html += "</h3>";
    const std::string safe = clean(html);
    CAPTURE(safe, markdown(safe));
    if (has_cmark()) CHECK(facts(rendered(markdown(safe))) == facts(safe));
  }
}

TEST_CASE("cmark renders the words, links and images of random documents", "[content][markdown]") {
  if (!has_cmark()) {
    WARN("cmark is not installed");
    return;
  }
  static const std::vector<std::string> kPieces = {"<p>",
                                                   "</p>",
                                                   "<b>",
                                                   "</b>",
                                                   "<i>",
                                                   "</i>",
                                                   "<a href='x_(y)z?a=1&copy;=2'>",
                                                   "</a>",
                                                   "<a href=/w title='q\"&amp;'>",
                                                   "<div>",
                                                   "</div>",
                                                   "<ul>",
                                                   "</ul>",
                                                   "<ol start=4>",
                                                   "</ol>",
                                                   "<li>",
                                                   "</li>",
                                                   "<blockquote>",
                                                   "</blockquote>",
                                                   "<h2>",
                                                   "</h2>",
                                                   "<br>",
                                                   "<hr>",
                                                   "<code>",
                                                   "</code>",
                                                   "<pre>",
                                                   "</pre>",
                                                   "<img src=i.png alt='a]*'>",
                                                   "word ",
                                                   "x",
                                                   " ",
                                                   "1. ",
                                                   "- ",
                                                   "# ",
                                                   "*",
                                                   "_",
                                                   "`",
                                                   "!",
                                                   "[",
                                                   "]",
                                                   "(",
                                                   "&lt;script>alert(1)&lt;/script>",
                                                   "&amp;amp;",
                                                   "\\",
                                                   "\u65E5\u672C\u3002",
                                                   "\u00E9",
                                                   "\n",
                                                   "<dl><dt>t<dd>d</dl>",
                                                   "\"",
                                                   ".",
                                                   "+",
                                                   "=",
                                                   "|",
                                                   ":-",
                                                   "&nbsp;",
                                                   "<em>",
                                                   "</em>",
                                                   "<strong>",
                                                   "</strong>",
                                                   "<section>",
                                                   "</section>",
                                                   "<span>",
                                                   "2) ",
                                                   "~"};
  std::mt19937 random(11);
  for (int i = 0; i < 400; ++i) {
    std::string html;
    for (std::size_t n = 2 + random() % 30; n > 0; --n) html += kPieces[random() % kPieces.size()];
    const std::string safe = clean(html);
    Facts expected = facts(safe);
    if (safe.find("<pre") != std::string::npos) continue;  // links inside code blocks are words there
    const std::string text = markdown(safe);
    CAPTURE(safe, text);
    Facts found = facts(rendered(text));
    REQUIRE(found.words == expected.words);
    REQUIRE(found.images == expected.images);
    std::erase(found.links, "");
    for (const auto& link : expected.links) {
      REQUIRE(std::find(found.links.begin(), found.links.end(), link) != found.links.end());
    }
  }
}

TEST_CASE("cells whose end is left out are cells, also where nobody sanitised the table", "[content][markdown]") {
  CHECK(markdown("<table><tr><th>a<th>b<tr><td>1<td>2</table>") == "| a | b |\n| --- | --- |\n| 1 | 2 |\n");
}

TEST_CASE("no address eats the escape of what follows it", "[content][markdown]") {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"See http://x.example/&lt;img src=q onerror=alert(1)>", "See http://x.example/&lt;img src=q onerror=alert(1)&gt;\n"},
      {"WWW.x.example/&lt;b>", "WWW.x.example/&lt;b&gt;\n"},
      {"http://x.example/<b></b>&lt;b>", "http://x.example/&lt;b&gt;\n"},
      {"http://x.example/[a b](javascript:alert(1)) [c]", "http://x.example/&lbrack;a b\\](javascript:alert(1)) \\[c\\]\n"},
      {"http://x.example/<span></span>[a]", "http://x.example/&lbrack;a&rbrack;\n"},
      {"https://x.example/~ada/_a_b_*c\\`~~?d=1&amp;copy=2&amp;lt;",
       "https://x.example/~ada/&lowbar;a_b&lowbar;&ast;c&bsol;&grave;&#126;&#126;?d=1&copy=2&amp;lt;\n"},
      {"http://x.example/<br>*", "http://x.example/  \n\\*\n"},
      {"http://x.example/<code>a</code> <code>b</code>", "http://x.example/<code>a</code> `b`\n"},
      {"Wow!<a href=/x>l</a>", "Wow&#33;[l](https://example.org/x)\n"},
  };
  for (const auto& [html, text] : rows) {
    CAPTURE(html);
    CHECK(written(html) == text);
  }
}

TEST_CASE("code and addresses that their surroundings could take apart are written with references", "[content][markdown]") {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"<code>a[i] = *p | ~q</code>", "`a[i] = *p | ~q`\n"},
      {"<code>&lt;b></code>", "<code>&#60;b&#62;</code>\n"},
      {"<code>a`b</code>", "<code>a&#96;b</code>\n"},
      {"<code>[a](javascript:alert(1))</code>", "<code>&#91;a&#93;(javascript&#58;alert(1))</code>\n"},
      {"<table><tr><td>a<td><code>\\|&lt;img src=q></code><tr><td><code>c</code><td>d|e</table>",
       "| a | <code>&#92;&#124;&#60;img src=q&#62;</code> |\n| --- | --- |\n| `c` | d\\|e |\n"},
      {"<del>x <code>~~&lt;b>~~</code></del>", "~~x <code>&#126;&#126;&#60;b&#62;&#126;&#126;</code>~~\n"},
      {"<em>x <code>*`&lt;b>`</code></em>", "*x <code>&#42;&#96;&#60;b&#62;&#96;</code>*\n"},
      {"<del><a href='/~~x~y'>l</a></del>", "~~[l](https://example.org/&#126;&#126;x~y)~~\n"},
      {"<b><code>a[i]</code></b> <b><code>*p</code></b>", "**<code>a&#91;i&#93;</code>** **`*p`**\n"},
      {"<a href=/x><code>[a]</code></a>", "[<code>&#91;a&#93;</code>](https://example.org/x)\n"},
      {"a<b><code>b</code></b><code>c</code>", "a`bc`\n"},
  };
  for (const auto& [html, text] : rows) {
    CAPTURE(html);
    CHECK(written(html) == text);
  }
}

TEST_CASE("neither the words of a link, nor a title, nor an image's text hold another link", "[content][markdown]") {
  CHECK(written("<a href=/x>[click](javascript:alert(1))</a> [y]") ==
        "[&#91;click&#93;(javascript:alert(1))](https://example.org/x) \\[y\\]\n");
  CHECK(written("<a href=/x title='\"[a](b)&lt;b>\\'>l</a>") ==
        "[l](https://example.org/x \"&quot;&#91;a&#93;(b)&lt;b&gt;&#92;\")\n");
  CHECK(written("<img src=/i alt='\"](x)&lt;b>*&amp;lt;'>") ==
        "![&quot;&#93;(x)&lt;b&gt;&#42;&amp;lt;](https://example.org/i)\n");
}

TEST_CASE("quotation marks of a heading are references, for who copies it into an attribute", "[content][markdown]") {
  CHECK(written("<h2><a href=/x>http://x.example/\" onmouseover=alert(1)</a></h2><p>\"</p>") ==
        "## [http://x.example/&quot; onmouseover=alert(1)](https://example.org/x)\n\n\"\n");
}

TEST_CASE("powers, indices and quotations are kept", "[content][markdown]") {
  CHECK(written("10<sup>9</sup> of H<sub>2</sub>O<sup></sup>") == "10<sup>9</sup> of H<sub>2</sub>O\n");
  CHECK(written("<b>x<sup><i>n</i></sup></b> <q>no</q>") == "**x<sup>*n*</sup>** \u201Cno\u201D\n");
}

TEST_CASE("no '<' of a text is left in the Markdown of random documents", "[content][markdown]") {
  static const std::vector<std::string> kPieces = {
      "<p>", "</p>", "<b>", "</b>", "<em>", "</em>", "<del>", "</del>", "<sup>", "</sup>", "<sub>", "</sub>", "<q>", "</q>",
      "<code>", "</code>", "<code>", "</code>", "<a href=/x title='&lt;b>'>", "</a>", "<img src=i alt='&lt;b>' title='\"&lt;b>'>",
      "<h2>", "</h2>", "<ul><li>", "</li></ul>", "<blockquote>", "</blockquote>", "<pre>", "</pre>", "<br>", "<wbr>",
      "<table><tr><td>", "<td>", "<tr><td>", "</table>", "&lt;img src=q onerror=x>", "&lt;/script>", "&lt;", "&amp;lt;", ">",
      "http://x.example/", "www.x.example/", "`", "```", "|", "\\", "~~", "*", "_", "[", "](javascript:x)", "!", " ", "\n", "a"};
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string html;
    for (std::size_t n = 1 + random() % 25; n > 0; --n) html += kPieces[random() % kPieces.size()];
    const std::string text = written(html);
    CAPTURE(html, text);
    REQUIRE(has_own_tags_only(text));
  }
}

TEST_CASE("no HTML is left in Markdown for a renderer to pass through", "[content][markdown]") {
  if (!has_cmark()) return;
  for (const char* html :
       {"&lt;script>alert(1)&lt;/script>", "<p>&lt;img src=x onerror=alert(1)></p>",
        "<a href='x'>&lt;b>&lt;!--</a>", "<img src=x alt='&lt;script>1&lt;/script>'>",
        "<pre>```\n&lt;script>1&lt;/script></pre>", "<code>`&lt;script>1&lt;/script>`</code>",
        "<a href=x title='\"&gt;&lt;script>1&lt;/script>'>t</a>",
        "<table><tr><td>&lt;script>1<td>|&lt;b></table>", "<ul><li>\n\n&lt;div onclick=1></ul>"}) {
    CAPTURE(html);
    const std::string out = rendered(written(html));
    CHECK(sanitise(out, kBase).html.find("<script") == std::string::npos);
    for (const char* never : {"<script", "<div", "<img src=\"x\"", "onerror=alert(1)>\n<", "<!--"}) {
      CHECK(out.find(never) == std::string::npos);
    }
  }
}
