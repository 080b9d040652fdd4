#include "feeds/content/url.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace riverd::feeds::content;

namespace {

struct Row {
  std::string reference;
  std::string url;  // "" is nothing
};

void check(std::string_view base, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.reference);
    CHECK(resolve(row.reference, base).value_or("") == row.url);
    if (!row.url.empty()) CHECK(resolve(row.url, "").value_or("") == row.url);
  }
}

}  // namespace

TEST_CASE("references resolve as in RFC 3986, 5.4", "[content][url]") {
  check("http://a/b/c/d;p?q", {{"g", "http://a/b/c/g"},
                               {"./g", "http://a/b/c/g"},
                               {"g/", "http://a/b/c/g/"},
                               {"/g", "http://a/g"},
                               {"//g", "http://g"},
                               {"?y", "http://a/b/c/d;p?y"},
                               {"g?y", "http://a/b/c/g?y"},
                               {"#s", "http://a/b/c/d;p?q#s"},
                               {"g#s", "http://a/b/c/g#s"},
                               {"g?y#s", "http://a/b/c/g?y#s"},
                               {";x", "http://a/b/c/;x"},
                               {"g;x", "http://a/b/c/g;x"},
                               {"g;x?y#s", "http://a/b/c/g;x?y#s"},
                               {"", "http://a/b/c/d;p?q"},
                               {".", "http://a/b/c/"},
                               {"./", "http://a/b/c/"},
                               {"..", "http://a/b/"},
                               {"../", "http://a/b/"},
                               {"../g", "http://a/b/g"},
                               {"../..", "http://a/"},
                               {"../../", "http://a/"},
                               {"../../g", "http://a/g"},
                               {"../../../g", "http://a/g"},
                               {"../../../../g", "http://a/g"},
                               {"/./g", "http://a/g"},
                               {"/../g", "http://a/g"},
                               {"g.", "http://a/b/c/g."},
                               {".g", "http://a/b/c/.g"},
                               {"g..", "http://a/b/c/g.."},
                               {"..g", "http://a/b/c/..g"},
                               {"./../g", "http://a/b/g"},
                               {"./g/.", "http://a/b/c/g/"},
                               {"g/./h", "http://a/b/c/g/h"},
                               {"g/../h", "http://a/b/c/h"},
                               {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
                               {"g;x=1/../y", "http://a/b/c/y"},
                               {"g?y/./x", "http://a/b/c/g?y/./x"},
                               {"g?y/../x", "http://a/b/c/g?y/../x"},
                               {"g#s/./x", "http://a/b/c/g#s/./x"},
                               {"http:g", "http://a/b/c/g"}});
}

TEST_CASE("a URL is written one way", "[content][url]") {
  check("", {{"http://example.com/a b?x=1&y=2", "http://example.com/a%20b?x=1&y=2"},
             {"HTTP://EXAMPLE.com:80/A", "http://example.com/A"},
             {"https://example.com:443/", "https://example.com/"},
             {"https://example.com:8443/", "https://example.com:8443/"},
             {"http://example.com", "http://example.com"},
             {"http://user:pass@example.com/", "http://example.com/"},
             {"http://b\u00FCcher.example/\u00E4?\u00F6#\u00FC",
              "http://xn--bcher-kva.example/%C3%A4?%C3%B6#%C3%BC"},
             {"http://example.com/%7Ea%2fb%zz", "http://example.com/%7Ea%2fb%zz"},
             {"http://example.com/\"<>'[]{}|^`", "http://example.com/%22%3C%3E%27%5B%5D%7B%7D%7C%5E%60"},
             {"http:\\\\example.com\\a\\b", "http://example.com/a/b"},
             {"http:/example.com/a", "http://example.com/a"},
             {"http:example.com/a", "http://example.com/a"},
             {"  http://exa\tmple.com/\na ", "http://example.com/a"},
             {"http://example.com/a/../b/./c", "http://example.com/b/c"},
             {"http://example.com/a/%2e%2E/b", "http://example.com/b"},
             {"http://0x7f.1/", "http://127.0.0.1/"},
             {"http://2130706433/", "http://127.0.0.1/"},
             {"http://[2001:DB8:0:0::1]:80/", "http://[2001:db8::1]/"},
             {"http://example.com/a#b#c", "http://example.com/a#b%23c"},
             {"//example.com/x", "https://example.com/x"}});
}

TEST_CASE("what is no http URL is nothing, however it is written", "[content][url]") {
  check("https://example.org/", {{"javascript:alert(1)", ""},
                                 {"JaVaScRiPt:alert(1)", ""},
                                 {" \x01javascript:alert(1)", ""},
                                 {"java\nscript:alert(1)", ""},
                                 {"java\x01script:alert(1)", ""},
                                 {"data:text/html,x", ""},
                                 {"vbscript:x", ""},
                                 {"file:///etc/passwd", ""},
                                 {"blob:https://a/b", ""},
                                 {"mailto:a@b.example", ""},
                                 {"about:blank", ""},
                                 {"http://", ""},
                                 {"http://a b/", ""},
                                 {"http://a<b/", ""},
                                 {"http://a:99999/", ""},
                                 {"http://a:x/", ""},
                                 {"http://1.2.3.4.5/", ""},
                                 {"http://[::g]/", ""},
                                 {"http://%00/", ""},
                                 {"https://" + std::string(9000, 'a'), ""}});
  check("", {{"relative", ""}, {"/path", ""}, {"", ""}, {"#x", ""}});
  check("not a base", {{"relative", ""}, {"http://a.example/", "http://a.example/"}});
}

TEST_CASE("links in content may also write mail or call", "[content][url]") {
  CHECK(resolve_link("MAILTO:a@b.example?subject=x y", "") == "mailto:a@b.example?subject=x%20y");
  CHECK(resolve_link("tel:+49 30 1", "https://a.example/") == "tel:+49%2030%201");
  CHECK(resolve_link("page", "https://a.example/b/") == "https://a.example/b/page");
  CHECK_FALSE(resolve_link("javascript:1", "https://a.example/"));
  CHECK_FALSE(resolve_link("data:text/html,x", "https://a.example/"));
  CHECK_FALSE(resolve_link("mailto:", ""));
  CHECK(rebase("/x/", "https://a.example/y") == "https://a.example/x/");
  CHECK(rebase("javascript:1", "https://a.example/y") == "https://a.example/y");
}

TEST_CASE("one story has one canonical link", "[content][url]") {
  const std::string canonical = "https://example.com/a?id=1&b=2";
  for (const char* link :
       {"http://example.com/a?id=1&b=2", "https://EXAMPLE.com:443/a?id=1&b=2#top",
        "http://example.com:80/a?id=1&b=2", "http://example.com/a?utm_source=rss&id=1&utm_medium=x&b=2",
        "http://example.com/a?id=1&b=2&fbclid=x#ftag=y",
        "http://example.com/a?gclid=1&id=1&UTM_Campaign=c&b=2&"}) {
    CAPTURE(link);
    CHECK(canonical_link(link) == canonical);
    CHECK(canonical_link(canonical_link(link)) == canonical);
  }
  CHECK(canonical_link("http://example.com") == "https://example.com/");
  CHECK(canonical_link("http://example.com/?utm_source=x") == "https://example.com/");
  CHECK(canonical_link("http://example.com/a?b=2&id=1") != canonical);
  CHECK(canonical_link("http://example.com/a#x", true) == "https://example.com/a#x");
}

TEST_CASE("a fragment tells stories apart unless it counts readers or scrolls", "[content][url]") {
  CHECK(telling_fragment("https://a.example/1#comment-11") == "comment-11");
  CHECK(telling_fragment("https://a.example/changes#v1.2&x") == "v1.2&x");
  for (const char* link : {"https://a.example/1", "https://a.example/1#", "https://a.example/1#xtor=RSS-1",
                           "https://a.example/1#tk.rss_all",
                           "https://a.example/1#FTAG=x", "https://a.example/1#utm_source=feed&utm_medium=x", "https://a.example/1#.Uxyz12",
                           "https://a.example/1#sthash.a1.dpbs", "https://a.example/1#Echobox=17", "https://a.example/1#:~:text=one"}) {
    CAPTURE(link);
    CHECK(telling_fragment(link).empty());
  }
}

TEST_CASE("a front page is a host and nothing more", "[content][url]") {
  for (const char* url : {"https://a.example", "https://a.example/"}) CHECK(is_front_page(url));
  for (const char* url : {"https://a.example/1", "https://a.example/?p=1", "https://a.example?p=1", "https://a.example/#x"}) {
    CAPTURE(url);
    CHECK_FALSE(is_front_page(url));
  }
}
