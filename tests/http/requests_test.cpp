// What goes over the wire: framing, order, limits, time.
#include <catch2/catch.hpp>

#include "tests/http/support.h"

using namespace riverd::tests;
using namespace std::chrono_literals;

TEST_CASE("a malformed request is answered with a problem and the connection closes", "[http][wire]") {
  River river;
  const auto bytes = GENERATE(as<std::string>(), "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\nHost: localhost\n\n", "BROKEN\r\n\r\n",
                              "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
                              "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc");
  CAPTURE(bytes);
  auto client = river.connect();
  client.send(bytes + "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto reply = client.reply();
  CHECK(reply.status == 400);
  CHECK(reply.header("content-type") == "application/problem+json");
  CHECK(reply.header("connection") == "close");
  CHECK(client.read_all().empty());  // what follows is not answered as a request
}

TEST_CASE("pipelined requests are answered in their order", "[http][wire]") {
  River river;
  river.store.add("first");
  auto client = river.connect();
  std::string many;
  for (int i = 0; i < 40; ++i) many += i % 2 == 0 ? request("/api/v1/posts") : request("/nowhere" + std::to_string(i), "", "OPTIONS");
  client.send("\r\n" + many);
  for (int i = 0; i < 40; ++i) REQUIRE(client.reply().status == (i % 2 == 0 ? 200 : 204));
}

TEST_CASE("a client that has shut its side down is still answered", "[http][wire]") {
  River river;
  auto client = river.connect();
  client.send(request("/api/v1/posts") + request("/healthz"));
  client.half_close();
  CHECK(client.reply().status == 200);
  CHECK(client.reply().status == 200);
  CHECK(client.read_all().empty());
}

TEST_CASE("a request may come byte by byte, but its head not for ever", "[http][wire]") {
  River river([](auto& options) { options.head_timeout = 300ms; });
  auto slow = river.connect();
  for (const char c : request("/healthz")) REQUIRE(slow.send(std::string(1, c)));
  CHECK(slow.reply().status == 200);
  auto dribbler = river.connect();
  dribbler.send("GET / HTTP/1.1\r\nHost: local");
  CHECK(dribbler.closed_within(5s));
}

TEST_CASE("an idle connection is kept a while, then closed", "[http][wire]") {
  River river([](auto& options) { options.idle_timeout = 200ms; });
  auto client = river.connect();
  client.send(request("/healthz"));
  CHECK(client.reply().status == 200);
  CHECK(client.closed_within(5s));
}

TEST_CASE("a client that does not take its answer is dropped, and others do not notice", "[http][wire]") {
  River river([](auto& options) { options.write_timeout = 300ms; });
  for (int i = 0; i < 1000; ++i) river.store.add(std::string(2000, 'x'));
  auto reader = river.connect();
  for (int i = 0; i < 8; ++i) reader.send(request("/api/v1/posts?limit=1000"));
  CHECK(river.get("/healthz").status == 200);
  CHECK_FALSE(reader.closed_within(0ms));
  std::this_thread::sleep_for(1500ms);
  std::size_t answers = 0;
  while (reader.reply().status == 200) ++answers;
  CHECK(answers < 8);
}

TEST_CASE("large answers that nobody takes are bounded together: who comes later is told to wait", "[http][wire]") {
  River river([](auto& options) { options.held_bytes = 12U << 20U; });
  for (int i = 0; i < 1000; ++i) river.store.add(std::string(8000, 'x'));
  auto first = river.connect();
  first.send(request("/api/v1/posts?limit=1000&x=1"));
  first.read_until("\r\n\r\n");  // an answer of 8 MB is on its way
  const auto second = river.get("/api/v1/posts?limit=1000&x=2");
  CHECK(second.status == 503);
  CHECK(second.header("retry-after") == "1");
  CHECK(river.get("/api/v1/posts?limit=10").status == 200);
  CHECK(first.read_until("}\n").size() > 8'000'000);
  CHECK(river.get("/api/v1/posts?limit=1000&x=2").status == 200);
}

TEST_CASE("one answer that is larger than all may be is given where nobody else waits", "[http][wire]") {
  River river([](auto& options) { options.held_bytes = 1U << 20U; });
  for (int i = 0; i < 1000; ++i) river.store.add(std::string(8000, 'x'));
  CHECK(river.get("/api/v1/posts?limit=1000").status == 200);
}

TEST_CASE("HTTP/1.0 needs no Host, and is kept open only when it asks", "[http][wire]") {
  River river;
  auto closing = river.connect();
  closing.send("GET /api/v1/posts HTTP/1.0\r\n\r\n");
  CHECK(closing.reply().header("connection") == "close");
  CHECK(closing.read_all().empty());
  auto keeping = river.connect();
  keeping.send("GET /api/v1/posts HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(keeping.reply().header("connection") == "keep-alive");
  keeping.send(request("/healthz", "Connection: close\r\n"));
  CHECK(keeping.reply().header("connection") == "close");
}

TEST_CASE("a body that a read does not need is read over", "[http][wire]") {
  River river;
  auto client = river.connect();
  client.send("GET /api/v1/posts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n" + std::string(20'000, 'G'));
  CHECK(client.reply().status == 200);
  client.send("GET /api/v1/posts HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("3\r\nabc\r\n0\r\n\r\n" + request("/healthz"));
  CHECK(client.reply().status == 200);
  CHECK(client.reply().status == 200);
}

TEST_CASE("what is too large has its own status", "[http][wire]") {
  River river;
  CHECK(river.raw("GET /" + std::string(10'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n").status == 414);
  CHECK(river.raw("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(50'000, 'a') + "\r\n\r\n").status == 431);
  CHECK(river.raw("POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n").status == 413);
  CHECK(river.raw("GET / HTTP/3.0\r\nHost: x\r\n\r\n").status == 505);
}

TEST_CASE("methods that a resource does not know are told what it knows", "[http][wire]") {
  River river;
  const auto* method = GENERATE("PUT", "DELETE", "PATCH", "POST", "TRACE", "BREW");
  const auto reply = river.get("/api/v1/posts", "Content-Length: 0\r\n", method);
  CHECK(reply.status == 405);
  CHECK(reply.header("allow") == "GET, HEAD, OPTIONS");
  CHECK(river.get("/api/v1/sources/one/poll").header("allow") == "POST, OPTIONS");
  CHECK(river.get("/nowhere", "", "OPTIONS").status == 204);
  CHECK(river.get("*", "", "OPTIONS").status == 204);
  CHECK(river.get("/api/v9", "", "PUT").status == 404);
}

TEST_CASE("beyond max_connections idle ones make room, and an answer is always had", "[http][wire]") {
  River river([](auto& options) { options.config.max_connections = 20; });
  std::vector<Client> idle;
  for (int i = 0; i < 200; ++i) idle.push_back(river.connect());
  CHECK(river.get("/healthz").status == 200);
  std::size_t closed = 0;
  for (auto& client : idle) closed += client.closed_within(20ms) ? 1U : 0U;
  CHECK(closed >= 140);
  idle.clear();
  CHECK(river.get("/api/v1/posts").status == 200);
}

TEST_CASE("with every connection streaming, a health check still gets through", "[http][wire]") {
  River river([](auto& options) { options.config.max_connections = 10; });
  std::vector<Client> streams;
  for (int i = 0; i < 10; ++i) {
    streams.push_back(river.connect());
    streams.back().send(request("/api/v1/events"));
    streams.back().read_until("welcome");
  }
  CHECK(river.get("/healthz").status == 200);
  const auto refused = river.get("/api/v1/events");
  CHECK(refused.status == 503);
  CHECK(refused.header("retry-after") == "1");
}

TEST_CASE("connections that are reset at any moment leave nothing behind", "[http][wire]") {
  River river;
  river.store.add("a");
  for (int i = 0; i < 100; ++i) {
    auto client = river.connect();
    if (i % 4 == 1) client.send("GET /api/v1/po");
    if (i % 4 == 2) client.send(request("/api/v1/posts?limit=" + std::to_string(i)));
    if (i % 4 == 3) client.send(request("/api/v1/events?after=0"));
    client.reset();
  }
  const auto metrics = river.get("/metrics").body;
  std::this_thread::sleep_for(100ms);
  CHECK(river.get("/metrics").body.find("\nriverd_http_connections 1\n") != std::string::npos);
}

TEST_CASE("stopping ends idle connections and streams, and lets answers under way end", "[http][wire]") {
  River river;
  auto idle = river.connect();
  idle.send(request("/healthz"));
  CHECK(idle.reply().status == 200);
  auto stream = river.connect();
  stream.send(request("/api/v1/events"));
  stream.read_until("welcome");
  river.store.on_posts = [](const auto&) { std::this_thread::sleep_for(300ms); };
  auto busy = river.connect();
  busy.send(request("/api/v1/posts"));
  while (river.store.queries == 0) std::this_thread::sleep_for(1ms);
  const auto start = std::chrono::steady_clock::now();
  river.server->stop();
  CHECK(std::chrono::steady_clock::now() - start < 2s);
  CHECK(busy.reply().status == 200);
  CHECK(idle.read_all().empty());
  CHECK(stream.closed_within(1s));
}
