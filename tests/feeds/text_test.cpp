#include "feeds/content/text.h"

#include <catch2/catch.hpp>
#include <string>

#include "feeds/content/html.h"

using namespace riverd::feeds::content;

TEST_CASE("white space folds, controls go", "[content][text]") {
  CHECK(fold_space("  a\t\n b\u00A0\u2003c\u3000 ") == "a b c");
  CHECK(fold_space("a\x01\x08z\u0085y\u0090x\x7F") == "az yx");
  CHECK(fold_space("").empty());
  CHECK(fold_space(" \n ").empty());
  CHECK(fold_space("caf\u00E9 \u65E5\u672C") == "caf\u00E9 \u65E5\u672C");
}

TEST_CASE("an excerpt ends with a word", "[content][text]") {
  CHECK(excerpt("short", 10) == "short");
  CHECK(excerpt("one two three", 9) == "one two\u2026");
  CHECK(excerpt("one two three", 8) == "one two\u2026");
  CHECK(excerpt("one two three", 7) == "one\u2026");
  CHECK(excerpt("unbreakable", 5) == "unbr\u2026");
  CHECK(excerpt("\u65E5\u672C\u8A9E\u6587\u5B57", 4) == "\u65E5\u672C\u8A9E\u2026");
  CHECK(excerpt("\u00E4\u00F6\u00FC", 3) == "\u00E4\u00F6\u00FC");
}

TEST_CASE("character references are HTML's, with and without semicolon", "[content][text]") {
  CHECK(decode_entities("&lt;b&gt; &amp;amp; &quot;&apos;") == "<b> &amp; \"'");
  CHECK(decode_entities("&copy &notit; &notin; &nosuch; &") == "\u00A9 \u00ACit; \u2209 &nosuch; &");
  CHECK(decode_entities("&#65;&#x42;&#X43&#8364;&#128;&#0;&#xD800;&#x110000;&#;&#x;") ==
        "ABC\u20AC\u20AC\uFFFD\uFFFD\uFFFD&#;&#x;");
  CHECK(decode_entities("&CounterClockwiseContourIntegral;&NotEqualTilde;&nbsp;") ==
        "\u2233\u2242\u0338\u00A0");
  CHECK(decode_entities("&#99999999999999999999;") == "\uFFFD");
}

TEST_CASE("bytes that are no UTF-8 are replaced", "[content][text]") {
  CHECK(valid_utf8("a\xFF"
                   "b\xC0\xAF"
                   "c") ==
        "a\uFFFD"
        "b\uFFFD\uFFFD"
        "c");
  CHECK(valid_utf8("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
  CHECK(valid_utf8("\xF0\x9F\x98") == "\uFFFD");
  CHECK(valid_utf8(std::string_view("a\0b", 3)) ==
        "a\uFFFD"
        "b");
  CHECK(valid_utf8("\u65E5\U0001F600") == "\u65E5\U0001F600");
}

TEST_CASE("escaped text fits XML", "[content][text]") {
  std::string out;
  append_escaped(out, "<a href=\"x\">'&'</a>\x01\t\n\xEF\xBF\xBE\xFFz");
  CHECK(out == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;\t\n\uFFFDz");
}

TEST_CASE("plain text is the words of HTML", "[content][text]") {
  CHECK(plain_text("AT&amp;T <b>x</b>y") == "AT&T xy");
  CHECK(plain_text("<p>one</p><p>two<br>three</p>") == "one two three");
  CHECK(plain_text("a<script>alert('<p>')</script>b<style>c</style><!-- d -->e") == "abe");
  CHECK(plain_text("1 < 2 and 3>2") == "1 < 2 and 3>2");
  CHECK(plain_text("<ul><li>a<li>b</ul>c<td>d") == "a b c d");
  CHECK(plain_text("<template>a</template>b<title>c</title>") == "bc");
  CHECK(plain_text("&lt;b&gt;not a tag&lt;/b&gt;") == "<b>not a tag</b>");
}

TEST_CASE("a power and a quotation are read as such in plain text", "[content][text]") {
  CHECK(plain_text("10<sup>9</sup> bytes, 10<sup>-3</sup> m<sup>2</sup>") == "10^9 bytes, 10^-3 m^2");
  CHECK(plain_text("the 1<sup>st</sup> of May, the XIX<sup>e</sup>") == "the 1st of May, the XIXe");
  CHECK(plain_text("words <sup>1</sup> and H<sub>2</sub>O, so<sup><a href=\"#n\">3</a></sup>") == "words 1 and H2O, so3");
  CHECK(plain_text("he said <q>no</q>.") == "he said \u201Cno\u201D.");
}
