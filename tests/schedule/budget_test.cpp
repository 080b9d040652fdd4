#include <catch2/catch.hpp>

#include <map>

#include "daemon/schedule/budget.h"
#include "tests/schedule/simulation.h"

namespace riverd::schedule::test {
namespace {

/// Sources from one entry a month to a hundred a day, polled for `days`; returns polls a source and day.
double spent(double per_day, int days, std::vector<Source>& sources) {
  Limits limits = test::limits();
  limits.budget = per_day;
  Budget budget(limits, kMonday);
  budget.set_sources(sources.size(), kMonday);
  std::multimap<Time, std::size_t> due;
  for (std::size_t i = 0; i < sources.size(); ++i) due.emplace(kMonday + Seconds(static_cast<std::int64_t>(i)), i);
  Dice dice(11);
  std::size_t polls = 0;
  while (due.begin()->first < kMonday + kDayLong * days) {
    const auto [now, i] = *due.begin();
    due.erase(due.begin());
    const Decision d = sources[i].poll(now, limits, budget.price(now), dice.next());
    budget.polled(static_cast<std::int64_t>(i), demand(sources[i].model, limits, sources[i].wishes), now);
    due.emplace(d.next, i);
    ++polls;
  }
  return static_cast<double>(polls) / static_cast<double>(sources.size()) / days;
}

std::vector<Source> mixed(std::size_t count, int days) {
  std::vector<Source> sources(count);
  Dice dice(5);
  for (std::size_t i = 0; i < count; ++i) {
    const double gap = 86'400 * 30 * std::pow(0.0003, dice.next());  // 30 days to 13 minutes
    Time at = kMonday - Seconds(static_cast<std::int64_t>(gap * 20));
    while (at < kMonday + kDayLong * days) {
      sources[i].entries.push_back(at);
      at += Seconds(1 + static_cast<std::int64_t>(-std::log(1 - dice.next()) * gap));
    }
  }
  return sources;
}

}  // namespace

TEST_CASE("the budget is kept over a mixed population", "[schedule][budget]") {
  const double budget = GENERATE(4.0, 12.0, 24.0);
  auto sources = mixed(60, 10);
  const double used = spent(budget, 10, sources);
  CAPTURE(budget);
  CHECK(used <= budget * 1.02);
  CHECK(used >= budget * 0.9);
}

TEST_CASE("within a budget busy sources are polled more often than quiet ones", "[schedule][budget]") {
  auto sources = mixed(60, 10);
  spent(8, 10, sources);
  const auto busiest = std::max_element(sources.begin(), sources.end(),
                                        [](const Source& a, const Source& b) { return a.entries.size() < b.entries.size(); });
  const auto quietest = std::min_element(sources.begin(), sources.end(),
                                         [](const Source& a, const Source& b) { return a.entries.size() < b.entries.size(); });
  CHECK(busiest->polls.size() > 3 * quietest->polls.size());
  CHECK(quietest->polls.size() >= 10);  // max_interval wins over the budget
}

TEST_CASE("more than the budget allows raises the price, less lowers it", "[schedule][budget]") {
  Limits limits = test::limits();
  limits.budget = 4;
  Budget budget(limits, kMonday);
  budget.set_sources(10, kMonday);
  Demand demand;
  demand.rate = 3.0F / 86'400;
  for (int i = 0; i < 10; ++i) budget.polled(i, demand, kMonday);
  const double before = budget.price(kMonday).request;
  for (int i = 0; i < 40; ++i) budget.spent(kMonday);
  CHECK(budget.price(kMonday).request > before);
  CHECK(budget.price(kMonday + kDayLong * 2).request < before);
}

TEST_CASE("a long idle time is no licence for a storm", "[schedule][budget]") {
  Limits limits = test::limits();
  limits.budget = 4;
  Budget budget(limits, kMonday);
  budget.set_sources(10, kMonday);
  Demand demand;
  demand.rate = 3.0F / 86'400;
  for (int i = 0; i < 10; ++i) budget.polled(i, demand, kMonday);
  const double price = budget.price(kMonday + kDayLong * 400).request;
  CHECK(price > 0);
  for (int i = 0; i < 120; ++i) budget.spent(kMonday + kDayLong * 400);  // three days' worth
  CHECK(budget.price(kMonday + kDayLong * 400).request > price);
}

TEST_CASE("a budget that is changed counts at once", "[schedule][budget]") {
  Limits limits = test::limits();
  limits.budget = 0;
  Budget budget(limits, kMonday);
  budget.set_sources(10, kMonday);
  Demand demand;
  demand.rate = 3.0F / 86'400;
  for (int i = 0; i < 1000; ++i) budget.polled(i % 10, demand, kMonday + Seconds(i));
  const Time now = kMonday + Seconds(1000);
  CHECK(budget.price(now).request == 0);
  limits.budget = 4;
  budget.set_limits(limits, now);
  const double dear = budget.price(now).request;
  CHECK(dear > 0);
  limits.budget = 8;
  budget.set_limits(limits, now);
  CHECK(budget.price(now).request < dear);
  limits.budget = 0;
  budget.set_limits(limits, now);
  CHECK(budget.price(now).request == 0);
}

TEST_CASE("the price is known from what the sources demand, before any is polled", "[schedule][budget]") {
  Limits limits = test::limits();
  limits.budget = 4;
  Budget polled(limits, kMonday);
  Budget told(limits, kMonday);
  Budget::Demands demands;
  for (int i = 0; i < 10; ++i) demands[i].rate = static_cast<float>(i) / 86'400;
  for (Budget* budget : {&polled, &told}) budget->set_sources(10, kMonday);
  for (const auto& [source, demand] : demands) polled.polled(source, demand, kMonday);
  told.set_demands(demands, kMonday);
  CHECK(told.price(kMonday).request > 1000);
  for (int i = 0; i < 10; ++i) told.spent(kMonday);
  CHECK(told.price(kMonday + kHourLong).request == polled.price(kMonday + kHourLong).request);
}

TEST_CASE("a source that is polled no more leaves its share to the others", "[schedule][budget]") {
  Limits limits = test::limits();
  limits.budget = 4;
  Budget budget(limits, kMonday);
  budget.set_sources(2, kMonday);
  Demand busy, quiet;
  busy.rate = 100.0F / 86'400;
  quiet.rate = 0.5F / 86'400;
  budget.polled(1, busy, kMonday);
  budget.polled(2, quiet, kMonday);
  const double with = budget.price(kMonday + kHourLong * 12).request;
  budget.forget(1);
  budget.set_sources(1, kMonday + kHourLong * 12);
  CHECK(budget.price(kMonday + kHourLong * 14).request < with);
}

}  // namespace riverd::schedule::test
