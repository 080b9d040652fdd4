#include <catch2/catch.hpp>

#include "daemon/schedule/policy.h"
#include "tests/schedule/simulation.h"

namespace riverd::schedule::test {
namespace {

/// A source so busy that every gap is as short as allowed.
Decision busy_gap(const Limits& limits, const Wishes& wishes, Time now = kMonday) {
  Source busy;
  for (int i = -500; i < 0; ++i) busy.entries.push_back(now + Seconds(60) * i);
  busy.wishes = wishes;
  return busy.poll(now, limits, Price{0.001, 0}, 0.0);
}

Wishes hint(Seconds span) {
  Wishes w;
  w.hint = span;
  return w;
}

}  // namespace

TEST_CASE("a publisher that asks for two hours is left alone for two hours", "[schedule][hints]") {
  const Decision d = busy_gap(Limits{}, hint(Seconds(7200)));
  CHECK(d.interval == Seconds(7200));
  CHECK(d.reason == "the publisher asks for 2 h between requests");
}

TEST_CASE("a publisher's hint consents to less than an hour, down to ten minutes", "[schedule][hints]") {
  CHECK(busy_gap(Limits{}, {}).interval == Seconds(3600));
  CHECK(busy_gap(Limits{}, hint(Seconds(1800))).interval == Seconds(1800));
  CHECK(busy_gap(Limits{}, hint(Seconds(60))).interval == Seconds(600));
}

TEST_CASE("a configured min_interval under ten minutes lowers the hinted one too", "[schedule][hints]") {
  Limits quick;
  quick.min_interval = Seconds(5);
  CHECK(busy_gap(quick, {}).interval == Seconds(5));
  CHECK(busy_gap(quick, hint(Seconds(2))).interval == Seconds(5));
  CHECK(busy_gap(quick, hint(Seconds(300))).interval == Seconds(300));
}

TEST_CASE("what a cache has aged shortens the wait, not the consent", "[schedule][hints]") {
  Wishes w = hint(Seconds(60));  // an hour, of which 59 minutes were spent in a cache
  w.consent = Seconds(3600);
  CHECK(busy_gap(Limits{}, w).interval == Seconds(3600));
}

TEST_CASE("a hint of a year counts as a day", "[schedule][hints]") {
  CHECK(busy_gap(Limits{}, hint(Seconds(365 * 86'400))).interval == Seconds(86'400));
  Limits weekly;
  weekly.max_interval = Seconds(7 * 86'400);
  CHECK(busy_gap(weekly, hint(Seconds(365 * 86'400))).interval == Seconds(7 * 86'400));
}

TEST_CASE("a publisher's wish stands over a shorter max_interval", "[schedule][hints]") {
  Limits eager;
  eager.max_interval = Seconds(7200);
  CHECK(busy_gap(eager, hint(Seconds(6 * 3600))).interval == Seconds(6 * 3600));
}

TEST_CASE("a publisher's wish lengthens a fixed interval, and never shortens one", "[schedule][hints]") {
  Wishes w = hint(Seconds(3600));
  w.interval = Seconds(600);
  CHECK(busy_gap(Limits{}, w).interval == Seconds(3600));
  w.interval = Seconds(7200);
  CHECK(busy_gap(Limits{}, w).interval == Seconds(7200));
}

TEST_CASE("a Retry-After lengthens even a fixed interval", "[schedule][hints]") {
  Wishes w;
  w.interval = Seconds(600);
  w.not_before = kMonday + kDayLong * 3;
  CHECK(busy_gap(Limits{}, w).next == kMonday + kDayLong * 3);
}

TEST_CASE("skipped hours are waited out, in GMT", "[schedule][hints]") {
  Wishes w;
  w.skip_hours = 0b111110;  // 1 to 5 o'clock
  const Decision d = busy_gap(Limits{}, w, kMonday + Seconds(1800));
  CHECK(d.next >= kMonday + kHourLong * 6);
  CHECK(d.next < kMonday + kHourLong * 7);
  CHECK(d.reason == "the publisher asks to skip these hours or days");
}

TEST_CASE("skipped days are waited out", "[schedule][hints]") {
  Wishes w;
  w.skip_days = 0b1100000;  // Saturday and Sunday
  const Time friday_night = kMonday + kDayLong * 4 + Seconds(23 * 3600 + 1800);
  const Decision d = busy_gap(Limits{}, w, friday_night);
  CHECK(d.next >= kMonday + kDayLong * 7);
  CHECK(d.next < kMonday + kDayLong * 7 + kHourLong);
}

TEST_CASE("a document that skips every hour is not believed", "[schedule][hints]") {
  Wishes w;
  w.skip_hours = 0xFFFFFF;
  CHECK(busy_gap(Limits{}, w).interval == Seconds(3600));
}

TEST_CASE("a server without validators is asked every few hours, unless entries keep coming", "[schedule][hints]") {
  Source quiet;
  quiet.entries = daily({9.0}, 60);
  quiet.wishes.no_validators = true;
  CHECK(quiet.poll(kMonday, Limits{}, Price{1, 0}).interval >= Seconds(4 * 3600));
  Wishes bare;
  bare.no_validators = true;
  CHECK(busy_gap(Limits{}, bare).interval == Seconds(3600));
}

TEST_CASE("spans are told in words", "[schedule]") {
  CHECK(words(Seconds(45)) == "45 s");
  CHECK(words(Seconds(600)) == "10 min");
  CHECK(words(Seconds(7200)) == "2 h");
  CHECK(words(Seconds(9000)) == "2 h 30 min");
  CHECK(words(Seconds(86'400 * 3 + 3600)) == "3 d 1 h");
}

}  // namespace riverd::schedule::test
