#include "daemon/poll/hosts.h"

#include <catch2/catch.hpp>
#include <set>

using namespace riverd;
using namespace std::chrono_literals;

namespace {
const Time kNoon{Seconds{1'726'660'800}};
}

TEST_CASE("a host that asked for nothing is asked at once", "[poll]") {
  poll::Hosts hosts;
  CHECK_FALSE(hosts.start_or_wait("example.org", kNoon, 0.5));
  CHECK_FALSE(hosts.start_or_wait("", kNoon, 0.5));
}

TEST_CASE("nothing goes to a host before the time it named", "[poll]") {
  poll::Hosts hosts;
  hosts.load({{"example.org", kNoon + 1h, Seconds(0)}});
  for (const double spread : {0.0, 0.5, 0.999}) {
    const auto later = hosts.start_or_wait("example.org", kNoon, spread);
    REQUIRE(later);
    CHECK(later->until >= kNoon + 1h);
    CHECK(std::string(later->why) == "its host asked to be left alone");
  }
  CHECK_FALSE(hosts.start_or_wait("other.org", kNoon, 0.5));
  CHECK_FALSE(hosts.start_or_wait("example.org", kNoon + 1h, 0.5));
}

TEST_CASE("a host with a learnt spacing is asked one at a time, and those sent away come back at different times", "[poll]") {
  poll::Hosts hosts;
  hosts.load({{"example.org", kNoon, 60s}});
  CHECK_FALSE(hosts.start_or_wait("example.org", kNoon, 0));
  std::set<Time> times;
  for (int i = 0; i < 5; ++i) {
    const auto later = hosts.start_or_wait("example.org", kNoon, 0);
    REQUIRE(later);
    CHECK(later->until >= kNoon + 60s);
    CHECK(std::string(later->why) == "its host is asked slowly");
    times.insert(later->until);
  }
  CHECK(times.size() == 5);
  CHECK_FALSE(hosts.start_or_wait("example.org", *times.begin(), 0));
}

TEST_CASE("hosts that ask for nothing any more are forgotten", "[poll]") {
  poll::Hosts hosts;
  hosts.load({{"a", kNoon, Seconds(0)}, {"b", kNoon + 1h, Seconds(0)}, {"c", kNoon, 30s}});
  hosts.tidy(kNoon);
  CHECK_FALSE(hosts.find("a"));
  CHECK(hosts.find("b"));
  CHECK(hosts.find("c"));
}

TEST_CASE("of what two processes were told of a host, the longer wait counts", "[poll]") {
  poll::Hosts hosts;
  hosts.load({{"a", kNoon + 1h, Seconds(0)}, {"b", kNoon + 1h, 30s}});
  hosts.merge({{"a", kNoon + 2h, 15s}, {"b", kNoon, 15s}, {"c", kNoon + 3h, Seconds(0)}, {"d", kNoon, Seconds(0)}}, kNoon);
  CHECK(hosts.find("a")->not_before == kNoon + 2h);
  CHECK(hosts.find("a")->spacing == 15s);
  CHECK(hosts.find("b")->not_before == kNoon + 1h);
  CHECK(hosts.find("b")->spacing == 30s);
  CHECK(hosts.forbidden_until("c", kNoon, 0)->until == kNoon + 3h);
  CHECK_FALSE(hosts.find("d"));
}

TEST_CASE("when the clock is set, what hosts asked for moves along", "[poll]") {
  poll::Hosts hosts;
  hosts.load({{"a", kNoon + 1h, Seconds(0)}});
  hosts.shift(-86'400s);
  CHECK(hosts.find("a")->not_before == kNoon + 1h - 24h);
}

TEST_CASE("a host that asked to be left alone meanwhile is not asked by those that waited", "[poll]") {
  poll::Hosts hosts;
  CHECK_FALSE(hosts.start_or_wait("example.org", kNoon, 0.5));
  CHECK_FALSE(hosts.forbidden_until("example.org", kNoon, 0.5));
  hosts.set({"example.org", kNoon + 1h, Seconds(0)});
  const auto later = hosts.forbidden_until("example.org", kNoon + 1s, 0.5);
  REQUIRE(later);
  CHECK(later->until >= kNoon + 1h);
}
