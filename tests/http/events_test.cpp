// Server-Sent Events: nothing is missed, nothing comes twice.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/http/support.h"

using namespace riverd;
using namespace riverd::tests;
using namespace std::chrono_literals;

namespace {

Client subscribe(const River& river, const std::string& query = "", const std::string& fields = "") {
  auto client = river.connect();
  client.send(request("/api/v1/events" + query, fields));
  client.read_until("retry: 2000\n\n");
  return client;
}

/// The next event's id; checks its form.
std::int64_t next(Client& client) {
  std::string text;
  do text = client.read_until("\n\n");
  while (text.starts_with(":"));
  if (!text.ends_with("\n\n")) return -1;
  REQUIRE(text.starts_with("id: "));
  REQUIRE(text.find("\nevent: post\ndata: {") != std::string::npos);
  const auto seq = std::stoll(text.substr(4));
  const auto post = boost::json::parse(text.substr(text.find("data: ") + 6));
  CHECK(post.at("seq").to_number<std::int64_t>() == seq);
  return seq;
}

}  // namespace

TEST_CASE("a new post reaches who listens, a new listener starts at now", "[http][events]") {
  River river;
  river.store.add("before");
  auto client = river.connect();
  client.send(request("/api/v1/events", "Origin: https://x.example\r\n"));
  const auto head = client.read_until("\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(head.find("Content-Type: text/event-stream; charset=utf-8\r\n") != std::string::npos);
  CHECK(head.find("Content-Length") == std::string::npos);
  CHECK(head.find("Access-Control-Allow-Origin: *\r\n") != std::string::npos);
  client.read_until("retry: 2000\n\n");
  const auto seq = river.store.add("after");
  CHECK(next(client) == seq);
}

TEST_CASE("who reconnects goes on right after what it saw", "[http][events]") {
  River river;
  for (int i = 0; i < 300; ++i) river.store.add("post");
  auto client = subscribe(river, "?after=7", "Last-Event-ID: 100\r\n");  // what it saw last wins over its URL
  for (std::int64_t seq = 101; seq <= 300; ++seq) REQUIRE(next(client) == seq);
  river.store.add("live");
  CHECK(next(client) == 301);
  auto by_query = subscribe(river, "?after=298");
  for (std::int64_t seq = 299; seq <= 301; ++seq) CHECK(next(by_query) == seq);
}

TEST_CASE("an id that this river never gave means now", "[http][events]") {
  River river;
  river.store.add("old");
  auto ahead = subscribe(river, "", "Last-Event-ID: 999999\r\n");
  auto garbage = subscribe(river, "", "Last-Event-ID: x; drop table\r\n");
  const auto seq = river.store.add("new");
  CHECK(next(ahead) == seq);
  CHECK(next(garbage) == seq);
}

TEST_CASE("who comes with an id that was never given misses nothing written while it is looked at", "[http][events]") {
  River river;
  river.store.add("old");
  std::atomic<bool> written{false};
  river.store.on_posts = [&](const auto&) {
    if (!written.exchange(true)) river.store.add("new");
  };
  auto ahead = subscribe(river, "", "Last-Event-ID: 999999\r\n");
  CHECK(next(ahead) == 2);
}

TEST_CASE("filters hold for events too", "[http][events]") {
  River river;
  auto one = subscribe(river, "?source=one");
  auto search = subscribe(river, "?q=needle");
  river.store.add("x", "two");
  river.store.add("x", "one");
  river.store.add("needle", "two");
  river.store.add("x", "one");
  CHECK(next(one) == 2);
  CHECK(next(one) == 4);
  CHECK(next(search) == 3);
}

TEST_CASE("while posts pour in, every listener sees each once and in order, wherever it began", "[http][events]") {
  River river;
  for (int i = 0; i < 50; ++i) river.store.add("old");
  std::thread writer([&] {
    for (int i = 0; i < 500; ++i) {
      river.store.add("new");
      if (i % 20 == 0) std::this_thread::sleep_for(1ms);
    }
  });
  std::vector<Client> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(subscribe(river, "", "Last-Event-ID: " + std::to_string(i * 5) + "\r\n"));
  for (int i = 0; i < 10; ++i)
    for (std::int64_t seq = i * 5 + 1; seq <= 550; ++seq) REQUIRE(next(clients[static_cast<std::size_t>(i)]) == seq);
  writer.join();
}

TEST_CASE("a listener that breaks off and resumes again and again misses and repeats nothing", "[http][events]") {
  River river;
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 400; ++i) {
      river.store.add("new");
      if (i % 10 == 0) std::this_thread::sleep_for(1ms);
    }
    done = true;
  });
  std::int64_t seen = 0;
  while (seen < 400) {
    auto client = subscribe(river, "", "Last-Event-ID: " + std::to_string(seen) + "\r\n");
    for (int i = 0; i < 7 && seen < 400; ++i) {
      const auto seq = next(client);
      REQUIRE(seq == seen + 1);
      seen = seq;
    }
  }
  writer.join();
}

