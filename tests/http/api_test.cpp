// The contract's reads (1.4), over a socket.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/http/support.h"

using namespace riverd;
using namespace riverd::tests;
namespace json = boost::json;

namespace {

json::object object_of(const Reply& reply) { return json::parse(reply.body).as_object(); }

std::vector<std::string> titles(const Reply& reply) {
  std::vector<std::string> out;
  const auto page = object_of(reply);
  for (const auto& post : page.at("posts").as_array()) out.emplace_back(post.at("title").as_string());
  return out;
}

void fill(River& river) {
  river.store.add("oldest", "one", Time{Seconds{1'000'000'000}});
  river.store.add("newest", "two", Time{Seconds{1'700'000'000}});
  river.store.add("middle", "one", Time{Seconds{1'500'000'000}});
}

}  // namespace

TEST_CASE("posts come newest first, by pages, with every key", "[http][api]") {
  River river;
  fill(river);
  const auto first = river.get("/api/v1/posts?limit=2");
  CHECK(first.header("content-type") == "application/json");
  CHECK(titles(first) == std::vector<std::string>{"newest", "middle"});
  const auto cursor = object_of(first).at("next_cursor").as_string();
  const auto second = river.get("/api/v1/posts?limit=2&cursor=" + std::string(cursor));
  CHECK(titles(second) == std::vector<std::string>{"oldest"});
  CHECK(object_of(second).at("next_cursor").is_null());
  const auto post = object_of(first).at("posts").as_array().at(0).as_object();
  for (const auto* key : {"id", "seq", "title", "date", "updated", "tags", "categories", "thumbnail", "link", "guid", "authors", "summary",
                          "content_html", "content", "enclosures", "language", "sources"})
    CHECK(post.contains(key));
  CHECK(post.at("content").as_string().starts_with("xxx"));
  CHECK(post.at("sources").as_array().at(0).at("name") == "two");
}

TEST_CASE("filters choose, repeats mean any of them, different ones are and-ed", "[http][api]") {
  River river;
  fill(river);
  CHECK(titles(river.get("/api/v1/posts?source=two")) == std::vector<std::string>{"newest"});
  CHECK(titles(river.get("/api/v1/posts?source=two&source=one")).size() == 3);
  CHECK(titles(river.get("/api/v1/posts?source=two&category=tech")).empty());
  CHECK(titles(river.get("/api/v1/posts?tag=tag-one&q=mid")) == std::vector<std::string>{"middle"});
  CHECK(titles(river.get("/api/v1/posts?since=2010-01-01&until=2018-01-01T00:00:00%2B01:00")) == std::vector<std::string>{"middle"});
  CHECK(titles(river.get("/api/v1/posts?order=arrival")) == std::vector<std::string>{"oldest", "newest", "middle"});
  CHECK(titles(river.get("/api/v1/posts?after=2")) == std::vector<std::string>{"middle"});
  CHECK(titles(river.get("/api/v1/posts?q=&source=&utm_source=x")).size() == 3);
}

TEST_CASE("a parameter that cannot be used is a problem that names it", "[http][api]") {
  River river;
  const auto* query = GENERATE("limit=0", "limit=1001", "limit=ten", "since=yesterday", "until=x", "order=up", "after=-1", "cursor=garbage",
                               "q=a&q=b", "limit=%ff");
  CAPTURE(query);
  for (const std::string path : {"/api/v1/posts?", "/feed.atom?", "/api/v1/events?"}) {
    if (path == "/api/v1/events?" && std::string(query).starts_with("cursor")) continue;
    const auto reply = river.get(path + query);
    CHECK(reply.status == 400);
    CHECK(reply.header("content-type") == "application/problem+json");
    const auto problem = object_of(reply);
    CHECK(problem.at("status") == 400);
    CHECK(problem.at("title") == "Bad Request");
    CHECK(problem.at("parameter").as_string() == std::string(query).substr(0, std::string(query).find('=')));
    CHECK_FALSE(problem.at("detail").as_string().empty());
  }
}

TEST_CASE("one post is had by its id, as JSON and as Markdown", "[http][api]") {
  River river;
  fill(river);
  CHECK(object_of(river.get("/api/v1/posts/id1")).at("title") == "oldest");
  const auto markdown = river.get("/api/v1/posts/id1.md");
  CHECK(markdown.header("content-type") == "text/markdown; charset=utf-8");
  CHECK(markdown.body.starts_with("---\n"));
  CHECK(markdown.body.find("## oldest") != std::string::npos);
  CHECK(river.get("/api/v1/posts/nobody").status == 404);
  CHECK(river.get("/api/v1/posts/..%2f..%2fetc").status == 404);
}

TEST_CASE("sources show their state, with null where there is nothing, and no password", "[http][api]") {
  River river;
  storage::SourceView view;
  view.name = "one";
  view.url = "https://user:secret@example.org/feed";
  view.posts = 3;
  view.categories = {"tech"};
  view.state.state = storage::State::failing;
  view.state.error = "connect to example.org: timed out";
  view.state.last_poll = Time{Seconds{1'700'000'000}};
  river.store.views.push_back(view);
  const auto source = object_of(river.get("/api/v1/sources")).at("sources").as_array().at(0).as_object();
  CHECK(source.at("state") == "failing");
  CHECK(source.at("url") == "https://example.org/feed");
  CHECK(source.at("last_poll") == "2023-11-14T22:13:20Z");
  for (const auto* key : {"title", "site_url", "last_success", "next_poll", "next_poll_reason", "http_status", "etag", "last_modified"}) CHECK(source.at(key).is_null());
  CHECK(source.size() == 20);
  const auto opml = river.get("/opml");
  CHECK(opml.status == 200);
  CHECK(opml.body.find("https://example.org/feed") != std::string::npos);
  CHECK(opml.body.find("secret") == std::string::npos);
}

TEST_CASE("the river is a feed in three formats, whose links are never made of the request", "[http][api]") {
  River river([](auto& options) { options.config.public_url = "https://river.example/"; });
  fill(river);
  const auto target = GENERATE(as<std::string>(), "/feed.atom", "/feed.rss", "/feed.json");
  const auto reply = river.get(target + "?limit=2&source=one&source=two&evil=%22%3e", "X-Forwarded-Host: evil.example\r\n");
  CHECK(reply.status == 200);
  CHECK(reply.header("content-type").find("feed") + reply.header("content-type").find("xml") > 0);
  CHECK(reply.body.find("https://river.example" + target + "?source=one&") != std::string::npos);
  CHECK(reply.body.find("cursor=c2") != std::string::npos);
  CHECK(reply.body.find("evil") == std::string::npos);
  CHECK(reply.body.find("newest") != std::string::npos);
}

TEST_CASE("nothing but the known paths is there, and no path leads to files", "[http][api]") {
  River river;
  const auto* target = GENERATE("/etc/passwd", "/api", "/api/v1", "/api/v1/posts/", "/api/v1/nothing", "//", "/feed.atom/", "/%2e%2e/%2e%2e/etc/passwd",
                                "/..%2f..%2fetc/passwd", "/../../etc/passwd", "/api/v1/../posts", "/\\..\\", "/%00", "/%c0%ae%c0%ae/");
  CAPTURE(target);
  const auto reply = river.get(target);
  CHECK((reply.status == 404 || reply.status == 400));
  CHECK(reply.body.find("root:") == std::string::npos);
}

TEST_CASE("HEAD says what GET would, without the body", "[http][api]") {
  River river;
  fill(river);
  const auto target = GENERATE(as<std::string>(), "/", "/api/v1/posts", "/api/v1/posts/id1", "/api/v1/sources", "/feed.json", "/feed.atom", "/feed.rss", "/opml",
                               "/healthz", "/openapi.json", "/api/v1/posts?limit=0", "/nothing");
  CAPTURE(target);
  const auto get = river.get(target);
  auto client = river.connect();
  client.send(request(target, "", "HEAD") + request("/healthz"));
  auto head = client.reply(true);
  CHECK(client.reply().status == 200);  // no body came between
  CHECK(head.status == get.status);
  for (const auto* name : {"content-type", "content-length", "etag", "vary", "content-security-policy"}) CHECK(head.header(name) == get.header(name));
}

TEST_CASE("every answer carries what keeps a browser from making more of it", "[http][api]") {
  River river;
  for (const auto* target : {"/", "/api/v1/posts", "/feed.atom", "/nothing", "/api/v1/posts?limit=0"}) {
    const auto reply = river.get(target);
    CHECK(reply.header("x-content-type-options") == "nosniff");
    CHECK(reply.header("referrer-policy") == "no-referrer");
    CHECK(reply.header("content-security-policy").find("frame-ancestors 'none'") != std::string::npos);
    CHECK_FALSE(reply.header("date").empty());
    CHECK_FALSE(reply.header("cache-control").empty());
  }
}

TEST_CASE("a query that takes too long is a 503 that says when to come back", "[http][api]") {
  River river;
  river.store.posts_error = Error{Errc::interrupted, "read posts: took longer than 2 s"};
  const auto reply = river.get("/api/v1/posts?q=x");
  CHECK(reply.status == 503);
  CHECK_FALSE(reply.header("retry-after").empty());
  CHECK(river.get("/feed.rss").status == 503);
}

TEST_CASE("searches that hang do not keep anything else from being answered", "[http][api]") {
  River river([](auto& options) { options.queue = 4; });
  std::atomic<bool> go{false};
  river.store.on_posts = [&](const auto& query) {
    while (!query.q.empty() && !go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  std::vector<Client> searching;
  for (int i = 0; i < 20; ++i) {
    searching.push_back(river.connect());
    searching.back().send(request("/api/v1/posts?q=slow" + std::to_string(i)));
  }
  CHECK(river.get("/api/v1/posts").status == 200);
  CHECK(river.get("/healthz").status == 200);
  go = true;
  std::size_t answered = 0;
  for (auto& client : searching) {
    const auto status = client.reply().status;
    CHECK((status == 200 || status == 503));
    answered += status == 200 ? 1U : 0U;
  }
  CHECK(answered >= 4);
  CHECK(answered < 20);
}

TEST_CASE("health tells which part has stopped", "[http][api]") {
  River river;
  CHECK(object_of(river.get("/healthz")).at("status") == "ok");
  SECTION("polling") {
    river.engine.ok = false;
    const auto reply = river.get("/healthz");
    CHECK(reply.status == 503);
    CHECK(object_of(reply).at("polling").at("detail") == "polling is paused");
    CHECK(object_of(reply).at("store").at("status") == "ok");
  }
  SECTION("the store") {
    river.store.ping_ok = false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // a ping's result holds for a second
    const auto reply = river.get("/healthz");
    CHECK(reply.status == 503);
    CHECK(object_of(reply).at("store").at("status") == "stopped");
    CHECK(object_of(reply).at("polling").at("status") == "ok");
  }
}

TEST_CASE("metrics are in Prometheus' text format", "[http][api]") {
  River river;
  fill(river);
  static_cast<void>(river.get("/api/v1/posts"));
  const auto reply = river.get("/metrics");
  CHECK(reply.header("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  for (const auto* line : {"riverd_build_info{version=", "\nriverd_posts 3\n", "\nriverd_polls_total 7\n", "# TYPE riverd_poll_transfer_seconds histogram",
                           "riverd_poll_lateness_seconds_bucket{le=\"+Inf\"} 0", "riverd_http_requests_total", "riverd_store_read_seconds_count"})
    CHECK(reply.body.find(line) != std::string::npos);
}
