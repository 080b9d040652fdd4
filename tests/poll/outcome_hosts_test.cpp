/// POLITENESS 13, 14, 16, 18: hosts that ask for patience, and addresses that move.

#include <catch2/catch.hpp>

#include "tests/poll/outcome_support.h"

namespace riverd::poll::test {
namespace {

fetch::Response moved(int status, const std::string& to) {
  fetch::Response r = ok("<a/>", "\"1\"");
  r.hops = {{status, to}};
  r.url = to;
  return r;
}

const std::string kNew = "https://new.example.org/feed";

}  // namespace

TEST_CASE("a permanent redirect is remembered when three polls in a row agreed", "[poll][redirects]") {
  const int status = GENERATE(301, 308);
  Life life;
  life.get(moved(status, kNew));
  CHECK(life.next().url == life.terms.url);
  life.get(moved(status, kNew));
  CHECK(life.next().url == life.terms.url);
  const Settled third = life.get(moved(status, kNew));
  CHECK(life.next().url == kNew);
  CHECK(life.next().etag.empty());
  CHECK(third.event == "moved for good to " + kNew);
}

TEST_CASE("a temporary redirect is never remembered", "[poll][redirects]") {
  const int status = GENERATE(302, 303, 307);
  Life life;
  for (int i = 0; i < 10; ++i) life.get(moved(status, kNew));
  CHECK(life.next().url == life.terms.url);
}

TEST_CASE("permanent redirects that disagree, or pause, are not remembered", "[poll][redirects]") {
  Life life;
  life.get(moved(301, kNew));
  life.get(moved(301, kNew));
  life.get(moved(301, "https://third.example.org/feed"));
  life.get(moved(301, kNew));
  life.get(moved(301, kNew));
  life.get(ok("<a/>"));
  life.get(moved(301, kNew));
  life.get(moved(301, kNew));
  CHECK(life.next().url == life.terms.url);
}

TEST_CASE("of a chain only the permanent beginning is remembered", "[poll][redirects]") {
  Life life;
  fetch::Response r = ok("<a/>");
  r.hops = {{301, "https://a.example.org/"}, {308, kNew}, {302, "https://cdn.example.net/1"}, {301, "https://cdn.example.net/2"}};
  r.url = "https://cdn.example.net/2";
  for (int i = 0; i < 3; ++i) life.get(r);
  CHECK(life.next().url == kNew);
}

TEST_CASE("an error behind a permanent redirect is no agreement", "[poll][redirects]") {
  Life life;
  for (int i = 0; i < 5; ++i) {
    fetch::Response r = moved(301, kNew);
    r.status = 500;
    life.get(r);
  }
  CHECK(life.next().url == life.terms.url);
}

TEST_CASE("when the new address dies the configured one is asked again", "[poll][redirects]") {
  Life life;
  for (int i = 0; i < 3; ++i) life.get(moved(301, kNew));
  fetch::Response dead = answer(GENERATE(404, 410));
  dead.url = kNew;
  const Settled settled = life.get(dead);
  CHECK(life.next().url == life.terms.url);
  CHECK(life.state.next_poll);
  CHECK(life.state.state == storage::State::failing);
  CHECK_FALSE(settled.event.empty());
}

TEST_CASE("a new address that does not answer is given three tries", "[poll][redirects]") {
  Life life;
  for (int i = 0; i < 3; ++i) life.get(moved(301, kNew));
  const Error error(Errc::network, "resolve new.example.org: no such host");
  life.lose(error);
  life.lose(error);
  CHECK(life.next().url == kNew);
  life.lose(error);
  CHECK(life.next().url == life.terms.url);
}

TEST_CASE("a new address that asks for patience is not dead", "[poll][redirects]") {
  Life life;
  for (int i = 0; i < 3; ++i) life.get(moved(301, kNew));
  fetch::Response busy = answer(GENERATE(429, 503));
  busy.url = kNew;
  for (int i = 0; i < 5; ++i) life.get(busy);
  CHECK(life.next().url == kNew);
}

TEST_CASE("a host's patience is shared by its feeds, and on a platform by all its sites", "[poll][hosts]") {
  CHECK(host_key("https://News.Example.co.uk:8443/feed?x=1") == "news.example.co.uk");
  CHECK(host_key("https://user:pass@example.org/feed") == "example.org");
  CHECK(host_key("https://example.org./feed") == "example.org");
  CHECK(host_key("https://one.blogspot.com/feeds") == "blogspot.com");
  CHECK(host_key("https://two.github.io/feed") == "github.io");
  CHECK(host_key("https://three.substack.com/feed") == "substack.com");
  CHECK(host_key("https://93.184.216.34/feed") == "93.184.216.34");
}

TEST_CASE("on private and loopback hosts only the one feed waits", "[poll][hosts]") {
  const std::string url = GENERATE("http://127.0.0.1:8080/feed", "http://[::1]/feed", "http://localhost/feed", "http://10.1.2.3/feed",
                                   "http://192.168.0.9/feed", "http://nas/feed", "http://nas.local/feed", "http://[fd00::1]:80/");
  CAPTURE(url);
  CHECK(host_key(url).empty());
  Life life;
  life.terms.url = life.state.effective_url = url;
  fetch::Response r = throttled("7200");
  r.url = url;
  CHECK_FALSE(life.get(r).host);
  CHECK(life.state.not_before == life.now + 2 * kHour);
}

TEST_CASE("a public name on a private address is private", "[poll][hosts]") {
  CHECK(host_key("https://intranet.example.org/feed", "10.0.0.7").empty());
  CHECK(host_key("https://intranet.example.org/feed", "93.184.216.34") == "intranet.example.org");
}

TEST_CASE("a platform's 429s teach the spacing of its feeds", "[poll][hosts]") {
  Life life;
  Seconds before{0};
  for (int i = 0; i < 4; ++i) {
    const Settled settled = life.get(throttled());
    REQUIRE(settled.host);
    CHECK(settled.host->spacing > before);
    before = settled.host->spacing;
  }
  CHECK(before >= Seconds(60));
  for (int i = 0; i < 20; ++i) life.get(throttled());
  CHECK(life.host->spacing <= Seconds(300));
}

TEST_CASE("a host that throttled and is well for a week is trusted again, step by step", "[poll][hosts]") {
  Life life;
  life.get(throttled());
  const Seconds learnt = life.host->spacing;
  life.now += kDay;
  CHECK_FALSE(life.get(ok("<a/>")).host);
  life.now += 8 * kDay;
  life.get(ok("<b/>"));
  CHECK(life.host->spacing < learnt);
}

TEST_CASE("a 403 from a host that throttles slows the host, another one only the feed", "[poll][hosts]") {
  Life life;
  CHECK_FALSE(life.get(answer(403)).host);
  life.get(throttled());
  const Seconds learnt = life.host->spacing;
  life.get(answer(403));
  CHECK(life.host->spacing > learnt);
}

TEST_CASE("feeds of one host that wait together come back spread out", "[poll][hosts]") {
  storage::HostState host;
  host.host = "example.org";
  host.not_before = kNoon + kHour;
  host.spacing = Seconds(60);
  CHECK(after_host(host, kNoon, 0.0) == kNoon + kHour);
  CHECK(after_host(host, kNoon, 0.9) > kNoon + kHour + Seconds(600));
  CHECK(after_host(host, kNoon + 2 * kHour, 0.9) == kNoon + 2 * kHour);
}

TEST_CASE("a Retry-After of another error binds the one feed", "[poll][hosts]") {
  Life life;
  fetch::Response r = answer(500);
  r.retry_after = "7200";
  CHECK_FALSE(life.get(r).host);
  CHECK(life.state.not_before == life.now + 2 * kHour);
}

}  // namespace riverd::poll::test
