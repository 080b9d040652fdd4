#include <curl/curl.h>

#include <catch2/catch.hpp>

#include "tests/fetch/origin.h"
#include "tests/fetch/run.h"

using namespace riverd;
using test::Asked;
using test::Origin;

namespace {

Origin::Script always(std::string bytes) {
  return [bytes = std::move(bytes)](Origin::tcp::socket& socket, const Asked&) { return Origin::write(socket, bytes); };
}

}  // namespace

TEST_CASE("a first request is one plain GET that says who asks and what for", "[fetch]") {
  Origin origin(always(Origin::answer("<rss/>", "Content-Type: text/xml\r\n")));
  const auto response = test::fetch_one(test::get(origin.url("/feed?b=2&a=1&x=%2F..%2f#part")));
  REQUIRE(response.has_value());
  CHECK(response->status == 200);
  CHECK(response->body == "<rss/>");
  CHECK(response->content_type == "text/xml");
  CHECK(response->remote_address == "127.0.0.1");
  const auto asked = origin.asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].head.starts_with("GET /feed?b=2&a=1&x=%2F..%2f HTTP/1.1\r\n"));
  CHECK(asked[0].field("User-Agent") == "riverd/test (+https://example.org/)");
  CHECK(asked[0].field("Accept-Encoding") == "gzip, br, zstd");
  CHECK(asked[0].field("Accept").find("application/rss+xml") != std::string::npos);
  for (const auto* unwanted : {"Cookie", "Referer", "Accept-Language", "DNT", "Pragma", "Cache-Control", "If-None-Match",
                               "If-Modified-Since", "Authorization", "Upgrade-Insecure-Requests"}) {
    CAPTURE(unwanted);
    CHECK(asked[0].field(unwanted) == "(none)");
  }
}

TEST_CASE("validators go back byte for byte, whatever they look like", "[fetch]") {
  Origin origin(always("HTTP/1.1 304 Not Modified\r\nETag: W/\"new\"\r\nCache-Control: max-age=60\r\n\r\n"));
  auto request = test::get(origin.url("/"));
  request.etag = GENERATE("\"quoted\"", "W/\"weak\"", "bare", "\"a-gzip\"", "\"sp ace,;\\\"", "\"\xC3\xA9\"");
  request.last_modified = GENERATE("Tue, 01 Sep 2026 00:00:00 GMT", "yesterday", "0");
  const auto response = test::fetch_one(request);
  REQUIRE(response.has_value());
  CHECK(response->status == 304);
  CHECK(response->etag == "W/\"new\"");
  CHECK(response->cache_control == "max-age=60");
  CHECK(origin.asked()[0].field("If-None-Match") == request.etag);
  CHECK(origin.asked()[0].field("If-Modified-Since") == request.last_modified);
}

TEST_CASE("the validators of an answer are taken as they stand", "[fetch]") {
  Origin origin(always(Origin::answer("x", "eTaG:   W/\"a,b\"  \r\nLAST-MODIFIED: not a date\r\n")));
  const auto response = test::fetch_one(test::get(origin.url("/")));
  REQUIRE(response.has_value());
  CHECK(response->etag == "W/\"a,b\"");
  CHECK(response->last_modified == "not a date");
}

TEST_CASE("a cookie that was set never comes back", "[fetch]") {
  Origin origin(always(Origin::answer("x", "Set-Cookie: id=1; Path=/\r\n")));
  test::fetch_all(test::loopback_options(), {test::get(origin.url("/")), test::get(origin.url("/")), test::get(origin.url("/"))});
  for (const auto& asked : origin.asked()) CHECK(asked.field("Cookie") == "(none)");
}

TEST_CASE("a source's own headers, user agent and password are sent", "[fetch]") {
  Origin origin(always(Origin::answer("x")));
  auto request = test::get(origin.url("/"));
  request.headers = {{"X-Key", "abc"}, {"Accept", "text/plain"}};
  request.user_agent = "mine/1";
  request.basic_auth = "user:pass:word";
  REQUIRE(test::fetch_one(request).has_value());
  const auto asked = origin.asked()[0];
  CHECK(asked.field("X-Key") == "abc");
  CHECK(asked.field("Accept") == "text/plain");
  CHECK(asked.field("User-Agent") == "mine/1");
  CHECK(asked.field("Authorization") == "Basic dXNlcjpwYXNzOndvcmQ=");
}

TEST_CASE("a password in the URL is used, and shown nowhere", "[fetch]") {
  Origin origin(always(Origin::answer("x")));
  const auto response = test::fetch_one(test::get("http://me:sec%20ret@127.0.0.1:" + std::to_string(origin.port()) + "/f"));
  REQUIRE(response.has_value());
  CHECK(origin.asked()[0].field("Authorization") == "Basic bWU6c2VjIHJldA==");
  CHECK(response->url == origin.url("/f"));
  const auto refused = test::fetch_one(test::get("http://me:secret@127.0.0.1:1/f"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message() == "connect to 127.0.0.1:1: connection refused");
}

TEST_CASE("connections are kept and used again", "[fetch]") {
  Origin origin(always(Origin::answer("x")));
  auto options = test::loopback_options();
  options.per_host = 1;
  test::fetch_all(options, {test::get(origin.url("/1")), test::get(origin.url("/2")), test::get(origin.url("/3"))});
  CHECK(origin.asked().size() == 3);
  CHECK(origin.connections() == 1);
}

TEST_CASE("a request that a kept connection swallows is not sent again", "[fetch]") {
  Origin origin([](auto& socket, const Asked& asked) {
    return asked.path() == "/1" && Origin::write(socket, Origin::answer("x"));
  });
  const auto answers = test::fetch_in_turn(test::loopback_options(), {test::get(origin.url("/1")), test::get(origin.url("/2"))});
  CHECK(answers[0].has_value());
  REQUIRE_FALSE(answers[1].has_value());
  CHECK_THAT(answers[1].error().message(), Catch::Contains("closed without an answer"));
  CHECK(origin.asked().size() == 2);
}

TEST_CASE("names are resolved beside the loop", "[fetch]") {
  CHECK((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS) != 0);
}

TEST_CASE("a request may be put off when its turn comes, and is not sent then", "[fetch]") {
  Origin origin(always(Origin::answer("x")));
  auto request = test::get(origin.url("/"));
  int asked = 0;
  request.on_start = [&asked](std::string) -> boost::asio::awaitable<bool> {
    ++asked;
    co_return false;
  };
  const auto response = test::fetch_one(request);
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().code() == Errc::busy);
  CHECK(asked == 1);
  CHECK(origin.asked().empty());
}
