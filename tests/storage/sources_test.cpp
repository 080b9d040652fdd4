#include <catch2/catch.hpp>
#include <chrono>
#include <set>

#include "support.h"

using namespace riverd;
using namespace riverd::storage;
using namespace riverd::storage::testing;

namespace {

std::vector<Lease> claim(River& river, std::size_t n = 1000, Seconds length = 60s) {
  auto leases = river->claim(river.now, n, length);
  REQUIRE(leases);
  return *leases;
}

PollOutcome outcome_of(const Lease& lease, Time at, Time next) {
  PollOutcome outcome;
  outcome.lease = lease;
  outcome.state = lease.state;
  outcome.state.next_poll = next;
  outcome.at = at;
  return outcome;
}

}  // namespace

TEST_CASE("first polls of many sources are spread, and the same way each time", "[sources]") {
  std::vector<ConfiguredSource> sources;
  for (int i = 0; i < 1000; ++i) sources.push_back(testing::source("s" + std::to_string(i)));
  std::vector<std::int64_t> due[2];
  for (auto& times : due) {
    River river({});
    REQUIRE(river->sync_sources(sources, kNoon, 3600s));
    std::vector<int> per_minute(60);
    REQUIRE(river->each_source([&](SourceView&& view) {
      const auto after = (*view.state.next_poll - kNoon).count();
      REQUIRE((after >= 0 && after < 3600));
      ++per_minute[static_cast<std::size_t>(after / 60)];
      times.push_back(after);
      return true;
    }));
    CHECK(*std::max_element(per_minute.begin(), per_minute.end()) < 50);
  }
  CHECK(due[0] == due[1]);
}

TEST_CASE("due sources are handed out once, earliest first, and come back when planned", "[polls]") {
  River river({"a", "b", "c"});
  auto leases = claim(river, 2);
  REQUIRE(leases.size() == 2);
  CHECK(leases[0].state.last_attempt == river.now);
  CHECK(leases[0].expires == river.now + 60s);
  CHECK(claim(river).size() == 1);
  CHECK(claim(river).empty());
  REQUIRE(record(*river, outcome_of(leases[0], river.now, river.now + 600s)));
  river.now += 30s;
  CHECK(claim(river).empty());
  river.now += 570s;
  CHECK(claim(river).size() == 3);
}

TEST_CASE("twenty restarts in a minute poll nothing twice", "[polls]") {
  River river({"a", "b"});
  CHECK(claim(river).size() == 2);
  for (int i = 0; i < 20; ++i) {
    river.reopen();
    river.sync({testing::source("a"), testing::source("b")});
    CHECK(claim(river).empty());
    river.now += 2s;
  }
  river.now += 60s;
  CHECK(claim(river).size() == 2);
}

TEST_CASE("the next due time is the earliest of all", "[polls]") {
  River river({"a"});
  CHECK(*river->next_due() == std::optional(kNoon));
  const auto lease = claim(river).at(0);
  CHECK(*river->next_due() == std::optional(kNoon + 60s));
  REQUIRE(river->release(lease, kNoon + 5s, {}));
  CHECK(*river->next_due() == std::optional(kNoon + 5s));
  river.sync({});
  CHECK(*river->next_due() == std::nullopt);
}

TEST_CASE("a poll that is put off says why, and one that is given back without a word keeps its reason", "[polls]") {
  River river({"a"});
  REQUIRE(river->release(claim(river).at(0), kNoon + 5s, "its host is asked slowly"));
  CHECK((*river->source("a"))->state.next_poll_reason == "its host is asked slowly");
  river.now += 5s;
  REQUIRE(river->release(claim(river).at(0), kNoon + 10s, {}));
  CHECK((*river->source("a"))->state.next_poll_reason == "its host is asked slowly");
}

