#include <catch2/catch.hpp>
#include <chrono>
#include <random>

#include "feeds/content/html.h"
#include "tests/feeds/gumbo_reference.h"

using namespace riverd::feeds::content;

namespace {

constexpr const char* kBase = "https://example.org/dir/page";

std::string clean(std::string_view html) {
  return sanitise(html, kBase).html;
}

/// What every result must be: the same when cleaned again, and the same tree in another parser.
void check_stable(const std::string& html) {
  const std::string once = clean(html);
  REQUIRE(clean(once) == once);
  REQUIRE(reference::Gumbo(once).serialised() == once);
}

struct Row {
  const char* html;
  const char* result;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.html);
    CHECK(clean(row.html) == row.result);
    check_stable(row.html);
  }
}

}  // namespace

TEST_CASE("ordinary markup stays as it is", "[content][sanitise]") {
  for (const char* html : {
           "<h2>Title</h2><p>Words <em>and</em> <strong>more</strong>, <code>x &lt; y</code>.</p>",
           "<ul><li>a<ol start=\"3\"><li>b</li></ol></li><li>c</li></ul>",
           "<pre class=\"language-cpp\"><code>int  x;\n\ty\n</code></pre>",
           "<figure><img src=\"https://example.org/i.png\" alt=\"An image\" width=\"640\" height=\"480\">"
           "<figcaption>Caption</figcaption></figure>",
           "<table><caption>c</caption><thead><tr><th scope=\"col\">h</th></tr></thead>"
           "<tbody><tr><td colspan=\"2\" align=\"right\">d</td></tr></tbody></table>",
           "<blockquote cite=\"https://example.org/q\"><p>q</p></blockquote><hr>",
           "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
           "<details open=\"\"><summary>s</summary>more</details>",
           "<video src=\"https://example.org/v.mp4\" poster=\"https://example.org/p.jpg\" "
           "controls=\"\"></video>",
           "<p lang=\"ar\" dir=\"rtl\">مرحبا</p>",
           "<dl><dt>t</dt><dd>d</dd></dl>",
           "<time datetime=\"2024-09-18\">then</time> <del>a</del> <ins>b</ins> <sub>1</sub><sup>2</sup> "
           "<kbd>k</kbd>",
       }) {
    CAPTURE(html);
    CHECK(clean(html) == html);
    check_stable(html);
  }
}

TEST_CASE("what runs is gone, words stay", "[content][sanitise]") {
  check({
      {"a<script>alert(1)</script>b", "ab"},
      {"<style>p{}</style><p style=\"x\" onclick=\"y\" id=\"z\">p</p>", "<p>p</p>"},
      {"<img src=x onerror=alert(1)>", "<img src=\"https://example.org/dir/x\">"},
      {"<a href=\"javascript:alert(1)\">a</a>", "a"},
      {"<a href=\" jAva\tscript&colon;alert(1)\">a</a>", "a"},
      {"<a href=\"&#1;javascript:alert(1)\">a</a>", "a"},
      {"<a href=\"data:text/html,<script>1</script>\">a</a>", "a"},
      {"<a href=vbscript:x>a</a> <a href=mailto:a@b.example>m</a>", "a <a href=\"mailto:a@b.example\">m</a>"},
      {"<img src=\"data:image/svg+xml;base64,AAAA\" alt=words>", "words"},
      {"<form action=/x><input name=a><button>Go</button></form>", "<div> Go </div>"},
      {"<svg><script>1</script><style>2</style><text>three</text></svg>", "three "},
      {"<math><mi>x</mi><annotation>y</annotation></math>", "x"},
      {"<iframe src=javascript:alert(1)></iframe>a", "a"},
      {"<iframe srcdoc=\"<script>1</script>\"></iframe>a", "a"},
      {"<object data=x.swf>old <b>words</b></object>", "old <b>words</b>"},
      {"<custom-tag>kept</custom-tag><font color=red>too</font>", "kepttoo"},
      {"<template><img src=x onerror=1></template>a", "a"},
      {"<base href=//evil.example/><meta http-equiv=refresh content=0><link rel=stylesheet href=x>a", "a"},
      {"<noscript><p title=\"</noscript><img src=x onerror=1>\">a</noscript>",
       "<p title=\"&lt;/noscript&gt;&lt;img src=x onerror=1&gt;\">a</p>"},
      {"<title>t</title><textarea></textarea><img src=1>", "<img src=\"https://example.org/dir/1\">"},
  });
}

