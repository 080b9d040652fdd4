#include <catch2/catch.hpp>

#include <set>

#include "daemon/schedule/policy.h"
#include "tests/schedule/simulation.h"

namespace riverd::schedule::test {

TEST_CASE("a source that writes nothing any more ends at the longest interval", "[schedule]") {
  Source dead;
  dead.entries = daily({9.0}, 10);  // the last entry is three weeks old at the first poll
  const Decision d = dead.run(kMonday, kMonday + kDayLong * 400, limits(), Price{130'000, kPrice.feed_worth});
  CHECK(d.interval == limits().max_interval);
  CHECK(d.reason == "it is quiet: the longest interval");
}

TEST_CASE("a morning newspaper is polled in the morning", "[schedule]") {
  Source paper;
  paper.entries = daily({5.0, 5.3, 5.6, 6.0, 6.2, 6.5, 6.8, 7.0}, 60);
  paper.run(kMonday, kMonday + kDayLong * 28, limits(), kPrice);
  const Time settled = kMonday + kDayLong * 14;
  double delay = 0;
  int entries = 0;
  for (const Time entry : paper.entries) {
    const auto seen = std::lower_bound(paper.polls.begin(), paper.polls.end(), entry);
    if (entry < settled || seen == paper.polls.end()) continue;
    delay += static_cast<double>((*seen - entry).count());
    ++entries;
  }
  const auto first = std::lower_bound(paper.polls.begin(), paper.polls.end(), settled);
  const double even = 14 * 86'400.0 / static_cast<double>(paper.polls.end() - first) / 2;  // as many polls, evenly
  CHECK(delay / entries < 0.6 * even);
}

TEST_CASE("an entry at the full hour is not waited for until five past", "[schedule]") {
  Source hourly;
  for (int hour = -24 * 7; hour < 24 * 28; ++hour) hourly.entries.push_back(kMonday + kHourLong * hour);
  hourly.run(kMonday, kMonday + kDayLong * 28, limits(), kPrice);
  std::size_t soon = 0, all = 0;
  for (const Time poll : hourly.polls) {
    if (poll < kMonday + kDayLong * 14) continue;
    ++all;
    if ((poll - kMonday).count() % 3600 < 300) ++soon;
  }
  CHECK(soon * 10 > all * 9);
}

TEST_CASE("entries pushed out of the document unseen shorten the gap", "[schedule]") {
  Source flood;
  flood.window = 10;
  for (int minute = -10; minute < 60 * 24 * 3; ++minute) flood.entries.push_back(kMonday + Seconds(60) * minute);
  const Decision first = flood.poll(kMonday, limits(), kPrice);
  const Time late = kMonday + Seconds(7200);
  const Decision second = flood.poll(late, limits(), kPrice);
  CHECK(second.interval <= Seconds(7200) * 6 / 10);
  CHECK(first.interval <= Seconds(2 * 3600));
  const Decision last = flood.run(second.next, kMonday + kDayLong, limits(), kPrice);
  CHECK(last.interval <= Seconds(660));
}

TEST_CASE("the shortest interval binds, however busy a source is", "[schedule]") {
  Source busy;
  for (int i = -2000; i < 20'000; ++i) busy.entries.push_back(kMonday + Seconds(20) * i);
  Limits hourly;
  const Decision d = busy.run(kMonday, kMonday + kDayLong * 2, hourly, Price{40, 0});
  CHECK(d.interval >= hourly.min_interval);
  for (std::size_t i = 1; i < busy.polls.size(); ++i) CHECK(busy.polls[i] - busy.polls[i - 1] >= hourly.min_interval);
}

TEST_CASE("a dearer request makes every gap longer", "[schedule]") {
  Source blog;
  blog.entries = daily({8.1, 12.7, 17.4}, 60);
  blog.run(kMonday, kMonday + kDayLong * 7, limits(), kPrice);
  Seconds before{0};
  for (const double price : {100.0, 1000.0, 10'000.0, 100'000.0}) {
    const Decision d = decide(blog.model, limits(), {}, Price{price, kPrice.feed_worth}, kMonday + kDayLong * 7, 0.5);
    CAPTURE(price);
    CHECK(d.interval >= before);
    before = d.interval;
  }
}

TEST_CASE("without a budget only the intervals decide", "[schedule]") {
  Source quiet;
  quiet.entries = daily({9.0}, 5);
  Limits none = limits();
  none.budget = 0;
  Budget budget(none, kMonday);
  budget.set_sources(1, kMonday);
  CHECK(quiet.poll(kMonday, none, budget.price(kMonday)).interval == none.min_interval);
  quiet.wishes.hint = GENERATE(Seconds(7200), Seconds(21'600), Seconds(50'000));
  const double spread = GENERATE(0.0, 0.3, 0.9);
  const Decision hinted = quiet.poll(kMonday + kHourLong, none, budget.price(kMonday), spread);
  CHECK(hinted.interval == quiet.wishes.hint);
  CHECK_THAT(hinted.reason, Catch::Contains("the publisher asks for"));
}

TEST_CASE("sources with one plan do not start in one second, nor on the hour", "[schedule]") {
  std::set<Time> starts;
  Dice dice(7);
  for (int i = 0; i < 1000; ++i) {
    Source source;
    source.entries = daily({9.0, 15.0}, 30);
    const Decision d = source.poll(kMonday, limits(), kPrice, dice.next());
    starts.insert(d.next);
    CHECK((d.next - kMonday).count() % 3600 != 0);
  }
  CHECK(starts.size() >= 60);
}

TEST_CASE("a fixed interval is kept, and jitter only lengthens it", "[schedule]") {
  Source source;
  source.entries = daily({9.0, 15.0}, 30);
  source.wishes.interval = Seconds(1800);
  for (const double spread : {0.0, 0.3, 0.999}) {
    const Decision d = source.poll(kMonday, Limits{}, kPrice, spread);
    CAPTURE(spread);
    CHECK(d.interval >= Seconds(1800));
    CHECK(d.interval <= Seconds(1890));
    CHECK(d.reason == "the config fixes its interval");
  }
}

TEST_CASE("a fixed interval of a second is one second", "[schedule]") {
  Source source;
  source.wishes.interval = Seconds(1);
  CHECK(source.poll(kMonday, Limits{}, kPrice, 0.99).interval == Seconds(1));
}

}  // namespace riverd::schedule::test
