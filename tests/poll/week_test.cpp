/// What an origin sees of one source in a simulated week, judged by its log alone: POLITENESS, when and with what.

#include <catch2/catch.hpp>

#include <functional>
#include <set>
#include <tuple>

#include "tests/poll/outcome_support.h"

namespace riverd::poll::test {
namespace {

/// One request as the origin logged it.
struct Logged {
  Time at;
  Conditions asked;
};

/// An origin: answers a request, and says what entries the body shows.
struct Shown {
  fetch::Response response;
  std::vector<feeds::Post> posts;
};
using Origin = std::function<Shown(const Logged&)>;

/// Polls for a week as the daemon does: at next_poll, never between.
std::vector<Logged> week(Life& life, const Origin& origin) {
  std::vector<Logged> log;
  std::uint64_t dice = 1;
  life.state.next_poll = life.now;
  const Time end = life.now + 7 * kDay;
  while (life.state.next_poll && *life.state.next_poll < end && log.size() < 5000) {
    life.now = *life.state.next_poll;
    log.push_back({life.now, life.next()});
    Shown shown = origin(log.back());
    const auto& hops = shown.response.hops;
    shown.response.url = hops.empty() ? log.back().asked.url : hops.back().location;
    dice = dice * 6364136223846793005U + 1442695040888963407U;
    life.spread = static_cast<double>(dice >> 40U) / static_cast<double>(1U << 24U);
    life.get(shown.response, std::move(shown.posts));
  }
  return log;
}

Seconds shortest_gap(const std::vector<Logged>& log) {
  Seconds least = 7 * kDay;
  for (std::size_t i = 1; i < log.size(); ++i) least = std::min(least, log[i].at - log[i - 1].at);
  return least;
}

/// A feed with an entry every twenty minutes: there is always something new to fetch.
std::string version_at(Time at) { return std::to_string(at.time_since_epoch().count() / 1200); }
std::vector<feeds::Post> entries_at(Time at) {
  std::vector<feeds::Post> posts;
  const std::int64_t newest = at.time_since_epoch().count() / 1200;
  for (std::int64_t n = newest; n > newest - 30; --n) posts.push_back(post("p" + std::to_string(n), Time(Seconds(n * 1200))));
  return posts;
}
Shown busy(const Logged& request) { return {ok("body " + version_at(request.at)), entries_at(request.at)}; }

/// Requests are cheap, so that only the publisher's wishes and the bounds hold the source back.
Life eager() {
  Life life;
  life.price = {1, 0};
  return life;
}

}  // namespace

TEST_CASE("a week at an origin with validators: every request but the first is conditional, with the last one given", "[poll][week]") {
  Life life = eager();
  std::string given, dated;
  std::size_t not_modified = 0;
  const auto log = week(life, [&](const Logged& request) {
    CHECK(request.asked.etag == given);
    CHECK(request.asked.last_modified == dated);
    const std::string current = "W/\"" + std::to_string(request.at.time_since_epoch().count() / 10'000) + "-gzip\"";
    if (request.asked.etag == current) {
      ++not_modified;
      return Shown{answer(304), {}};
    }
    given = current;
    dated = "around " + version_at(request.at);
    return Shown{ok("body " + current, given, dated), entries_at(request.at)};
  });
  CHECK(log.size() > 100);
  CHECK(not_modified > 10);
  CHECK(shortest_gap(log) >= kHour);
}

TEST_CASE("a week: what the publisher asks for lies between any two requests", "[poll][week]") {
  Life life = eager();
  Seconds least = kHour;
  std::string cache_control;
  SECTION("nothing: one hour") {}
  SECTION("max-age of three hours") {
    cache_control = "public, max-age=10800";
    least = 3 * kHour;
  }
  SECTION("max-age of a quarter of an hour: consent") {
    cache_control = "max-age=900";
    least = Seconds(900);
  }
  SECTION("ttl of two hours") {
    life.info.ttl = 2 * kHour;
    least = 2 * kHour;
  }
  SECTION("no-store, which asks for nothing") { cache_control = "no-store, max-age=0"; }
  const auto log = week(life, [&](const Logged& request) {
    Shown shown = busy(request);
    shown.response.etag = "\"" + version_at(request.at) + "\"";
    shown.response.cache_control = cache_control;
    return shown;
  });
  CHECK(shortest_gap(log) >= least);
  CHECK(log.size() > static_cast<std::size_t>(7 * kDay / least * 3 / 4));
}

TEST_CASE("a week: nothing comes in the hours and on the days to be skipped", "[poll][week]") {
  Life life = eager();
  life.info.skip_hours = 0b111111;   // 0 to 5, GMT
  life.info.skip_days = 0b1000000;   // Sunday
  const auto log = week(life, [](const Logged& request) {
    Shown shown = busy(request);
    shown.response.etag = "\"" + version_at(request.at) + "\"";
    return shown;
  });
  CHECK(log.size() > 80);
  for (const Logged& request : log) {
    const auto seconds = request.at.time_since_epoch().count();
    CHECK(seconds / 3600 % 24 >= 6);
    CHECK((seconds / 86'400 + 3) % 7 != 6);
  }
}

TEST_CASE("a week: a Retry-After is never broken, in seconds or as a date, and rubbish is our own back-off", "[poll][week]") {
  Life life = eager();
  std::string field;
  Seconds least;
  std::tie(field, least) = GENERATE(table<std::string, Seconds>(
      {{"21600", Seconds(21'600)}, {"", kHour}, {"-5", kHour}, {"soon", kHour}, {"Mon, 05 Jan 1970 12:00:00 GMT", kHour}}));
  const int status = GENERATE(429, 503);
  CAPTURE(field, status);
  std::optional<Time> throttled_at;
  int refused = 0;
  const auto log = week(life, [&](const Logged& request) {
    if (throttled_at) CHECK(request.at - *throttled_at >= least);
    throttled_at.reset();
    if (life.state.polls % 5 != 4) return busy(request);
    ++refused;
    throttled_at = request.at;
    Shown shown{answer(status), {}};
    shown.response.retry_after = field;
    return shown;
  });
  CHECK(refused > 3);
  CHECK(log.size() > 20);
}

TEST_CASE("a week of errors is a dozen requests, and polling never stops by itself", "[poll][week]") {
  Life life = eager();
  const int status = GENERATE(500, 502, 404, 403, 401, 400);
  CAPTURE(status);
  const auto log = week(life, [&](const Logged&) { return Shown{answer(status), {}}; });
  CHECK(log.size() >= 8);
  CHECK(log.size() <= 14);
  for (std::size_t i = 2; i < log.size(); ++i) CHECK(log[i].at - log[i - 1].at <= kDay);
  REQUIRE(life.state.next_poll);
}

TEST_CASE("a week after a 410 is one request", "[poll][week]") {
  Life life = eager();
  CHECK(week(life, [](const Logged&) { return Shown{answer(410), {}}; }).size() == 1);
  CHECK_THAT(life.state.error, Catch::Contains("410"));
}

TEST_CASE("a week of redirects: a permanent one is followed from the fourth poll on without asking the old address", "[poll][week]") {
  Life life = eager();
  const auto [status, old_asked] = GENERATE(table<int, std::size_t>({{301, 3}, {308, 3}, {302, 1000}, {303, 1000}, {307, 1000}}));
  CAPTURE(status);
  const std::string configured = life.terms.url, moved = "https://example.org/moved";
  std::size_t at_old = 0;
  const auto log = week(life, [&, redirect = status](const Logged& request) {
    Shown shown = busy(request);
    shown.response.etag = "\"" + version_at(request.at) + "\"";
    if (request.asked.url == configured) {
      ++at_old;
      shown.response.hops = {{redirect, moved}};
      CHECK((request.asked.etag.empty() || request.asked.validator_url != configured));
    } else {
      CHECK(request.asked.url == moved);
    }
    return shown;
  });
  CHECK(at_old == std::min(old_asked, log.size()));
  CHECK(life.terms.url == configured);
}

TEST_CASE("a week at a server without validators whose body changes without news: every few hours", "[poll][week]") {
  Life life = eager();
  int n = 0;
  const auto posts = entries_at(kNoon - kHour);
  const auto log = week(life, [&](const Logged&) { return Shown{ok("body with a clock in it: " + std::to_string(++n)), posts}; });
  CHECK(log.size() >= 7);
  CHECK(log.size() < 7 * 24 / 3);
}

TEST_CASE("feeds of one host that fail together come back apart", "[poll][week]") {
  std::set<Time> back;
  for (int i = 0; i < 100; ++i) {
    Life life = eager();
    life.spread = i / 100.0;
    life.get(answer(503));
    back.insert(*life.state.next_poll);
  }
  CHECK(back.size() > 90);
}

}  // namespace riverd::poll::test
