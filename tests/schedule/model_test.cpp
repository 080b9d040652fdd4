#include <catch2/catch.hpp>

#include "daemon/schedule/habits.h"
#include "daemon/schedule/model.h"
#include "tests/schedule/simulation.h"

namespace riverd::schedule::test {
namespace {

SourceModel lived() {
  Source source;
  Dice dice(3);
  Time at = kMonday - kDayLong * 20;
  while (at < kMonday + kDayLong * 30) source.entries.push_back(at += Seconds(static_cast<std::int64_t>(dice.next() * 30'000)));
  source.run(kMonday, kMonday + kDayLong * 30, limits(), kPrice);
  return source.model;
}

}  // namespace

TEST_CASE("what was learnt survives the store exactly", "[schedule][model]") {
  const SourceModel model = lived();
  const SourceModel again = SourceModel::decode(model.encode());
  CHECK(again == model);
  CHECK(again.encode() == model.encode());
}

TEST_CASE("what is learnt of a source fits a kilobyte", "[schedule][model]") {
  CHECK(lived().encode().size() <= 600);  // the rest of the kilobyte is the poller's
  CHECK(sizeof(SourceModel) <= 1024);
}

TEST_CASE("text that is no model gives a fresh one", "[schedule][model]") {
  const std::string good = lived().encode();
  CHECK(SourceModel::decode("") == SourceModel{});
  CHECK(SourceModel::decode("{}") == SourceModel{});
  CHECK(SourceModel::decode(std::string(5000, '\xFF')) == SourceModel{});
  for (std::size_t cut = 0; cut < good.size(); cut += 7) CHECK(SourceModel::decode(good.substr(0, cut)) == SourceModel{});
  for (std::size_t i = 0; i < good.size(); i += 5) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x41);
    CAPTURE(i);
    CHECK(SourceModel::decode(bad) == SourceModel{});
  }
}

TEST_CASE("the rate is that of the entries seen", "[schedule][model]") {
  Source source;
  source.entries = daily({3.0, 9.0, 15.0, 21.0}, 60);
  source.run(kMonday, kMonday + kDayLong * 20, limits(), kPrice);
  CHECK(source.model.rate() * 86'400 == Approx(4).margin(0.6));
}

TEST_CASE("one document with dates is enough to know the pace", "[schedule][model]") {
  Source source;
  source.entries = daily({9.0, 18.0}, 30);
  source.poll(kMonday, limits(), kPrice);
  CHECK(source.model.rate() * 86'400 == Approx(2).margin(0.4));
}

TEST_CASE("dates from the future, before time, or all alike do no harm", "[schedule][model]") {
  SourceModel model;
  Observation seen;
  seen.at = kMonday;
  seen.window = 6;
  seen.fresh = {kMonday + kDayLong * 400, Time(Seconds(-5'000'000'000)), Time(Seconds(0)), std::nullopt, Time::max(), Time::min()};
  model.observe(seen);
  seen.previous = kMonday;
  for (int day = 1; day < 40; ++day) {
    seen.at = kMonday + kDayLong * day;
    model.observe(seen);
    const Decision d = decide(model, limits(), {}, kPrice, seen.at, 0.5);
    CHECK(d.interval >= limits().min_interval);
    CHECK(d.interval <= limits().max_interval);
  }
  CHECK(model.rate() > 0);
  CHECK(SourceModel::decode(model.encode()) == model);
}

TEST_CASE("a clock that steps back or forth neither stops nor rushes a source", "[schedule][model]") {
  SourceModel model = lived();
  for (const Seconds step : {kDayLong * 900, kDayLong * -300, kDayLong * 20'000, kDayLong * -20'900}) {
    Observation seen;
    seen.at = kMonday + kDayLong * 60 + step;
    model.observe(seen);
    const Decision d = decide(model, limits(), {}, kPrice, seen.at, 0.5);
    CHECK(d.interval >= limits().min_interval);
    CHECK(d.interval <= limits().max_interval);
    CHECK(d.next == seen.at + d.interval);
  }
}

TEST_CASE("what was before 1970 has the same place in the hour, the day and the week as what comes weeks later", "[schedule][model]") {
  constexpr std::int64_t kWeek = 7 * 86'400;
  for (std::int64_t at = -kWeek; at < 0; at += 211) {
    REQUIRE(day_bin(at) == day_bin(at + kWeek * 3000));
    REQUIRE(minute_bin(at) == minute_bin(at + kWeek * 3000));
    REQUIRE(weekday_bin(at) == weekday_bin(at + kWeek * 3000));
  }
}

TEST_CASE("ten thousand entries at once cost no more than a thousand", "[schedule][model]") {
  SourceModel model;
  Observation seen;
  seen.at = kMonday;
  seen.window = 10'000;
  for (int i = 0; i < 10'000; ++i) seen.fresh.emplace_back(kMonday - Seconds(60) * i);
  model.observe(seen);
  CHECK(model.rate() * 86'400 > 300);
}

}  // namespace riverd::schedule::test
