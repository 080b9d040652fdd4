// Validators, encodings, kept answers, CORS.
#include <catch2/catch.hpp>

#include "base/time.h"
#include "daemon/http/answer.h"
#include "daemon/http/page/handler.h"
#include "daemon/http/witness.h"
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

namespace {

/// A river with its page, a source, a post, and a clock that stands still until it is moved.
struct Watched {
  Watched() {
    pages = http::make_page_handler(river.store, [this] { return Time{Seconds{now.load()}}; });
    river.store.views.resize(1);
    river.store.views[0].name = "one";
    river.store.views[0].url = "https://example.org/feed";
    river.store.add("a");
  }

  /// Asks anew: an answer kept for its first second would hide what the clock does.
  [[nodiscard]] Reply ask(const std::string& target, const std::string& since = "") const {
    river.server->invalidate();
    return river.get(target, since.empty() ? "" : "If-Modified-Since: " + since + "\r\n");
  }
  [[nodiscard]] std::string date() const { return http_date(Time{Seconds{now.load()}}); }

  std::atomic<std::int64_t> now{1'800'000'000};
  http::PageHandler pages;
  River river{[this](auto& options) { options.clock = [this] { return Time{Seconds{now.load()}}; }; },
              [this](const http::Request& asked) { return pages(asked); }};
};

}  // namespace

TEST_CASE("Last-Modified alone is enough for what has no change number", "[http][conditional]") {
  Watched watched;
  const std::string target = GENERATE("/", "/?q=a", "/sources", "/api/v1/sources", "/opml", "/posts/id1", "/api/v1/posts/id1", "/api/v1/posts/id1.md");
  CAPTURE(target);
  const auto seen = watched.date();
  const auto first = watched.ask(target);
  REQUIRE(first.status == 200);
  CHECK(first.header("last-modified") == http_date(Time{Seconds{watched.now - 1}}));  // its second is not over
  CHECK(watched.ask(target, first.header("last-modified")).status == 200);

  watched.now += 10;
  const auto second = watched.ask(target);
  CHECK(second.header("etag") == first.header("etag"));
  CHECK(second.header("last-modified") == seen);
  const auto same = watched.ask(target, seen);
  CHECK(same.status == 304);
  CHECK(same.body.empty());
  CHECK(same.header("etag") == first.header("etag"));
  CHECK(same.header("last-modified") == seen);
  CHECK(watched.ask(target, watched.date()).status == 304);
  CHECK(watched.ask(target, first.header("last-modified")).status == 200);  // a second too old
  CHECK(watched.ask(target, "nonsense").status == 200);
  CHECK(watched.river.get(target, "If-Modified-Since: " + seen + "\r\nIf-None-Match: \"x\"\r\n").status == 200);
}

TEST_CASE("Last-Modified moves with what is shown, and hides no change of the same second", "[http][conditional]") {
  Watched watched;
  const std::string target = GENERATE("/", "/sources", "/api/v1/sources", "/opml");
  CAPTURE(target);
  static_cast<void>(watched.ask(target));
  watched.now += 10;
  const auto old = watched.ask(target).header("last-modified");
  CHECK(watched.ask(target, old).status == 304);

  watched.river.store.rename_source("Another");
  const auto changed = watched.date();
  const auto early = watched.ask(target, old);
  CHECK(early.status == 200);
  CHECK(early.header("last-modified") != changed);  // another change may follow in this second
  watched.river.store.rename_source("A third");
  CHECK(watched.ask(target, early.header("last-modified")).status == 200);

  watched.now += 10;
  CHECK(watched.ask(target, early.header("last-modified")).status == 200);
  CHECK(watched.ask(target).header("last-modified") == changed);
  CHECK(watched.ask(target, changed).status == 304);
  // What has become again what it was has changed twice.
  const auto between = watched.date();
  watched.river.store.rename_source("Another");
  static_cast<void>(watched.ask(target));
  watched.now += 10;
  watched.river.store.rename_source("A third");
  CHECK(watched.ask(target, between).status == 200);
}

TEST_CASE("a post that its publisher changed is sent again to who has only a date of it", "[http][conditional]") {
  Watched watched;
  const std::string target = GENERATE("/posts/id1", "/api/v1/posts/id1", "/api/v1/posts/id1.md");
  CAPTURE(target);
  static_cast<void>(watched.ask(target));
  watched.now += 10;
  const auto before = watched.ask(target);
  CHECK(watched.ask(target, before.header("last-modified")).status == 304);
  watched.river.store.edit(1, "b");
  const auto after = watched.ask(target, before.header("last-modified"));
  CHECK(after.status == 200);
  CHECK(after.header("etag") != before.header("etag"));
}

TEST_CASE("a date told of one coding is good for the other, of one target not for another", "[http][conditional]") {
  Watched watched;
  const std::string gzip = "Accept-Encoding: gzip\r\n";
  watched.river.store.views[0].state.error = std::string(2000, 'e');  // enough to be worth packing
  static_cast<void>(watched.ask("/api/v1/sources"));
  watched.now += 10;
  const auto date = watched.ask("/api/v1/sources").header("last-modified");
  const auto packed = watched.river.get("/api/v1/sources", gzip);
  CHECK(packed.header("content-encoding") == "gzip");
  CHECK(packed.header("last-modified") == date);
  CHECK(watched.river.get("/api/v1/sources", gzip + "If-Modified-Since: " + date + "\r\n").status == 304);
  CHECK(watched.ask("/sources", date).status == 200);
}

TEST_CASE("who saw every answer knows when the last other one was", "[http][conditional]") {
  http::Witness witness(2);
  const auto at = [](int second) { return Time{Seconds{1'800'000'000 + second}}; };
  CHECK(witness.saw("/a", "1", at(0)) == at(0));
  CHECK(witness.saw("/a", "1", at(5)) == at(0));
  CHECK(witness.saw("/a", "2", at(9)) == at(9));
  CHECK(witness.saw("/a", "1", at(10)) == at(10));
  // A clock that was set back, or a worker that was slow to say what it saw.
  CHECK(witness.saw("/a", "2", at(3)) == at(10));
  CHECK(witness.saw("/b", "1", at(3)) == at(10));
  CHECK(witness.saw("/a", "2", at(11)) == at(10));
  // Room for two: the one not asked for longest has to be learnt again.
  CHECK(witness.saw("/c", "1", at(12)) == at(12));
  CHECK(witness.saw("/a", "2", at(13)) == at(10));
  CHECK(witness.saw("/b", "1", at(14)) == at(14));
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

TEST_CASE("a source's new title stands in posts that were asked for before", "[http][conditional]") {
  River river;
  river.store.add("one");
  river.store.add("two", "two");
  for (int i = 0; i < 3; ++i) {
    CHECK(river.get("/api/v1/posts?x=" + std::to_string(i)).body.find("Source one") != std::string::npos);  // its text is kept
  }
  auto listener = river.connect();
  listener.send(request("/api/v1/events?after=0"));
  listener.read_until("retry: 2000\n\n");
  CHECK(listener.read_until("\n\n").find("Source one") != std::string::npos);
  river.store.rename_in_posts("one", "Another name");
  const auto posts = river.get("/api/v1/posts").body;
  CHECK(posts.find("Source one") == std::string::npos);
  CHECK(posts.find("Another name") != std::string::npos);
  CHECK(posts.find("Source two") != std::string::npos);
  CHECK(river.get("/api/v1/posts/id1").body.find("Another name") != std::string::npos);
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
