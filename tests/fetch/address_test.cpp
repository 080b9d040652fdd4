#include <arpa/inet.h>

#include <catch2/catch.hpp>

#include "daemon/fetch/address.h"
#include "daemon/fetch/url.h"

using namespace riverd;
using namespace riverd::fetch;

TEST_CASE("public addresses are public", "[fetch]") {
  const auto* host = GENERATE("8.8.8.8", "1.1.1.1", "99.255.255.255", "100.128.0.0", "172.32.0.1", "192.0.3.1", "198.20.0.1", "223.255.255.255",
                              "[2606:4700::1111]", "[2a00:1450::1]", "[::ffff:8.8.8.8]", "[64:ff9b::808:808]", "example.org", "localhost.example.org", "thelocal");
  CAPTURE(host);
  CHECK_FALSE(is_private_host(host));
}

TEST_CASE("addresses of machines, networks, documentation and protocols are not public", "[fetch]") {
  const auto* host = GENERATE("0.0.0.0", "0.1.2.3", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.255.255.255", "169.254.169.254",
                              "172.16.0.0", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.0", "198.19.255.255",
                              "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
                              "[::]", "[::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[64:ff9b:1::1]", "[100::1]", "[2001::1]", "[2001:db8::1]", "[2001:10::1]",
                              "[2002:808:808::]", "[3fff::1]", "[5f00::1]", "[fc00::1]", "[fdff::1]", "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]", "[ff02::1]", "[::7f00:1]",
                              "localhost", "localhost.", "x.localhost", "printer.local", "metadata.google.internal", "router.home.arpa");
  CAPTURE(host);
  CHECK(is_private_host(host));
}

TEST_CASE("a password never shows", "[fetch]") {
  CHECK(redacted("https://user:pass@example.org/a@b") == "https://example.org/a@b");
  CHECK(redacted("https://example.org/a?x=@") == "https://example.org/a?x=@");
  CHECK(redacted("user@nonsense") == "nonsense");
}

TEST_CASE("a URL is taken apart as it is requested", "[fetch]") {
  const auto url = parse_url("HTTP://User:P%40ss@ExAmple.ORG:8080/a b/../%7e?q=\xC3\xA9#f");
  REQUIRE(url.has_value());
  CHECK(url->host == "example.org");
  CHECK(url->peer() == "example.org:8080");
  CHECK(url->user_info == "User:P@ss");
  CHECK(url->text.starts_with("http://example.org:8080/a%20b/../%7e?q="));
  CHECK(url->text.find('#') == std::string::npos);
  const auto* bad = GENERATE("", "ftp://example.org/", "file:///etc/passwd", "http://", "/relative", "http://exa mple.org/", "http://example.org\n/");
  CAPTURE(bad);
  CHECK_FALSE(parse_url(bad).has_value());
}