TEST_CASE("a stream without news says now and then that it lives", "[http][events]") {
  River river([](auto& options) { options.heartbeat = 50ms; });
  auto client = subscribe(river);
  CHECK(client.read_until(":\n\n") == ":\n\n");
  CHECK(client.read_until(":\n\n") == ":\n\n");
}

TEST_CASE("a listener that does not read is dropped; the others get everything", "[http][events]") {
  River river([](auto& options) {
    options.event_backlog = 64 * 1024;
    options.stream_timeout = 300ms;
    options.tick = 20ms;
  });
  auto deaf = subscribe(river);
  auto awake = subscribe(river);
  const std::string large(20'000, 'x');
  for (int i = 1; i <= 400; ++i) {
    river.store.add(large);
    REQUIRE(next(awake) == i);
  }
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (river.get("/metrics").body.find("riverd_http_slow_streams_total 1\n") == std::string::npos && std::chrono::steady_clock::now() < until) {
  }
  std::int64_t last = 0;
  for (std::int64_t seq = next(deaf); seq > 0; seq = next(deaf)) {
    REQUIRE(seq == last + 1);
    last = seq;
  }
  CHECK(last < 400);
  auto again = subscribe(river, "", "Last-Event-ID: " + std::to_string(last) + "\r\n");
  CHECK(next(again) == last + 1);
}

TEST_CASE("a listener that reads is sent everything, however much is written at once and however large", "[http][events]") {
  River river([](auto& options) { options.event_backlog = 64 * 1024; });
  auto live = subscribe(river);
  for (int i = 1; i <= 300; ++i) river.store.add(std::string(30'000, 'x'));
  river.store.add(std::string(3'000'000, 'y'));
  river.store.add("last");
  auto late = subscribe(river, "?after=0");
  for (std::int64_t seq = 1; seq <= 302; ++seq) {
    REQUIRE(next(live) == seq);
    REQUIRE(next(late) == seq);
  }
  river.store.add("news");
  CHECK(next(live) == 303);
  CHECK(next(late) == 303);
}

TEST_CASE("who may read no more hears no more", "[http][events]") {
  River river([](auto& options) { options.config.token = "secret-token"; });
  auto listener = subscribe(river);
  config::Server config;
  config.token = "secret-token";
  config.title = "Another title";
  river.server->reload(config);
  river.store.add("for all");
  CHECK(next(listener) == 1);  // nobody is disconnected by what does not concern it
  config.protect_reads = true;
  river.server->reload(config);
  CHECK(listener.closed_within(5s));
  auto signed_in = subscribe(river, "", "Authorization: Bearer secret-token\r\n");
  config.token = "another-token";
  river.server->reload(config);
  CHECK(signed_in.closed_within(5s));
}

TEST_CASE("a thousand listeners with one filter cost one read a change", "[http][events]") {
  River river([](auto& options) { options.config.max_connections = 2000; });
  std::vector<Client> clients;
  for (int i = 0; i < 400; ++i) clients.push_back(subscribe(river));
  const int before = river.store.queries;
  river.store.add("x");
  for (auto& client : clients) REQUIRE(next(client) == 1);
  CHECK(river.store.queries - before <= 2);
}
