// Passes over text look at many bytes at once: what they look for must be found wherever it stands.
#include <catch2/catch.hpp>
#include <string>

#include "feeds/content/html.h"
#include "feeds/content/text.h"
#include "feeds/content/url.h"
#include "feeds/read/read.h"

using namespace riverd::feeds;

namespace {

constexpr std::size_t kPlaces = 70;  // beyond every width of a look

/// `mark` behind and before words of x that make up 70 characters.
std::string at_place(std::size_t place, std::string_view mark) {
  return std::string(place, 'x') + std::string(mark) + std::string(kPlaces - place, 'x');
}

std::string title_of(const std::string& text, std::size_t& warnings) {
  const auto feed = read::read("<rss><channel><item><title>" + text + "</title></item></channel></rss>", {});
  if (!feed.has_value() || feed->entries.size() != 1) return "no entry";
  warnings = feed->warnings.size();
  return std::string(feed->entries.front().title.value);
}

}  // namespace

TEST_CASE("what needs care is seen at whatever place of a text it stands", "[content][text]") {
  for (std::size_t place = 1; place < kPlaces; ++place) {
    CAPTURE(place);
    for (const std::string_view space : {" ", "\n", "  ", " \t", "\u00A0", "\u2003", "\u3000", "\u1680"}) {
      CHECK(content::fold_space(at_place(place, space)) == at_place(place, " "));
    }
    for (const std::string_view control : {"\x01", "\x7F", "\u0081"}) {
      CHECK(content::fold_space(at_place(place, control)) == std::string(kPlaces, 'x'));
    }
    for (const std::string_view letter : {"\u3042", "\u20AC", "\u1E00", "\u00E9"}) {
      CHECK(content::fold_space(at_place(place, letter)) == at_place(place, letter));
    }
    CHECK(content::sanitise("<p>" + at_place(place, "&amp;&lt;>\"") + "</p>", {}).html ==
          "<p>" + at_place(place, "&amp;&lt;&gt;\"") + "</p>");
    CHECK(content::markdown("<p>" + at_place(place, "*&amp;[ ") + "</p>") ==
          at_place(place, "\\*&\\[ ") + "\n");
  }
}

TEST_CASE("names of elements are known in any case, and by the whole name", "[content][html]") {
  for (const std::string_view name : {"b", "Em", "SUB", "Cite", "SMALL", "Strong", "BLOCKQUOTE"}) {
    CAPTURE(name);
    std::string lower(name);
    for (char& c : lower) c = static_cast<char>(c | 0x20);
    const std::string start = "<" + std::string(name) + ">";
    CHECK(content::sanitise(start + "x", {}).html == "<" + lower + ">x</" + lower + ">");
    CHECK(content::sanitise("<" + std::string(name) + "y>x", {}).html == "x");
  }
  CHECK(content::sanitise("<blockquotf>x<figcaptioN>y", {}).html == "x<figcaption>y</figcaption>");
}

TEST_CASE("a path from the root is joined to its host as it stands, others with care", "[content][url]") {
  const std::string base = "https://example.org/feeds/all?page=2#top";
  CHECK(content::resolve("/a/b?c=d&e#f", base) == "https://example.org/a/b?c=d&e#f");
  CHECK(content::resolve("/a/../b", base) == "https://example.org/b");
  CHECK(content::resolve("/a b", base) == "https://example.org/a%20b");
  CHECK(content::resolve("/a#b#c", base) == "https://example.org/a#b%23c");
  CHECK(content::resolve("//other.example/x", base) == "https://other.example/x");
  CHECK(content::resolve("/x", "HTTP://Example.ORG:80/y") == "http://example.org/x");
  CHECK(content::resolve("/x", "https://example.org") == "https://example.org/x");
  CHECK(content::resolve("/x", "ftp://example.org/") == std::nullopt);
}

TEST_CASE("characters of every length are kept and bytes that are none replaced, wherever they stand",
          "[read][charset]") {
  for (std::size_t place = 1; place < kPlaces; ++place) {
    CAPTURE(place);
    std::size_t warnings = 0;
    for (const std::string_view good :
         {"\u00E9", "\u0416\u0436", "\u20AC", "\u65E5\u672C", "\U0001F600", "\uD7FF", "\uE000", "\u0800"}) {
      CHECK(title_of(at_place(place, good), warnings) == at_place(place, good));
      CHECK(warnings == 0);
    }
    for (const std::string_view bad :
         {"\xC0\x80", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF5\x80\x80\x80"}) {
      const std::string title = title_of("\u00E9\u00E9\u00E9\u00E9\u00E9" + at_place(place, bad), warnings);
      std::string replaced;
      for (std::size_t i = 0; i < bad.size(); ++i) replaced += "\uFFFD";
      CHECK(title == "\u00E9\u00E9\u00E9\u00E9\u00E9" + at_place(place, replaced));
      CHECK(warnings == 1);
    }
    CHECK(title_of(at_place(place, "\u0093"), warnings) ==
          at_place(place, "\u201C"));  // a control, meant as windows-1252's
    CHECK(warnings == 1);
  }
}

TEST_CASE("a text that is read for its first words only gives the same excerpt", "[content][text]") {
  for (const std::string_view word : {"word ", "\u0416\u0436 ", "\u65E5\u672C\u8A9E\u3001"}) {
    CAPTURE(word);
    std::string html;
    for (int i = 0; i < 400; ++i) html += (i % 7 == 0 ? "<p>" : "<b>") + std::string(word) + "</b> ";
    const std::string whole = content::excerpt(content::plain_text(html));
    CHECK(content::excerpt(content::plain_text(html, 500)) == whole);
    CHECK(content::plain_text(html, 500).size() < content::plain_text(html).size());
  }
}
