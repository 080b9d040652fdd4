// Tokens, sessions, hosts.
#include <catch2/catch.hpp>

#include "daemon/http/auth.h"
#include "tests/http/support.h"

using namespace riverd;
using namespace riverd::tests;
using namespace std::chrono_literals;

namespace {

const std::string kRight = "Authorization: Bearer secret-token\r\n";
const std::string kWrong = "Authorization: Bearer wrong\r\n";

void with_token(http::ServerOptions& options) { options.config.token = "secret-token"; }
void protected_reads(http::ServerOptions& options) {
  with_token(options);
  options.config.protect_reads = true;
}

std::string form(const std::string& body, const std::string& fields = "") {
  return "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("polling a source now needs the token", "[http][auth]") {
  River river(with_token);
  const std::string target = "/api/v1/sources/one/poll";
  const auto none = river.get(target, "", "POST");
  CHECK(none.status == 401);
  CHECK(none.header("www-authenticate").starts_with("Bearer"));
  CHECK(river.get(target, kWrong, "POST").status == 401);
  CHECK(river.get(target, "Authorization: Basic secret-token\r\n", "POST").status == 401);
  CHECK(river.get(target, "Authorization: Bearer secret-toke\r\n", "POST").status == 401);
  CHECK(river.engine.polled == 0);
  CHECK(river.get(target, kRight, "POST").status == 202);
  CHECK(river.get(target, "authorization: bearer  secret-token \r\n", "POST").status == 202);
  CHECK(river.engine.polled == 2);
  CHECK(river.get("/api/v1/sources/nobody/poll", kRight, "POST").status == 404);
  CHECK(river.get("/api/v1/sources/busy/poll", kRight, "POST").status == 409);
}

TEST_CASE("without a token in the configuration nobody may write", "[http][auth]") {
  River river;
  const auto reply = river.get("/api/v1/sources/one/poll", "Authorization: Bearer \r\n", "POST");
  CHECK(reply.status == 403);
  CHECK(reply.body.find("server.token") != std::string::npos);
  CHECK(river.engine.polled == 0);
}

TEST_CASE("guessing gets slower, and the right token works right after", "[http][auth]") {
  River river(with_token);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) CHECK(river.get("/api/v1/sources/one/poll", kWrong, "POST").status == 401);
  CHECK(std::chrono::steady_clock::now() - start >= 1500ms);
  const auto before = std::chrono::steady_clock::now();
  CHECK(river.get("/api/v1/sources/one/poll", kRight, "POST").status == 202);
  CHECK(std::chrono::steady_clock::now() - before < 1s);
}

TEST_CASE("many guesses at once are refused, the right token among them never", "[http][auth]") {
  River river(with_token);
  std::vector<Client> guessers;
  for (int i = 0; i < 30; ++i) {
    guessers.push_back(river.connect());
    guessers.back().send(request("/api/v1/sources/one/poll", kWrong, "POST"));
  }
  CHECK(river.get("/api/v1/sources/one/poll", kRight, "POST").status == 202);
  CHECK(river.raw(form("token=secret-token")).status == 303);
  std::size_t refused = 0;
  for (auto& guesser : guessers) {
    const auto status = guesser.reply().status;
    CHECK((status == 401 || status == 429));
    refused += status == 429 ? 1U : 0U;
  }
  CHECK(refused >= 20);
}

TEST_CASE("protected reads need the token, but for the health", "[http][auth]") {
  River river(protected_reads);
  river.store.add("a");
  for (const auto* target : {"/api/v1/posts", "/api/v1/posts/id1", "/api/v1/sources", "/api/v1/events", "/feed.atom", "/feed.rss", "/feed.json", "/opml",
                             "/metrics", "/openapi.json", "/"}) {
    CAPTURE(target);
    CHECK(river.get(target).status == 401);
    CHECK(river.get(target, "", "HEAD").status == 401);
  }
  CHECK(river.get("/healthz").status == 200);
  CHECK(river.get("/api/v1/posts", kRight).status == 200);
  CHECK(river.get("/api/v1/posts").status == 401);  // not out of the cache either
  CHECK(river.get("/api/v1/posts", kWrong).status == 401);
  CHECK(river.get("/", "Accept: text/html\r\n").header("location") == "/sign-in?next=%2F");
  CHECK(river.get("/?a=1", "Accept: text/html\r\n").header("location") == "/sign-in?next=%2F%3Fa%3D1");
}

