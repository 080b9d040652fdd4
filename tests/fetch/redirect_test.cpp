#include <atomic>
#include <catch2/catch.hpp>

#include "tests/fetch/origin.h"
#include "tests/fetch/run.h"

using namespace riverd;
using test::Asked;
using test::Origin;

namespace {

std::string moved(const std::string& status, const std::string& location) {
  return Origin::answer("gone there", "Location: " + location + "\r\n", status);
}

}  // namespace

TEST_CASE("redirects are followed and told hop by hop, relative ones too", "[fetch]") {
  Origin origin([](auto& socket, const Asked& asked) {
    if (asked.path() == "/a/old") return Origin::write(socket, moved("301 Moved Permanently", "../b/mid?x=1#frag"));
    if (asked.path() == "/b/mid?x=1") return Origin::write(socket, moved("307 Temporary Redirect", "/new feed"));
    return Origin::write(socket, Origin::answer("body", "ETag: \"1\"\r\n"));
  });
  const auto response = test::fetch_one(test::get(origin.url("/a/old")));
  REQUIRE(response.has_value());
  CHECK(response->url == origin.url("/new%20feed"));
  CHECK(response->body == "body");
  REQUIRE(response->hops.size() == 2);
  CHECK(response->hops[0].status == 301);
  CHECK(response->hops[0].location == origin.url("/b/mid?x=1"));
  CHECK(response->hops[1].status == 307);
  CHECK(response->hops[1].location == origin.url("/new%20feed"));
}

TEST_CASE("each hop is asked for before it is asked, and may be refused", "[fetch]") {
  Origin origin([](auto& socket, const Asked& asked) {
    return Origin::write(socket, asked.path() == "/a" ? moved("302 Found", "/b") : Origin::answer("body"));
  });
  const bool refused = GENERATE(false, true);
  auto request = test::get(origin.url("/a"));
  std::vector<std::string> urls;
  request.on_start = [&](std::string url) -> boost::asio::awaitable<bool> {
    urls.push_back(std::move(url));
    co_return !refused || urls.size() < 2;
  };
  const auto response = test::fetch_one(request);
  CHECK(urls == std::vector{origin.url("/a"), origin.url("/b")});
  CHECK(response.has_value() == !refused);
  if (!response) CHECK(response.error().code() == Errc::busy);
  CHECK(origin.asked().size() == (refused ? 1 : 2));
}

TEST_CASE("validators go to the URL that gave them, and to no other hop", "[fetch]") {
  Origin origin([](auto& socket, const Asked& asked) {
    if (asked.path() == "/a") return Origin::write(socket, moved("302 Found", "/b"));
    return Origin::write(socket, Origin::answer("body"));
  });
  auto request = test::get(origin.url("/a"));
  request.etag = "\"1\"";
  SECTION("the redirect's target gave them") {
    request.validator_url = origin.url("/b");
    REQUIRE(test::fetch_one(request).has_value());
    CHECK(origin.asked()[0].field("If-None-Match") == "(none)");
    CHECK(origin.asked()[1].field("If-None-Match") == "\"1\"");
  }
  SECTION("the URL itself gave them") {
    REQUIRE(test::fetch_one(request).has_value());
    CHECK(origin.asked()[0].field("If-None-Match") == "\"1\"");
    CHECK(origin.asked()[1].field("If-None-Match") == "(none)");
  }
}

TEST_CASE("credentials do not cross to another origin", "[fetch]") {
  Origin other([](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer("body")); });
  Origin origin([&](auto& socket, const Asked& asked) {
    if (asked.path() == "/a") return Origin::write(socket, moved("301 Moved Permanently", "/b"));
    return Origin::write(socket, moved("302 Found", "http://evil:thing@127.0.0.1:" + std::to_string(other.port()) + "/"));
  });
  auto request = test::get(origin.url("/a"));
  request.headers = {{"X-Key", "abc"}};
  request.basic_auth = "user:password";
  const auto response = test::fetch_one(request);
  REQUIRE(response.has_value());
  CHECK(response->url == other.url("/"));
  CHECK(origin.asked()[1].field("X-Key") == "abc");
  CHECK(origin.asked()[1].field("Authorization") != "(none)");
  CHECK(other.asked()[0].field("X-Key") == "(none)");
  CHECK(other.asked()[0].field("Authorization") == "(none)");
}

TEST_CASE("credentials of the configured URL stay with its origin where another URL is asked", "[fetch]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer("body")); });
  auto request = test::get(origin.url("/a"));
  request.basic_auth = "user:password";
  request.credentials_url = "http://127.0.0.1:1/a";
  REQUIRE(test::fetch_one(request).has_value());
  CHECK(origin.asked()[0].field("Authorization") == "(none)");
}

TEST_CASE("a circle of redirects, too many of them, or one to another scheme is an error", "[fetch]") {
  int count = 0;
  Origin origin([&](auto& socket, const Asked& asked) {
    if (asked.path() == "/circle") return Origin::write(socket, moved("301 Moved Permanently", "/circle2"));
    if (asked.path() == "/circle2") return Origin::write(socket, moved("301 Moved Permanently", "/circle"));
    if (asked.path() == "/file") return Origin::write(socket, moved("302 Found", "file:///etc/passwd"));
    if (asked.path() == "/gopher") return Origin::write(socket, moved("302 Found", "gopher://127.0.0.1/"));
    return Origin::write(socket, moved("302 Found", "/far/" + std::to_string(++count)));
  });
  const auto circle = test::fetch_one(test::get(origin.url("/circle")));
  REQUIRE_FALSE(circle.has_value());
  CHECK(circle.error().message().ends_with("it leads in a circle"));
  const auto far = test::fetch_one(test::get(origin.url("/far/0")));
  REQUIRE_FALSE(far.has_value());
  CHECK(far.error().message().ends_with("more than 10 redirects"));
  CHECK(count == 11);
  CHECK_FALSE(test::fetch_one(test::get(origin.url("/file"))).has_value());
  CHECK_FALSE(test::fetch_one(test::get(origin.url("/gopher"))).has_value());
}

TEST_CASE("a server that closes behind its redirect, without a word, is followed all the same", "[fetch]") {
  std::atomic<int> asked = 0;
  Origin origin([&asked](auto& socket, const Asked&) {
    if (++asked == 1) return Origin::write(socket, moved("302 Found", "/there"));
    if (asked == 2) return false;  // was closing when the next request came
    return Origin::write(socket, Origin::answer("there"));
  });
  const auto answer = test::fetch_one(test::get(origin.url("/")));
  REQUIRE(answer.has_value());
  CHECK(answer->body == "there");
}

TEST_CASE("a redirect without a Location is an answer like any other", "[fetch]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer("", "", "301 Moved Permanently")); });
  const auto response = test::fetch_one(test::get(origin.url("/")));
  REQUIRE(response.has_value());
  CHECK(response->status == 301);
  CHECK(response->hops.empty());
}