TEST_CASE("a lease that ran out and was given to another is worth nothing", "[polls]") {
  River river({"a"});
  const auto old = claim(river).at(0);
  river.now += 61s;
  const auto current = claim(river).at(0);
  const auto refused = record(*river, outcome_of(old, river.now, river.now + 1h));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code() == Errc::lost);
  REQUIRE(river->release(old, river.now, {}));
  CHECK(claim(river).empty());
  CHECK(record(*river, outcome_of(current, river.now, river.now + 1h)));
}

TEST_CASE("poll now takes a source that is not due, but not one that is being polled or asked for peace", "[polls]") {
  River river({"a"});
  auto lease = river->claim_source("a", kNoon - 1h, 60s);
  REQUIRE(lease);
  CHECK(river->claim_source("a", kNoon - 1h, 60s).error().code() == Errc::busy);
  auto outcome = outcome_of(*lease, kNoon, kNoon + 2h);
  outcome.state.not_before = kNoon + 1h;
  REQUIRE(record(*river, outcome));
  CHECK(river->claim_source("a", kNoon + 59min, 60s).error().code() == Errc::busy);
  CHECK(river->claim_source("a", kNoon + 60min, 60s));
  CHECK(river->claim_source("b", kNoon, 60s).error().code() == Errc::not_found);
  CHECK(river->claim_sources({"a", "b"}, kNoon + 3h, 60s)->size() == 1);
}

TEST_CASE("what is remembered of a source comes back whole", "[polls]") {
  River river({"a"});
  auto lease = claim(river).at(0);
  PollState state = lease.state;
  state.state = State::failing;
  state.effective_url = "https://new.example/feed";
  state.redirect_target = "https://other.example/";
  state.redirect_seen = 2;
  state.etag = "W/\"\xff odd\"";
  state.last_modified = "yesterday";
  state.validator_url = "https://cdn.example/";
  state.body_hash = 0xfedcba9876543210U;
  state.last_poll = kNoon;
  state.last_success = kNoon - 1h;
  state.failing_since = kNoon - 2h;
  state.next_poll = kNoon + 1h;
  state.next_poll_reason = "because";
  state.interval = 3600s;
  state.not_before = kNoon + 30min;
  state.http_status = 503;
  state.error = "the server is busy";
  state.consecutive_failures = 3;
  state.polls = 7;
  state.not_modified = 4;
  state.bytes = 123456789012;
  state.title = "A feed";
  state.site_url = "https://a.example/";
  state.hub = "https://hub.example/";
  state.schedule = std::string("\0\1binary", 8);
  auto outcome = outcome_of(lease, kNoon, kNoon);
  outcome.state = state;
  REQUIRE(record(*river, outcome));
  river.reopen();
  const auto kept = river->source("a");
  REQUIRE(kept);
  REQUIRE(*kept);
  CHECK((*kept)->title == "A feed");
  const PollState& s = (*kept)->state;
  CHECK(s.state == State::failing);
  CHECK(s.effective_url == state.effective_url);
  CHECK(s.redirect_target == state.redirect_target);
  CHECK(s.redirect_seen == 2);
  CHECK(s.etag == state.etag);
  CHECK(s.last_modified == state.last_modified);
  CHECK(s.validator_url == state.validator_url);
  CHECK(s.body_hash == state.body_hash);
  CHECK(s.last_attempt == kNoon);
  CHECK(s.last_poll == state.last_poll);
  CHECK(s.last_success == state.last_success);
  CHECK(s.failing_since == state.failing_since);
  CHECK(s.next_poll == state.next_poll);
  CHECK(s.next_poll_reason == "because");
  CHECK(s.interval == 3600s);
  CHECK(s.not_before == state.not_before);
  CHECK(s.http_status == 503);
  CHECK(s.error == state.error);
  CHECK(s.consecutive_failures == 3);
  CHECK(s.polls == 7);
  CHECK(s.not_modified == 4);
  CHECK(s.bytes == 123456789012);
  CHECK(s.site_url == state.site_url);
  CHECK(s.hub == state.hub);
  CHECK(s.schedule == state.schedule);
  CHECK(river->totals()->failing == 1);
  CHECK(river->totals()->sources == 1);
}

