// Validators, encodings, kept answers, CORS.
#include <catch2/catch.hpp>

#include "base/time.h"
#include "daemon/http/answer.h"
#include "tests/http/support.h"

using namespace riverd;
using namespace riverd::tests;

TEST_CASE("what has not changed is not sent again", "[http][conditional]") {
  River river;
  river.store.add("a");
  const auto* target = GENERATE("/", "/api/v1/posts", "/api/v1/posts/id1", "/api/v1/sources", "/feed.atom", "/feed.rss", "/feed.json", "/opml", "/openapi.json");
  CAPTURE(target);
  const auto etag = river.get(target).header("etag");
  REQUIRE(etag.size() > 10);
  CHECK(etag.front() == '"');
  CHECK_FALSE(river.get(target).header("last-modified").empty());
  for (const auto& field : {etag, "W/" + etag, "\"x\", " + etag + ", \"y\"", std::string("*")}) {
    auto client = river.connect();
    client.send(request(target, "If-None-Match: " + field + "\r\n") + request("/nothing", "", "OPTIONS"));
    const auto reply = client.reply();
    CHECK(reply.status == 304);
    CHECK(reply.header("etag") == etag);
    CHECK(client.reply().status == 204);  // no body came between
  }
  CHECK(river.get(target, "If-None-Match: \"x\"\r\n").status == 200);
  CHECK(river.get(target, "If-None-Match: \"x\"\r\nIf-None-Match: " + etag + "\r\n").status == 304);
}

TEST_CASE("a change of the river changes its validators at once", "[http][conditional]") {
  River river;
  river.store.add("a");
  const auto before = river.get("/api/v1/posts");
  river.store.add("b");
  const auto after = river.get("/api/v1/posts", "If-None-Match: " + before.header("etag") + "\r\n");
  CHECK(after.status == 200);
  CHECK(after.header("etag") != before.header("etag"));
}

TEST_CASE("Last-Modified alone is enough, and never hides a change of the same second", "[http][conditional]") {
  std::atomic<std::int64_t> now{1'800'000'000};
  River river([&now](auto& options) { options.clock = [&now] { return Time{Seconds{now.load()}}; }; });
  river.store.add("a");
  const auto early = river.get("/api/v1/posts").header("last-modified");
  river.store.add("b");  // in the same second
  CHECK(river.get("/api/v1/posts", "If-Modified-Since: " + early + "\r\n").status == 200);
  now += 100;
  river.store.add("c");
  now += 100;
  const auto later = river.get("/api/v1/posts?limit=9").header("last-modified");
  CHECK(later == http_date(Time{Seconds{1'800'000'100}}));
  CHECK(river.get("/api/v1/posts?limit=9", "If-Modified-Since: " + later + "\r\n").status == 304);
  CHECK(river.get("/api/v1/posts?limit=9", "If-Modified-Since: nonsense\r\n").status == 200);
  CHECK(river.get("/api/v1/posts?limit=9", "If-Modified-Since: " + later + "\r\nIf-None-Match: \"x\"\r\n").status == 200);
}

TEST_CASE("gzip is sent to who asks, with a validator of its own", "[http][conditional]") {
  River river;
  for (int i = 0; i < 20; ++i) river.store.add("a");
  const auto plain = river.get("/api/v1/posts");
  const auto packed = river.get("/api/v1/posts", "Accept-Encoding: br, gzip\r\n");
  CHECK(plain.header("content-encoding").empty());
  CHECK(packed.header("content-encoding") == "gzip");
  CHECK(packed.header("vary") == "Accept-Encoding");
  CHECK(packed.body.starts_with("\x1f\x8b"));
  CHECK(packed.body.size() * 4 < plain.body.size());
  CHECK(packed.header("etag") != plain.header("etag"));
  CHECK(river.get("/api/v1/posts", "Accept-Encoding: gzip\r\nIf-None-Match: " + plain.header("etag") + "\r\n").status == 304);
  CHECK(river.get("/api/v1/posts", "Accept-Encoding: gzip;q=0\r\n").header("content-encoding").empty());
}

TEST_CASE("one state of the river is asked of the store once", "[http][conditional]") {
  River river;
  river.store.add("a");
  for (int i = 0; i < 10; ++i) static_cast<void>(river.get("/api/v1/posts"));
  CHECK(river.store.queries == 1);
  river.store.add("b");
  for (int i = 0; i < 10; ++i) static_cast<void>(river.get("/api/v1/posts", i % 2 ? "" : "If-None-Match: \"x\"\r\n"));
  CHECK(river.store.queries == 2);
}

TEST_CASE("many who ask the same at once wait for one query", "[http][conditional]") {
  River river;
  std::atomic<bool> go{false};
  river.store.on_posts = [&](const auto&) {
    while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  std::vector<Client> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(river.connect());
    clients.back().send(request("/api/v1/posts"));
  }
  while (river.get("/metrics").body.find("riverd_http_requests_total 5") == std::string::npos) std::this_thread::yield();
  go = true;
  for (auto& client : clients) CHECK(client.reply().status == 200);
  CHECK(river.store.queries <= 2);
}

TEST_CASE("pages of other origins may read where the configuration lets them", "[http][cors]") {
  const std::string origin = "Origin: https://app.example\r\n";
  SECTION("all") {
    River river;
    CHECK(river.get("/api/v1/posts", origin).header("access-control-allow-origin") == "*");
    const auto preflight = river.get("/api/v1/posts", origin + "Access-Control-Request-Method: GET\r\n", "OPTIONS");
    CHECK(preflight.status == 204);
    CHECK(preflight.header("allow") == "GET, HEAD, OPTIONS");
    CHECK(preflight.header("access-control-allow-methods") == "GET, HEAD, OPTIONS");
    CHECK(river.get("/api/v1/sources/one/poll", origin + "Access-Control-Request-Method: POST\r\n", "OPTIONS").header("access-control-allow-methods").empty());
  }
  SECTION("some") {
    River river([](auto& options) { options.config.cors_origins = {"https://app.example"}; });
    const auto reply = river.get("/api/v1/posts", origin);
    CHECK(reply.header("access-control-allow-origin") == "https://app.example");
    CHECK(reply.header("vary").find("Origin") != std::string::npos);
    CHECK(river.get("/api/v1/posts", "Origin: https://evil.example\r\n").header("access-control-allow-origin").empty());
    CHECK(river.get("/api/v1/posts", "Origin: null\r\n").header("access-control-allow-origin").empty());
  }
  SECTION("none") {
    River river([](auto& options) { options.config.cors_origins.clear(); });
    CHECK(river.get("/api/v1/posts", origin).header("access-control-allow-origin").empty());
  }
}

TEST_CASE("a header value cannot break out of its line", "[http][answer]") {
  http::Response response(200, "text/plain", "x");
  response.headers.emplace_back("Location", "/\r\nSet-Cookie: evil=1");
  const auto answer = http::make_answer(response, false, Time{});
  CHECK(answer->head.find("evil") == std::string::npos);
}
