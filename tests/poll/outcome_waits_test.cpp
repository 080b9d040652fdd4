/// POLITENESS 11 to 15: when a source is asked again after what was answered.

#include <catch2/catch.hpp>

#include "daemon/poll/outcome_hints.h"
#include "tests/poll/outcome_support.h"

namespace riverd::poll::test {
namespace {

fetch::Response cached(std::string cache_control, std::string age = {}) {
  fetch::Response r = ok("<a/>", "\"1\"");
  r.cache_control = std::move(cache_control);
  r.age = std::move(age);
  return r;
}

/// A source with so many entries that it is polled as soon as allowed.
std::vector<feeds::Post> flood(Time now) {
  std::vector<feeds::Post> posts;
  for (int i = 0; i < 100; ++i) posts.push_back(post("p" + std::to_string(i), now - Seconds(60) * i));
  return posts;
}

Seconds wait_after(const fetch::Response& response) {
  Life life;
  life.price = {1, 0};
  life.get(response, flood(life.now));
  return life.wait();
}

}  // namespace

TEST_CASE("a busy source is asked after the shortest interval", "[poll][waits]") {
  CHECK(wait_after(ok("<a/>")) == kHour);
}

TEST_CASE("max-age lengthens the wait", "[poll][waits]") {
  CHECK(wait_after(cached("public, max-age=7200")) == 2 * kHour);
  CHECK(wait_after(cached("Max-Age=\"7200\"")) == 2 * kHour);
}

TEST_CASE("max-age consents to less than an hour, and not to less than ten minutes", "[poll][waits]") {
  CHECK(wait_after(cached("max-age=1800")) == kHour / 2);
  CHECK(wait_after(cached("max-age=1")) == Seconds(600));
}

TEST_CASE("what a response aged in a cache is no more to wait for", "[poll][waits]") {
  CHECK(wait_after(cached("max-age=14400", "7200")) == 2 * kHour);
  CHECK(wait_after(cached("max-age=14400", "14399")) == kHour);
  CHECK(wait_after(cached("max-age=14400", "rubbish")) == 4 * kHour);
}

TEST_CASE("s-maxage is not for us, and no-cache, no-store and max-age=0 shorten nothing", "[poll][waits]") {
  const std::string field = GENERATE("s-maxage=86400", "no-cache", "no-store, max-age=7200", "max-age=0", "max-age=-5", "max-age");
  CAPTURE(field);
  CHECK(wait_after(cached(field)) == kHour);
}

TEST_CASE("what is said of some fields, or within quotes, says nothing of the feed", "[poll][waits]") {
  CHECK(wait_after(cached("no-cache=\"Set-Cookie\", max-age=7200")) == 2 * kHour);
  CHECK(wait_after(cached("no-cache=\"Set-Cookie, X-\\\"A\", max-age=7200")) == 2 * kHour);
  CHECK(wait_after(cached("private=\"a, no-store\", max-age=7200")) == 2 * kHour);
  CHECK(wait_after(cached("ext=\"never closed, max-age=7200")) == 2 * kHour);
}

TEST_CASE("Expires counts from Date, and only without max-age", "[poll][waits]") {
  fetch::Response r = ok("<a/>");
  r.date = "Sun, 04 Jan 2026 00:00:00 GMT";  // the server's clock is behind
  r.expires = "Sun, 04 Jan 2026 03:00:00 GMT";
  CHECK(wait_after(r) == 3 * kHour);
  r.cache_control = "max-age=0";
  CHECK(wait_after(r) == kHour);
  r.cache_control.clear();
  r.expires = "0";
  CHECK(wait_after(r) == kHour);
  r.expires = "Sat, 03 Jan 2026 03:00:00 GMT";
  CHECK(wait_after(r) == kHour);
}

TEST_CASE("a feed's ttl lengthens the wait, and is remembered over a 304", "[poll][waits]") {
  Life life;
  life.price = {1, 0};
  life.info.ttl = 5 * kHour;
  life.get(ok("<a/>", "\"1\""), flood(life.now));
  CHECK(life.wait() == 5 * kHour);
  life.now = *life.state.next_poll;
  life.get(answer(304));
  CHECK(life.wait() >= 5 * kHour);
}

TEST_CASE("a 304's Cache-Control counts", "[poll][waits]") {
  Life life;
  life.price = {1, 0};
  life.get(ok("<a/>", "\"1\""), flood(life.now));
  life.now = *life.state.next_poll;
  fetch::Response r = answer(304);
  r.cache_control = "max-age=10800";
  life.get(r);
  CHECK(life.wait() >= 3 * kHour);
}

TEST_CASE("a Retry-After is obeyed, in seconds or as a date, by every feed of the host", "[poll][waits]") {
  const int status = GENERATE(429, 503);
  const std::string field = GENERATE("18000", "Mon, 05 Jan 2026 17:00:00 GMT", " 18000 ");
  Life life;
  fetch::Response r = answer(status);
  r.retry_after = field;
  const Settled settled = life.get(r);
  CHECK(life.wait() >= 5 * kHour);
  CHECK(life.wait() <= 6 * kHour);
  CHECK(life.state.not_before == life.now + 5 * kHour);
  CHECK(life.state.next_poll_reason == "the server asked to wait 5 h");
  REQUIRE(settled.host);
  CHECK(settled.host->host == "example.org");
  CHECK(settled.host->not_before == life.now + 5 * kHour);
}

TEST_CASE("a Retry-After goes beyond max_interval, up to seven days", "[poll][waits]") {
  Life life;
  life.get(throttled("259200"));
  CHECK(life.wait() >= 3 * kDay);
  life.get(throttled("99999999999999999999"));
  CHECK(life.wait() >= 7 * kDay);
  CHECK(life.wait() <= 7 * kDay + kHour);
}

TEST_CASE("past, negative and garbage values of Retry-After are our own back-off", "[poll][waits]") {
  const std::string field = GENERATE("0", "-60", "soon", "1e9", "Sun, 04 Jan 2026 00:00:00 GMT", "", "12 hours", "\"60\"");
  Life life;
  life.get(ok("<a/>"), flood(life.now));
  life.get(throttled(field));
  CAPTURE(field);
  CHECK_FALSE(life.state.not_before);
  CHECK(life.wait() >= 2 * kHour);
  CHECK(life.wait() <= kDay);
}

TEST_CASE("a short Retry-After is no reason to come back sooner than the interval", "[poll][waits]") {
  Life life;
  life.get(throttled("1"));
  CHECK(life.wait() >= kHour);
}

TEST_CASE("a success forgets a Retry-After", "[poll][waits]") {
  Life life;
  life.get(throttled("7200"));
  life.now += 3 * kHour;
  life.get(ok("<a/>"));
  CHECK_FALSE(life.state.not_before);
}

TEST_CASE("failures double the wait up to max_interval, and a success resets it", "[poll][waits]") {
  Life life;
  life.price = {1, 0};
  life.get(ok("<a/>"), flood(life.now));
  REQUIRE(life.wait() == kHour);
  const bool answered = GENERATE(true, false);
  for (const int hours : {2, 4, 8, 16, 24, 24}) {
    life.now = *life.state.next_poll;
    if (answered) {
      life.get(answer(502));
    } else {
      life.lose(Error(Errc::timeout, "connect to example.org: timed out after 10 s"));
    }
    CHECK(life.wait() == hours * kHour);
  }
  CHECK(life.state.state == storage::State::failing);
  CHECK(life.state.consecutive_failures == 6);
  life.now = *life.state.next_poll;
  life.get(ok("<b/>"), flood(life.now));
  CHECK(life.wait() >= kHour);
  CHECK(life.wait() <= kHour + Seconds(300));
}

TEST_CASE("jitter lengthens a back-off, and keeps it under max_interval", "[poll][waits]") {
  Life plain, late;
  late.spread = 0.99;
  for (Life* life : {&plain, &late}) life->get(answer(429));
  CHECK(late.wait() > plain.wait());
  CHECK(late.wait() <= plain.wait() * 5 / 4);
  for (int i = 0; i < 10; ++i) late.get(answer(429));
  CHECK(late.wait() <= kDay);
}

TEST_CASE("a failure names its cause", "[poll][waits]") {
  Life life;
  life.lose(Error(Errc::network, "resolve example.org: no such host"));
  CHECK(life.state.error == "resolve example.org: no such host");
  CHECK(life.state.http_status == 0);
  life.get(answer(404));
  CHECK(life.state.error == "the server answered 404: there is no such feed");
  CHECK(life.state.http_status == 404);
  CHECK(life.state.next_poll_reason == "it failed 2 times in a row");
}

TEST_CASE("a 404 backs off and is never given up", "[poll][waits]") {
  Life life;
  for (int i = 0; i < 50; ++i) {
    life.get(answer(404));
    REQUIRE(life.state.next_poll);
    life.now = *life.state.next_poll;
  }
  CHECK(life.state.interval == kDay);
}

TEST_CASE("a 410 where a temporary redirect leads is a failure like another", "[poll][waits]") {
  const int status = GENERATE(302, 303, 307);
  Life life;
  life.get(ok("<a/>"));
  fetch::Response gone = answer(410);
  gone.url = "https://cdn.example.net/feed";
  gone.hops = {{301, "https://example.org/feed.xml"}, {status, gone.url}};
  life.get(gone);
  CHECK(life.state.state == storage::State::failing);
  CHECK(life.state.next_poll);
  CHECK_THAT(life.state.error, Catch::Contains("410") && !Catch::Contains("for good"));
  gone.hops.pop_back();
  life.get(gone);
  CHECK(life.state.state == storage::State::gone);
}

TEST_CASE("a 410 ends polling and says so, and a later answer revives the source", "[poll][waits]") {
  Life life;
  life.get(ok("<a/>"));
  const Settled gone = life.get(answer(410));
  CHECK(gone.failed);
  CHECK(life.state.state == storage::State::gone);
  CHECK_FALSE(life.state.next_poll);
  CHECK(life.state.error.find("410") != std::string::npos);
  CHECK_FALSE(gone.event.empty());
  CHECK_FALSE(gone.demand);
  life.now += kDay * 30;
  CHECK(life.get(ok("<b/>")).event == "well again");
  CHECK(life.state.state == storage::State::ok);
  CHECK(life.state.next_poll);
}

TEST_CASE("a fixed interval is kept after a success and stretched after failures", "[poll][waits]") {
  Life life;
  life.terms.interval = Seconds(60);
  life.get(ok("<a/>"));
  CHECK(life.wait() == Seconds(60));
  life.get(answer(500));
  CHECK(life.wait() == Seconds(120));
}

TEST_CASE("an edited old entry is no news, and a source of edits only is left alone", "[poll][waits]") {
  Life life;
  life.price = {3000, 1.0 / 86'400};
  std::vector<feeds::Post> posts;
  for (int i = 0; i < 20; ++i) posts.push_back(post("p" + std::to_string(i), std::nullopt));
  for (int round = 0; round < 200; ++round) {
    life.get(ok("<a n='" + std::to_string(round) + "'/>", "\"1\""), posts);  // comment counts change at every poll
    life.now = *life.state.next_poll;
  }
  CHECK(life.state.interval > 4 * kHour);
}

TEST_CASE("what is remembered of a source stays under a kilobyte", "[poll][waits]") {
  Life life;
  fetch::Response far = ok("<a/>", "\"1\"");
  far.url = "https://example.net/" + std::string(3000, 'x');
  far.hops = {{302, far.url}};
  for (int i = 0; i < 300; ++i) {
    far.body = std::to_string(i);
    far.url = "https://example.net/" + std::string(static_cast<std::size_t>(i), 'x');
    life.get(far, {post("id" + std::to_string(i), life.now)});
    life.now = *life.state.next_poll;
    REQUIRE(life.state.schedule.size() <= 1024);
  }
}

TEST_CASE("a spoilt memory is a fresh start, not a failure", "[poll][waits]") {
  Life life;
  life.get(ok("<a/>", "\"1\""), flood(life.now));
  life.state.schedule = GENERATE(as<std::string>(), "", "nonsense", std::string(1024, '\xFF'), std::string(700, 'a'));
  CHECK(life.next().etag.empty());
  life.get(ok("<b/>", "\"2\""), flood(life.now));
  CHECK(life.wait() >= kHour);
  CHECK(life.next().etag == "\"2\"");
}

TEST_CASE("a clock that was set is no stop and no storm", "[poll][waits]") {
  Life life;
  life.get(ok("<a/>"), flood(life.now));
  const Seconds step = GENERATE(Seconds(-40 * 86'400), Seconds(40 * 86'400), Seconds(-3600));
  life.now += step;
  life.get(ok("<b/>"), flood(life.now));
  CHECK(life.wait() >= kHour);
  CHECK(life.wait() <= kDay);
}

TEST_CASE("a due time beyond all planning is mended, any other is left", "[poll][waits]") {
  Life life;
  life.get(ok("<a/>"), flood(life.now));
  CHECK_FALSE(mend_due(life.state, life.terms, life.now, 0.5));
  const auto mended = mend_due(life.state, life.terms, life.now - 30 * kDay, 0.5);
  REQUIRE(mended);
  CHECK(*mended >= life.now - 30 * kDay);
  CHECK(*mended <= life.now - 29 * kDay);
  life.get(throttled("500000"));
  CHECK_FALSE(mend_due(life.state, life.terms, life.now, 0.5));
}

}  // namespace riverd::poll::test