TEST_CASE("a renamed source keeps its posts and its state by its URL", "[sources]") {
  River river({"old"});
  river.poll("old", {{"1", "https://x.example/1", "One", kNoon}});
  river.sync({testing::source("new", "https://old.example/feed")});
  const auto posts = river.all();
  REQUIRE(posts.size() == 1);
  CHECK(posts[0].sources[0].name == "new");
  CHECK((*river->source("new"))->state.state == State::ok);
  CHECK((*river->source("new"))->state.last_attempt == river.now);
  CHECK_FALSE(*river->source("old"));
  CHECK(river.poll("new", {{"1", "https://x.example/1", "One", kNoon}}).new_posts == 0);
}

TEST_CASE("two sources that swap their names swap nothing else", "[sources]") {
  River river({"a", "b"});
  river.poll("a", {{"1", "https://x.example/1", "Of the first", kNoon}});
  river.sync({testing::source("b", "https://a.example/feed"), testing::source("a", "https://b.example/feed")});
  CHECK(river.all().at(0).sources.at(0).name == "b");
}

TEST_CASE("a source that moved keeps its posts and is polled afresh", "[sources]") {
  River river({"a"});
  river.poll("a", {{"1", "https://x.example/1", "One", kNoon}});
  river.sync({testing::source("a", "https://elsewhere.example/")});
  const auto view = *river->source("a");
  CHECK(view->posts == 1);
  CHECK(view->state.state == State::fresh);
  CHECK(claim(river).at(0).url == "https://elsewhere.example/");
}

TEST_CASE("a source that is removed keeps its posts, and finds them again", "[sources]") {
  River river({"a", "b"});
  river.poll("a", {{"1", "https://x.example/1", "One", kNoon}});
  river.sync({testing::source("b")});
  CHECK(river.all().size() == 1);
  CHECK(river->sources()->size() == 2);
  CHECK_FALSE((*river->source("a"))->configured);
  river.now += 24h;
  const auto leases = claim(river);
  REQUIRE(leases.size() == 1);
  CHECK(leases[0].names == std::vector<std::string>{"b"});
  river.sync({testing::source("a"), testing::source("b")});
  CHECK((*river->source("a"))->configured);
  CHECK(river.poll("a", {{"1", "https://x.example/1", "One", kNoon}}).new_posts == 0);
}

TEST_CASE("a disabled source says so, is not polled, and goes on where it was", "[sources]") {
  River river({"a"});
  river.poll("a", {{"1", "https://x.example/1", "One", kNoon}});
  auto off = testing::source("a");
  off.enabled = false;
  river.sync({off});
  CHECK((*river->source("a"))->state.state == State::disabled);
  river.now += 24h;
  CHECK(claim(river).empty());
  river.sync({testing::source("a")});
  CHECK((*river->source("a"))->state.state == State::ok);
  CHECK(claim(river).size() == 1);
}

TEST_CASE("other headers for a source ask anew, without the old validators", "[sources]") {
  River river({"a"});
  auto lease = claim(river).at(0);
  auto outcome = outcome_of(lease, kNoon, kNoon + 1h);
  outcome.state.etag = "\"1\"";
  outcome.state.polls = 5;
  REQUIRE(record(*river, outcome));
  auto changed = testing::source("a");
  changed.request_key = 99;
  river.sync({changed});
  river.now += 30min;
  CHECK(claim(river).empty());
  river.now += 30min;
  const auto again = claim(river).at(0);
  CHECK(again.state.etag.empty());
  CHECK(again.state.polls == 5);
}

TEST_CASE("an outcome for a source that moved meanwhile is not taken", "[sources]") {
  River river({"a"});
  const auto lease = claim(river).at(0);
  river.sync({testing::source("a", "https://elsewhere.example/")});
  CHECK(record(*river, outcome_of(lease, kNoon, kNoon + 1h)).error().code() == Errc::lost);
}