TEST_CASE("vectors that mutate when parsed again stay what they were", "[content][sanitise]") {
  for (const char* html : {
           "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 "
           "onerror=alert(1)&gt;\">",
           "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
           "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
           "<select><template><style><!--</style><a rel=\"--></style></template></select><img id=x src "
           "onerror=1>\">",
           "<p><svg><title><p><style><img src=x onerror=1></style></title></svg>",
           "<noembed><img title=\"</noembed><img src onerror=1>\"></noembed>",
           "<textarea><img title=\"</textarea><img src onerror=1>\"></textarea>",
           "<xmp><p title=\"</xmp><svg/onload=alert(1)>\">",
           "<plaintext><script>1</script>",
           "<!--><img src onerror=1>--><!-- --!><img src onerror=1>-->",
           "<![CDATA[<img src onerror=1>]]><svg><![CDATA[<img src onerror=1>]]></svg>",
           "<a href=\"x\"><table><td><a href=\"y\"><p><button><p>z",
           "<p><button><p>a<p><object><p>b<b><table><b>c</table>d",
           "<pre>\n\na</pre><listing>\r\n\r\nb</listing><pre><b></b>\nc</pre>",
           "<li><li><dl><li><dt><ul><dd><h1><h2><p><h3><ruby><rt><rp><rtc><rb>x",
           "<table><tr><td><table><caption><td>x</caption><col><p>y<tr>z</table>",
           "<b><b><b><b><b><p><i><i>x</b></p></i>y<nobr><nobr><a><a>z",
           "a<br/>b<hr/>c<wbr><img/src=x/onload=1><p/><div/>d",
           "<details><summary><p><summary>x<option>y<optgroup>z",
           "<a href='x\" onmouseover=alert(1) y='>q</a><img alt='`<&\"' src=x>",
       }) {
    CAPTURE(html);
    check_stable(html);
    const std::string result = clean(html);
    for (const char* never :
         {"<script", "<style", " onerror=\"", "<svg", "<math", "<iframe", "<object", "<form"}) {
      CHECK(result.find(never) == std::string::npos);
    }
  }
}

TEST_CASE("random soup is stable, and a browser parses it to the same tree", "[content][sanitise]") {
  static const std::vector<std::string> kPieces = {"<p>",
                                                   "</p>",
                                                   "<b>",
                                                   "</b>",
                                                   "<i title=\"a&quot;<b>\">",
                                                   "</i>",
                                                   "<a href=x>",
                                                   "<a href='y z'>",
                                                   "</a>",
                                                   "<div>",
                                                   "</div>",
                                                   "<table>",
                                                   "</table>",
                                                   "<tr>",
                                                   "<td colspan=2>",
                                                   "</td>",
                                                   "<th>",
                                                   "<caption>",
                                                   "<col>",
                                                   "<ul>",
                                                   "</ul>",
                                                   "<li>",
                                                   "<dl>",
                                                   "<dt>",
                                                   "<dd>",
                                                   "<h1>",
                                                   "</h1>",
                                                   "<h2>",
                                                   "<br>",
                                                   "<hr>",
                                                   "<span lang=en>",
                                                   "</span>",
                                                   "<button>",
                                                   "<form>",
                                                   "</form>",
                                                   "<pre>",
                                                   "</pre>",
                                                   "\n",
                                                   "<font>",
                                                   "<object>",
                                                   "</object>",
                                                   "<svg>",
                                                   "</svg>",
                                                   "<math>",
                                                   "<mi>",
                                                   "<desc>",
                                                   "<foreignObject>",
                                                   "<select>",
                                                   "<option>",
                                                   "<blockquote>",
                                                   "</blockquote>",
                                                   "<img src=i.png>",
                                                   "word",
                                                   " ",
                                                   "<ruby>",
                                                   "<rt>",
                                                   "</ruby>",
                                                   "<video src=v>",
                                                   "</video>",
                                                   "<source src=s srcset=t>",
                                                   "<picture>",
                                                   "</picture>",
                                                   "<script>a</script>",
                                                   "<xmp>b</xmp>",
                                                   "<textarea>\nc</textarea>",
                                                   "<!--",
                                                   "-->",
                                                   "&lt;",
                                                   "&",
                                                   "<",
                                                   "<details>",
                                                   "<summary>",
                                                   "<noscript>",
                                                   "<template>",
                                                   "</template>",
                                                   "<center>",
                                                   "<marquee>",
                                                   "<code class=lang-x>",
                                                   "</code>",
                                                   "<iframe src=//youtu.be/abc title=t></iframe>",
                                                   "<plaintext>",
                                                   "<figure>",
                                                   "<section>",
                                                   "\f",
                                                   "\r\n",
                                                   "<title>"};
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string html;
    for (std::size_t n = 2 + random() % 24; n > 0; --n) html += kPieces[random() % kPieces.size()];
    CAPTURE(html);
    check_stable(html);
  }
}

