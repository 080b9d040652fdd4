#include <stdlib.h>

#include <catch2/catch.hpp>

#include "tests/fetch/origin.h"
#include "tests/fetch/run.h"

using namespace riverd;
using test::Asked;
using test::Origin;

TEST_CASE("requests go through the proxy that is configured", "[fetch]") {
  Origin proxy([](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer("by proxy")); });
  auto options = test::loopback_options();
  auto request = test::get("http://example.invalid/feed");
  SECTION("for all") { options.proxy = proxy.url(""); }
  SECTION("for one source") { request.proxy = proxy.url(""); }
  const auto response = test::fetch_one(request, options);
  REQUIRE(response.has_value());
  CHECK(response->body == "by proxy");
  CHECK(proxy.asked()[0].head.starts_with("GET http://example.invalid/feed HTTP/1.1\r\n"));
}

TEST_CASE("a proxy's address is not taken for the origin's", "[fetch]") {
  Origin proxy([](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer("by proxy")); });
  auto options = test::loopback_options();
  options.proxy = proxy.url("");
  const auto response = test::fetch_one(test::get("http://example.invalid/feed"), options);
  REQUIRE(response.has_value());
  CHECK(response->remote_address.empty());
}

TEST_CASE("behind a proxy private targets are refused all the same", "[fetch]") {
  Origin proxy([](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer("by proxy")); });
  auto options = test::loopback_options();
  options.allow_private_networks = false;
  options.proxy = proxy.url("");
  const auto* target = GENERATE("http://127.0.0.1/", "http://localhost/", "http://0x7f.1/", "http://[::1]/", "http://metadata.google.internal/");
  CAPTURE(target);
  const auto response = test::fetch_one(test::get(target), options);
  REQUIRE_FALSE(response.has_value());
  CHECK(response.error().code() == Errc::forbidden);
  CHECK(proxy.asked().empty());
}

TEST_CASE("a proxy of the environment is no configured proxy", "[fetch]") {
  Origin proxy([](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer("by proxy")); });
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer("straight")); });
  setenv("http_proxy", proxy.url("").c_str(), 1);
  const auto response = test::fetch_one(test::get(origin.url("/")));
  unsetenv("http_proxy");
  REQUIRE(response.has_value());
  CHECK(response->body == "straight");
}