TEST_CASE("a gone source is not polled until somebody says so", "[polls]") {
  River river({"a"});
  auto outcome = outcome_of(claim(river).at(0), kNoon, kNoon);
  outcome.state.state = State::gone;
  outcome.state.next_poll.reset();
  REQUIRE(record(*river, outcome));
  river.now += 10000h;
  CHECK(claim(river).empty());
  river.reopen();
  river.sync({testing::source("a")});
  CHECK(claim(river).empty());

  SECTION("by command") { CHECK(river->claim_source("a", river.now, 60s)); }
  SECTION("by taking it out of the config and putting it back") {
    river.sync({});
    river.sync({testing::source("a")});
    CHECK(claim(river).size() == 1);
  }
}

TEST_CASE("a source that joins the poll of another gets a whole answer, not a 304", "[sources]") {
  River river({"a"});
  auto outcome = outcome_of(claim(river).at(0), kNoon, kNoon + 1h);
  outcome.state.etag = "\"1\"";
  outcome.state.body_hash = 5;
  REQUIRE(record(*river, outcome));
  river.sync({testing::source("a"), testing::source("b", "https://a.example/feed")});
  river.now += 1h;
  const auto lease = claim(river).at(0);
  CHECK(lease.names == std::vector<std::string>{"a", "b"});
  CHECK(lease.state.etag.empty());
  CHECK(lease.state.body_hash == 0);
}

TEST_CASE("a source that joins a poll under way gets a whole answer next time, not a 304", "[sources]") {
  River river({"a"});
  const auto lease = claim(river).at(0);
  river.sync({testing::source("a"), testing::source("b", "https://a.example/feed")});
  auto outcome = outcome_of(lease, kNoon, kNoon + 1h);
  outcome.state.etag = "\"1\"";
  outcome.state.last_modified = "Mon, 05 Jan 2026 12:00:00 GMT";
  outcome.state.body_hash = 5;
  outcome.state.polls = 5;
  REQUIRE(record(*river, outcome));
  river.now += 1h;
  const auto again = claim(river).at(0);
  CHECK(again.state.etag.empty());
  CHECK(again.state.last_modified.empty());
  CHECK(again.state.body_hash == 0);
  CHECK(again.state.polls == 5);
}

TEST_CASE("a source that is enabled, or put back, beside one with its URL gets a whole answer, not a 304", "[sources]") {
  const bool known = GENERATE(false, true);
  River river({"a"});
  auto b = testing::source("b", "https://a.example/feed");
  if (known) river.sync({testing::source("a"), b});
  b.enabled = false;
  river.sync(known ? std::vector{testing::source("a")} : std::vector{testing::source("a"), b});
  auto outcome = outcome_of(claim(river).at(0), kNoon, kNoon + 1h);
  outcome.state.etag = "\"1\"";
  outcome.state.body_hash = 5;
  REQUIRE(record(*river, outcome));
  b.enabled = true;
  river.sync({testing::source("a"), b});
  river.now += 1h;
  const auto lease = claim(river).at(0);
  CHECK(lease.names == std::vector<std::string>{"a", "b"});
  CHECK(lease.state.etag.empty());
  CHECK(lease.state.body_hash == 0);
}

TEST_CASE("a lease can be made to last longer until somebody else has the poll", "[polls]") {
  River river({"a"});
  const auto lease = claim(river).at(0);
  REQUIRE(river->renew(lease, kNoon + 10min));
  river.now += 5min;
  CHECK(claim(river).empty());
  river.now += 6min;
  REQUIRE(river->renew(lease, river.now + 60s));  // it ran out, but nobody wanted it
  CHECK(claim(river).empty());
  river.now += 2min;
  const auto other = claim(river).at(0);
  CHECK(other.poll == lease.poll);
  CHECK(river->renew(lease, river.now + 60s).error().code() == Errc::lost);
  CHECK(record(*river, outcome_of(lease, river.now, river.now + 1h)).error().code() == Errc::lost);
  CHECK(record(*river, outcome_of(other, river.now, river.now + 1h)));
}