TEST_CASE("signing in on the page gives a session, signing out ends it", "[http][auth]") {
  River river(protected_reads);
  const auto in = river.raw(form("token=secret-token&next=%2Fsources"));
  CHECK(in.status == 303);
  CHECK(in.header("location") == "/sources");
  const auto cookie = in.header("set-cookie");
  CHECK(cookie.find("HttpOnly") != std::string::npos);
  CHECK(cookie.find("SameSite=Strict") != std::string::npos);
  CHECK(cookie.find("secret-token") == std::string::npos);
  const auto session = "Cookie: theme=dark; " + cookie.substr(0, cookie.find(';')) + "\r\n";
  CHECK(river.get("/api/v1/posts", session).status == 200);
  CHECK(river.get("/api/v1/sources/one/poll", session, "POST").status == 401);  // a session never writes
  CHECK(river.get("/sign-out", session + "Content-Length: 0\r\n", "POST").header("set-cookie").find("Max-Age=0") != std::string::npos);

  CHECK(river.raw(form("token=wrong")).status == 401);
  CHECK(river.raw(form("token=wrong")).header("content-type") == "application/problem+json");
  for (const auto* elsewhere : {"//evil.example", "/%09/evil.example", "/%5Cevil.example", "/%0A/evil.example", "https://evil.example", "%20//evil.example"})
    CHECK(river.raw(form("token=secret-token&next=" + std::string(elsewhere))).header("location") == "/");
  CHECK(river.raw(form("token=secret-token", "Sec-Fetch-Site: cross-site\r\n")).status == 403);
  CHECK(river.raw("POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").status == 415);
}

TEST_CASE("a session cannot be made up, runs out, and ends with its token", "[http][auth]") {
  config::Server config;
  config.token = "t";
  const auto settings = http::make_settings(config, "http://127.0.0.1:1");
  const Time now{Seconds{1'700'000'000}};
  const auto cookie = http::session_cookie(*settings, now);
  const auto pair = cookie.substr(0, cookie.find(';'));
  CHECK(http::credentials(*settings, "", pair, now).session);
  CHECK(http::credentials(*settings, "", pair, now + std::chrono::days(29)).session);
  CHECK_FALSE(http::credentials(*settings, "", pair, now + std::chrono::days(31)).session);
  CHECK_FALSE(http::credentials(*settings, "", "riverd_session=9999999999." + pair.substr(pair.find('.') + 1), now).session);
  CHECK_FALSE(http::credentials(*settings, "", "riverd_session=9999999999.", now).session);
  config.token = "u";
  CHECK_FALSE(http::credentials(*http::make_settings(config, ""), "", pair, now).session);
}

TEST_CASE("a foreign Host does not get through to a loopback listener", "[http][hosts]") {
  River river([](auto& options) {
    options.config.hosts = {"river.example"};
    options.config.public_url = "https://public.example/r";
  });
  const auto ask = [&](const std::string& host) {
    return river.raw("GET /api/v1/posts HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status;
  };
  for (const auto* host : {"localhost", "LocalHost:8380", "127.0.0.1", "127.1.2.3:1", "[::1]:8380", "a.localhost", "river.example", "RIVER.example.:80", "public.example"}) {
    CAPTURE(host);
    CHECK(ask(host) == 200);
  }
  for (const auto* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", "notlocalhost", "169.254.169.254"}) {
    CAPTURE(host);
    CHECK(ask(host) == 421);
  }
  CHECK(river.raw("GET http://evil.example/api/v1/posts HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 421);
  CHECK(river.raw("GET http://localhost/api/v1/posts HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200);
}

TEST_CASE("on a listener that others reach, names are free unless some are configured", "[http][hosts]") {
  config::Server config;
  const auto open = http::make_settings(config, "http://192.0.2.1:80");
  CHECK(http::host_allowed(*open, "anything.example", http::Exposure::network));
  config.hosts = {"river.example"};
  const auto named = http::make_settings(config, "http://192.0.2.1:80");
  CHECK_FALSE(http::host_allowed(*named, "anything.example", http::Exposure::network));
  CHECK(http::host_allowed(*named, "192.0.2.1:80", http::Exposure::network));
  CHECK(http::host_allowed(*named, "river.example", http::Exposure::local));
  CHECK_FALSE(http::host_allowed(*named, "anything.example", http::Exposure::local));
}

TEST_CASE("a reload changes token, hosts and title, and nobody is disconnected", "[http][reload]") {
  River river(with_token);
  auto client = river.connect();
  client.send(request("/feed.atom"));
  CHECK(client.reply().body.find("riverd</title>") != std::string::npos);
  config::Server config;
  config.token = "other";
  config.title = "Our river";
  river.server->reload(config);
  client.send(request("/feed.atom"));
  CHECK(client.reply().body.find("Our river</title>") != std::string::npos);
  CHECK(river.get("/api/v1/sources/one/poll", kRight, "POST").status == 401);
  CHECK(river.get("/api/v1/sources/one/poll", "Authorization: Bearer other\r\n", "POST").status == 202);
}
