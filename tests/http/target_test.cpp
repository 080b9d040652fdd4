#include "daemon/http/target.h"

#include <catch2/catch.hpp>

#include "daemon/http/encoding.h"
#include "daemon/http/filter.h"
#include "daemon/http/routes.h"

using namespace riverd;
using namespace riverd::http;

TEST_CASE("a target is taken apart into decoded segments and parameters", "[http][target]") {
  const auto target = parse_target("/api/v1/posts/a%2Fb?tag=C%2B%2B&tag=a+b&q=%e6%97%a5&&x");
  REQUIRE(target.has_value());
  CHECK(target->segments == std::vector<std::string>{"api", "v1", "posts", "a/b"});
  REQUIRE(target->query.size() == 4);
  CHECK(target->query[0].value == "C++");
  CHECK(target->query[1].value == "a b");
  CHECK(target->query[2].value == "日");
  CHECK(target->query[3].name == "x");
}

TEST_CASE("the absolute form names its host, and a bare host means the first page", "[http][target]") {
  const auto target = parse_target("http://river.example:80/feed.atom?q=1");
  REQUIRE(target.has_value());
  CHECK(target->authority == "river.example:80");
  CHECK(target->path == "/feed.atom");
  REQUIRE(parse_target("http://river.example").has_value());
  CHECK(parse_target("http://river.example")->path == "/");
}

TEST_CASE("a target that is not well-formed is refused, never guessed", "[http][target]") {
  const auto* text = GENERATE("", "feed.atom", "/%", "/%4", "/%zz", "/%00", "/%ff", "/%c0%af", "/%ed%a0%80", "/a#b", "/../etc/passwd",
                              "/a/%2e%2e/b", "/./", "/a%0d%0aX: y", "/?q=%", "/?tag=%00", "/?tag=%fe", "/?%g0=1", "ftp://host/",
                              "http:///path", "http://user@host/", "host:80");
  CAPTURE(text);
  CHECK_FALSE(parse_target(text).has_value());
}

TEST_CASE("the parameter that broke is named", "[http][target]") {
  std::string culprit;
  CHECK_FALSE(parse_target("/?q=a&tag=%ff", &culprit).has_value());
  CHECK(culprit == "tag");
}

TEST_CASE("whatever bytes are searched for, they are a search", "[http][target]") {
  const auto target = parse_target("/?q=a%00b%ff%e6%97%a5");
  REQUIRE(target.has_value());
  CHECK(target->query.front().value == "a b\uFFFD日");
  CHECK(parse_target("/?q=%00")->query.front().value == " ");
}

TEST_CASE("filters are read, repeats mean any of them, empty ones none, foreign ones nothing", "[http][filter]") {
  const auto filter = parse_filter({{"source", "a"}, {"source", "b"}, {"source", "a"}, {"category", ""}, {"utm_source", "x"},
                                    {"q", "x y"}, {"since", "2024-09-18"}, {"until", "2024-09-18T20:37:16 02:00"}, {"limit", "1000"}});
  REQUIRE(filter.has_value());
  CHECK(filter->sources == std::vector<std::string>{"a", "b"});
  CHECK(filter->categories.empty());
  CHECK(filter->q == "x y");
  CHECK(filter->since == parse_rfc3339("2024-09-18T00:00:00Z"));
  CHECK(filter->until == parse_rfc3339("2024-09-18T18:37:16Z"));
  CHECK(filter->limit == 1000);
}

TEST_CASE("a parameter that cannot be used is named", "[http][filter]") {
  const auto bad = GENERATE(table<std::string, std::string>({{"limit", "0"}, {"limit", "1001"}, {"limit", "-1"}, {"limit", ""}, {"limit", "1x"},
                                                           {"limit", "99999999999999999999"}, {"since", "yesterday"}, {"until", "2024-13-01"},
                                                           {"order", "random"}, {"order", ""}, {"after", "-1"}, {"after", "x"},
                                                           {"after", "9223372036854775808"}, {"cursor", ""}}));
  CAPTURE(bad);
  const auto filter = parse_filter({{std::get<0>(bad), std::get<1>(bad)}});
  REQUIRE_FALSE(filter.has_value());
  CHECK(filter.error().name == std::get<0>(bad));
  CHECK_FALSE(filter.error().why.empty());
}

TEST_CASE("what may come once and comes twice is an error", "[http][filter]") {
  const auto* name = GENERATE("limit", "q", "order");
  const std::string value = std::string(name) == "order" ? "date" : "5";
  const auto filter = parse_filter({{name, value}, {name, value}});
  REQUIRE_FALSE(filter.has_value());
  CHECK(filter.error().name == name);
}

TEST_CASE("after means the order of arrival, and contradicts the order of dates", "[http][filter]") {
  CHECK(parse_filter({{"after", "5"}})->order == storage::Order::arrival);
  CHECK_FALSE(parse_filter({{"after", "5"}, {"order", "date"}}).has_value());
}

TEST_CASE("two spellings of one filter have one canonical text", "[http][filter]") {
  const auto one = parse_filter({{"tag", "b"}, {"q", "a&b"}, {"tag", "a"}, {"limit", "5"}});
  const auto two = parse_filter({{"tag", "a"}, {"tag", "b"}, {"q", "a&b"}});
  CHECK(canonical_query(*one) == "tag=a&tag=b&q=a%26b");
  CHECK(canonical_query(*one) == canonical_query(*two));
}

TEST_CASE("gzip is taken where it is asked for", "[http][encoding]") {
  CHECK(wants_gzip("gzip"));
  CHECK(wants_gzip("br, GZIP;q=0.5, *;q=0"));
  CHECK(wants_gzip("*"));
  CHECK_FALSE(wants_gzip(""));
  CHECK_FALSE(wants_gzip("br"));
  CHECK_FALSE(wants_gzip("gzip;q=0"));
  CHECK_FALSE(wants_gzip("gzip;q=0.000, *"));
  CHECK_FALSE(wants_gzip("identity;q=1, *;q=0"));
}

TEST_CASE("paths lead to their resources, all else outside of /api to the page", "[http][routes]") {
  CHECK(find_route({"api", "v1", "posts"}).resource == Resource::posts);
  CHECK(find_route({"api", "v1", "posts", "abc.md"}).resource == Resource::post);
  CHECK(find_route({"api", "v1", "posts", ""}).resource == Resource::unknown);
  CHECK(find_route({"api", "v1", "sources", "a/b", "poll"}).resource == Resource::poll);
  CHECK(find_route({"api"}).resource == Resource::unknown);
  CHECK(find_route({"api", "v2", "posts"}).resource == Resource::unknown);
  CHECK(find_route({""}).resource == Resource::page);
  CHECK(find_route({"feed.atom"}).resource == Resource::atom);
}