TEST_CASE("a clock that jumps moves all plans with it", "[polls]") {
  River river({"a", "b"});
  auto outcome = outcome_of(claim(river, 1).at(0), kNoon, kNoon + 1h);
  REQUIRE(record(*river, outcome));
  REQUIRE(river->save_host({"h.example", kNoon + 10min, 5s}));
  REQUIRE(river->shift_times(-Seconds(1000h)));
  CHECK(*river->next_due() == std::optional(kNoon - 1000h));
  CHECK(river->hosts()->at(0).not_before == kNoon + 10min - 1000h);
  CHECK(river->hosts()->at(0).spacing == 5s);
}

TEST_CASE("credentials in a URL are shown to nobody", "[sources]") {
  River river({});
  river.sync({testing::source("a", "https://user:secret@x.example/feed?u=a@b")});
  CHECK((*river->source("a"))->url == "https://x.example/feed?u=a@b");
  CHECK(claim(river).at(0).url == "https://user:secret@x.example/feed?u=a@b");
}

TEST_CASE("a hundred thousand sources are configured in two seconds, and again in much less", "[sources][speed]") {
  std::vector<ConfiguredSource> sources;
  for (int i = 0; i < 100'000; ++i) sources.push_back(testing::source("source-" + std::to_string(i)));
  River river({});
  const auto timed = [&](auto&& what) {
    const auto began = std::chrono::steady_clock::now();
    REQUIRE(what());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  const double first = timed([&] { return river->sync_sources(sources, kNoon, 3600s).has_value(); });
  const double again = timed([&] { return river->sync_sources(sources, kNoon, 3600s).has_value(); });
  WARN("100,000 sources: " << first << " s new, " << again << " s unchanged");
  CHECK(again < first);
  const auto leases = river->claim(kNoon + 3600s, 300, 60s);
  REQUIRE(leases);
  CHECK(leases->size() == 300);
}

TEST_CASE("posts name their sources as they are called now, whoever renamed them", "[sources]") {
  River river({"a", "b"});
  river.poll("a", {{"1", "https://x.example/1", "One", kNoon}});
  river.poll("b", {{"2", "https://x.example/2", "Two", kNoon - 1h}});
  const auto titles = [&river] {
    std::vector<std::string> out;
    for (const auto order : {Order::date, Order::arrival}) {
      PostQuery query;
      query.order = order;
      std::set<std::string> named;
      for (const auto& post : river.all(query)) named.insert(post.sources.front().name + '=' + post.sources.front().title.value_or(""));
      for (const auto& name : named) out.push_back(name);
    }
    return out;
  };
  const auto twice = [](std::vector<std::string> once) {
    once.insert(once.end(), {once[0], once[1]});
    return once;
  };
  CHECK(titles() == twice({"a=", "b="}));
  CHECK(titles() == twice({"a=", "b="}));
  auto first = testing::source("a");
  first.title = "From the config";
  river.sync({first, testing::source("b")});
  CHECK(titles() == twice({"a=From the config", "b="}));
  auto lease = river->claim_source("b", river.now, 60s);
  REQUIRE(lease);
  auto outcome = outcome_of(*lease, river.now, river.now + 1h);
  outcome.state.title = "From the feed";
  REQUIRE(record(*river, std::move(outcome)));
  CHECK(titles() == twice({"a=From the config", "b=From the feed"}));
  {
    auto other = testing::open(river.folder.file("riverd.db"));
    first.title = "By another process";
    REQUIRE(other->sync_sources({first, testing::source("b")}, river.now, 0s));
  }
  CHECK(titles() == twice({"a=By another process", "b=From the feed"}));
}