TEST_CASE("images: lazy ones are restored, pixels are gone", "[content][sanitise]") {
  check({
      {"<img src=\"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\" "
       "data-src=a.png>",
       "<img src=\"https://example.org/dir/a.png\">"},
      {"<img data-lazy-src=/b.png><noscript><img src=/b.png></noscript>",
       "<img src=\"https://example.org/b.png\">"},
      {"<img src=/good.png data-src=\"{&quot;a&quot;:1.0}\">", "<img src=\"https://example.org/good.png\">"},
      {"<img src=/good.png data-src=\"//cdn.example/{width}x.png\">", "<img src=\"https://example.org/good.png\">"},
      {"<img src=/good.png data-original=\"Photo by J. Smith\" data-lazy=0.5>", "<img src=\"https://example.org/good.png\">"},
      {"<img src=/t.gif data-original=\" my photo.jpg?x=1.0 \">", "<img src=\"https://example.org/dir/my%20photo.jpg?x=1.0\">"},
      {"<img src=/t.gif data-src=//cdn.example/a|b/c.png>", "<img src=\"https://cdn.example/a%7Cb/c.png\">"},
      {"<img src=/t.gif data-lazy=/image/1234>", "<img src=\"https://example.org/image/1234\">"},
      {"<img src=/good.png data-srcset=\"{&quot;a&quot;:1}\" srcset=\"/l.png 2x\">",
       "<img src=\"https://example.org/good.png\" srcset=\"https://example.org/l.png 2x\">"},
      {"<noscript><img src=/b.png alt=\"\"></noscript>", "<img src=\"https://example.org/b.png\" alt=\"\">"},
      {"<img srcset=\"s.png 1x, /l.png 2x\">",
       "<img src=\"https://example.org/l.png\" srcset=\"https://example.org/dir/s.png 1x, "
       "https://example.org/l.png 2x\">"},
      {"a<img src=t.gif width=1 height=1>b<img src=u.gif style='width:0px; height: 0'>c", "abc"},
      {"<img src=\"data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\">x", "x"},
      {"<picture><source srcset=w.webp type=image/webp><img src=j.jpg></picture>",
       "<picture><source srcset=\"https://example.org/dir/w.webp\" type=\"image/webp\">"
       "<img src=\"https://example.org/dir/j.jpg\"></picture>"},
  });
  CHECK(sanitise("<img src=t.gif width=1><p><img src=a.png><img src=b.png>", kBase).first_image ==
        "https://example.org/dir/a.png");
  CHECK_FALSE(sanitise("<p>none</p>", kBase).first_image);
  CHECK(sanitise("<img src=a.png alt=words>", "").html == "words");
}

TEST_CASE("players of videos become links to them", "[content][sanitise]") {
  check({
      {"<iframe width=560 src=\"//www.youtube.com/embed/dQw4w9WgXcQ?rel=0\"></iframe>",
       "<a "
       "href=\"https://www.youtube.com/watch?v=dQw4w9WgXcQ\">https://www.youtube.com/watch?v=dQw4w9WgXcQ</"
       "a>"},
      {"<iframe src=https://player.vimeo.com/video/12345 title=\"A film\"></iframe>",
       "<a href=\"https://vimeo.com/12345\">A film</a>"},
      {"<object><embed src=http://www.youtube.com/v/abc></object>",
       "<a href=\"https://www.youtube.com/watch?v=abc\">https://www.youtube.com/watch?v=abc</a>"},
  });
}

TEST_CASE("other frames, and areas of image maps, become links", "[content][sanitise]") {
  check({
      {"<iframe src=/w title=Chart>fallback</iframe>b", "<a href=\"https://example.org/w\">Chart</a>b"},
      {"<iframe src=//e.example/></iframe>", "<a href=\"https://e.example/\">https://e.example/</a>"},
      {"<iframe src=//e.example/pixel width=1 height=1></iframe><embed src=/x.swf>b", "b"},
      {"<map name=m><area href=q alt=\"The quay\"><area alt=x></map>", "<a href=\"https://example.org/dir/q\">The quay</a>"},
  });
}

TEST_CASE("hostile sizes take linear time", "[content][sanitise]") {
  const auto repeated = [](std::string_view piece, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += piece;
    return out;
  };
  const std::size_t million = 1'000'000;
  for (const std::string& html :
       {repeated("<b>", 100'000), repeated("<div><p>", 100'000), repeated("<table><td>", 50'000),
        repeated("<", million), repeated("&", million), "<a " + repeated("a=b ", million) + ">x",
        "<!--" + repeated("-", million), repeated("<p><font color=1>", 50'000), repeated("</p>", 200'000),
        repeated("<a><div>", 50'000), repeated("<li><b>", 100'000), repeated("<svg><desc>", 50'000),
        repeated("<b><p></b>", 100'000), repeated("<script>", 100'000),
        "<script>" + repeated("<!--<script>", 100'000), repeated("<![CDATA[", 100'000),
        repeated("<ruby><rt>", 50'000), repeated("<select><option>", 50'000), repeated("&#x26;", 200'000),
        repeated("<code>a</code><b><wbr></b>", 600'000)}) {
    const auto start = std::chrono::steady_clock::now();
    const std::string safe = clean(html);
    (void)markdown(safe);
    (void)plain_text(html);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    CAPTURE(html.substr(0, 20));
    CHECK(taken.count() < 20);  // far above what it takes, far below what quadratic time would
  }
}
