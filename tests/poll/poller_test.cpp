#include "daemon/poll/poller.h"

#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <filesystem>

#include "daemon/poll/round.h"
#include "tests/fetch/origin.h"
#include "tests/poll/forwarding_store.h"

using namespace riverd;
using namespace std::chrono_literals;
using test::Asked;
using test::Origin;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/riverd-poll-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

/// The real clocks, moved by what tests say: the wall clock when it is set, both when the machine sleeps.
class SettableClock final : public poll::Clock {
 public:
  [[nodiscard]] WallTime wall() const override {
    return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()) + Milliseconds(offset + slept);
  }
  [[nodiscard]] Milliseconds running() const override {
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch()) + Milliseconds(slept.load());
  }
  std::atomic<std::int64_t> offset = 0;
  std::atomic<std::int64_t> slept = 0;
};

std::string feed(int number) {
  return Origin::answer("<rss version='2.0'><channel><title>T</title><item><title>story " + std::to_string(number) +
                        "</title><guid>" + std::to_string(number) + "</guid></item></channel></rss>");
}

struct Setup {
  explicit Setup(const Origin& origin, std::optional<Seconds> interval = 1s) {
    auto made = std::make_shared<config::Config>();
    made->fetch.allow_private_networks = true;
    made->fetch.timeout = 5s;
    for (const auto* name : {"one", "two"}) {
      config::Source source;
      source.name = name;
      source.url = origin.url(std::string("/") + name);
      source.interval = interval;
      made->sources.push_back(source);
    }
    config = made;
    auto opened = storage::open_sqlite({.path = folder.path + "/db"});
    REQUIRE(opened.has_value());
    store = std::move(*opened);
    REQUIRE(store->sync_sources(poll::configured_sources(*config), clock.now(), Seconds(0)).has_value());
  }
  poll::World world(storage::Store& used) {
    return {used, clock, [] { return 0.5; }};
  }
  [[nodiscard]] std::uint64_t posts() const { return store->totals()->posts; }

  Folder folder;
  SettableClock clock;
  std::shared_ptr<const config::Config> config;
  boost::asio::io_context network{1};
  std::unique_ptr<storage::Store> store;
};

/// Runs a poller until something is true, then stops it. False: it did not come.
bool poll_until(Setup& setup, storage::Store& store, const std::function<bool(poll::Poller&)>& true_now,
                std::chrono::seconds limit = 15s, const poll::Poller::Noticed& noticed = {}) {
  poll::Poller poller(setup.network, setup.world(store), setup.config, {}, {}, noticed);
  poller.start();
  bool came = false;
  auto watch = [&]() -> boost::asio::awaitable<void> {
    const auto end = std::chrono::steady_clock::now() + limit;
    boost::asio::steady_timer timer(setup.network);
    while (!came && std::chrono::steady_clock::now() < end) {
      timer.expires_after(20ms);
      co_await timer.async_wait(boost::asio::use_awaitable);
      came = true_now(poller);
    }
    co_await poller.stop(3s);
    setup.network.stop();
  };
  boost::asio::co_spawn(setup.network, watch, boost::asio::detached);
  setup.network.run();
  return came;
}

std::size_t times_asked(const Origin& origin, const std::string& path) {
  const auto asked = origin.asked();
  return static_cast<std::size_t>(std::count_if(asked.begin(), asked.end(), [&](const Asked& one) { return one.path() == path; }));
}

/// Answers each request once it may, or after twenty seconds.
class Gate {
 public:
  void open() { open_ = true; }
  void wait() const {
    for (int i = 0; i < 4000 && !open_; ++i) std::this_thread::sleep_for(5ms);
  }

 private:
  std::atomic<bool> open_ = false;
};

std::optional<Result<poll::Totals>> run_round(Setup& setup, std::vector<std::string> names, const std::function<void()>& meanwhile = {},
                                               poll::Round::Gone gone = poll::Round::Gone::left_out) {
  poll::Round round(setup.network, setup.world(*setup.store), std::make_shared<const poll::Catalogue>(setup.config), {}, {});
  std::optional<Result<poll::Totals>> totals;
  boost::asio::co_spawn(setup.network, round.poll(std::move(names), gone), [&](const std::exception_ptr&, Result<poll::Totals> result) {
    totals = std::move(result);
    setup.network.stop();
  });
  setup.network.restart();
  while (!setup.network.stopped()) {
    setup.network.run_one_for(20ms);
    if (meanwhile) meanwhile();
  }
  return totals;
}

/// Sources at public names, for which a proxy answers: the origin is asked for whole URLs.
void move_to(Setup& setup, const Origin& origin, const std::vector<std::string>& urls) {
  auto changed = std::make_shared<config::Config>(*setup.config);
  changed->fetch.proxy = origin.url("");
  for (std::size_t i = 0; i < urls.size(); ++i) changed->sources[i].url = urls[i];
  setup.config = changed;
  REQUIRE(setup.store->sync_sources(poll::configured_sources(*changed), setup.clock.now(), Seconds(0)).has_value());
}

storage::PollState state_of(const Setup& setup, const std::string& name) {
  const auto source = setup.store->source(name);
  REQUIRE((source && *source));
  return (*source)->state;
}

class FullDisk final : public test::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  void record_shared(std::shared_ptr<const storage::PollOutcome> outcome, Done done) override {
    if (full) {
      ++refused;
      done(Error(Errc::no_space, "record: the disk is full"));
    } else {
      ForwardingStore::record_shared(std::move(outcome), std::move(done));
    }
  }
  std::atomic<bool> full = true;
  std::atomic<int> refused = 0;
};

}  // namespace

TEST_CASE("sources are polled again and again, each at its interval", "[poll]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, feed(1)); });
  Setup setup(origin);
  CHECK(poll_until(setup, *setup.store, [&](poll::Poller& poller) { return poller.stats().polls >= 6; }));
  CHECK(origin.asked().size() >= 6);
  CHECK(setup.posts() >= 1);
}

TEST_CASE("a wall clock that is set, far back or far ahead, neither stops polling nor makes it storm", "[poll]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, feed(1)); });
  Setup setup(origin);
  const std::int64_t jump = GENERATE(-40LL * 365 * 86'400'000, 12LL * 365 * 86'400'000, -3'600'000LL);
  std::uint64_t at_jump = 0;
  CHECK(poll_until(setup, *setup.store, [&](poll::Poller& poller) {
    if (at_jump == 0 && poller.stats().polls >= 2) {
      at_jump = poller.stats().polls;
      setup.clock.offset = jump;
    }
    return at_jump > 0 && poller.stats().polls >= at_jump + 4;
  }));
  std::vector<std::chrono::steady_clock::time_point> times;
  for (const auto& asked : origin.asked()) {
    if (asked.path() == "/one") times.push_back(asked.at);
  }
  for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] - times[i - 1] > 800ms);
}

TEST_CASE("while the disk is full polling pauses and says so, and then nothing that was read is lost", "[poll]") {
  Origin origin([](auto& socket, const Asked& asked) { return Origin::write(socket, feed(asked.path() == "/one" ? 1 : 2)); });
  Setup setup(origin);
  FullDisk disk(*setup.store);
  std::size_t asked_while_full = 0;
  CHECK(poll_until(setup, disk, [&](poll::Poller& poller) {
    if (disk.full && disk.refused >= 4 && !poller.health().ok) {
      CHECK_THAT(poller.health().detail, Catch::Contains("the disk is full"));
      CHECK(setup.posts() == 0);
      asked_while_full = origin.asked().size();
      disk.full = false;
    }
    return !disk.full && setup.posts() == 2 && poller.health().ok;
  }));
  CHECK(asked_while_full == 2);
}

TEST_CASE("poll now asks at once, but not twice at once", "[poll]") {
  Origin origin([](auto& socket, const Asked&) {
    std::this_thread::sleep_for(100ms);
    return Origin::write(socket, feed(1));
  });
  Setup setup(origin, 1h);
  std::optional<Result<void>> first;
  std::optional<Result<void>> second;
  CHECK(poll_until(setup, *setup.store, [&](poll::Poller& poller) {
    if (poller.stats().polls < 2) return false;  // the first round
    if (!first) {
      first = poller.poll_now("one");
      second = poller.poll_now("one");
      CHECK(poller.poll_now("nobody").error().code() == Errc::not_found);
    }
    return poller.stats().polls == 3;
  }));
  REQUIRE(first);
  CHECK(first->has_value());
  REQUIRE_FALSE(second->has_value());
  CHECK(second->error().code() == Errc::busy);
}

TEST_CASE("stopping waits for what was read, and leaves a request that hangs", "[poll]") {
  std::atomic<bool> end = false;
  Origin origin([&](auto& socket, const Asked& asked) {
    if (asked.path() == "/one") return Origin::write(socket, feed(1));
    while (!end) std::this_thread::sleep_for(5ms);
    return false;
  });
  Setup setup(origin);
  const auto start = std::chrono::steady_clock::now();
  CHECK(poll_until(setup, *setup.store, [&](poll::Poller&) { return origin.asked().size() >= 2; }));
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  end = true;
  // The attempt counts: the source is not due at once again.
  const auto view = setup.store->source("two");
  REQUIRE(view.has_value());
  CHECK((*view)->state.last_attempt.has_value());
  const auto due = setup.store->next_due();
  REQUIRE((due.has_value() && *due));
}

TEST_CASE("a source whose host asked to be left alone is put off, unasked, and says why", "[poll]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, feed(1)); });
  Setup setup(origin);
  auto changed = std::make_shared<config::Config>(*setup.config);
  changed->sources[0].url = "http://news.example.org/feed";
  setup.config = changed;
  const Time now = setup.clock.now();
  REQUIRE(setup.store->sync_sources(poll::configured_sources(*changed), now, Seconds(0)).has_value());
  REQUIRE(setup.store->save_host({"news.example.org", now + 1h, Seconds(0)}).has_value());
  std::string reason;
  CHECK(poll_until(setup, *setup.store, [&](poll::Poller&) {
    const auto source = setup.store->source("one");
    REQUIRE((source && *source));
    const storage::PollState& state = (*source)->state;
    reason = state.next_poll_reason;
    return state.next_poll >= now + 1h && !state.last_poll;
  }));
  CHECK(reason == "its host asked to be left alone");
}

TEST_CASE("a round polls each source once and adds up what came", "[poll]") {
  Origin origin([](auto& socket, const Asked& asked) {
    return Origin::write(socket, asked.path() == "/one" ? feed(1) : Origin::answer("x", "", "500 Oops"));
  });
  Setup setup(origin);
  const auto totals = run_round(setup, {"one", "two"});
  REQUIRE(totals);
  REQUIRE(totals->has_value());
  CHECK((*totals)->polled == 2);
  CHECK((*totals)->failed == 1);
  CHECK((*totals)->new_posts == 1);
  CHECK((*totals)->left_out == 0);
}

TEST_CASE("a round on a disk that stays full says so once, gives up in time, and leaves its sources to others", "[poll]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, feed(1)); });
  Setup setup(origin);
  FullDisk disk(*setup.store);
  std::vector<std::string> told;
  poll::Round::StoreTrouble trouble{[&](const Error& error) { told.push_back(error.message()); }, 1500ms};
  poll::Round round(setup.network, setup.world(disk), std::make_shared<const poll::Catalogue>(setup.config), {}, trouble);
  std::optional<Result<poll::Totals>> totals;
  boost::asio::co_spawn(setup.network, round.poll({"one", "two"}, poll::Round::Gone::left_out), [&](const std::exception_ptr&, Result<poll::Totals> result) {
    totals = std::move(result);
    setup.network.stop();
  });
  setup.network.run();
  REQUIRE(totals);
  REQUIRE_FALSE(totals->has_value());
  CHECK(totals->error().code() == Errc::no_space);
  CHECK_THAT(totals->error().message(), Catch::Contains("the disk is full"));
  CHECK(told == std::vector<std::string>{"record: the disk is full"});
  const auto leases = setup.store->leases();
  REQUIRE(leases.has_value());
  CHECK(leases->empty());
  const auto due = setup.store->next_due();
  REQUIRE((due.has_value() && *due));
  CHECK(**due > setup.clock.now() - 1s);  // the attempt counts
}

TEST_CASE("sources that a command with another config took out of the store are put back, and it is said", "[poll]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, feed(1)); });
  Setup setup(origin);
  config::Config other = *setup.config;
  other.sources.resize(1);
  other.sources[0].name = "theirs";
  other.sources[0].url = origin.url("/theirs");
  std::vector<std::string> noticed;
  std::size_t before = 0;
  const auto went_on = [&](poll::Poller& poller) {
    if (before == 0 && times_asked(origin, "/two") > 0) {
      REQUIRE(setup.store->sync_sources(poll::configured_sources(other), setup.clock.now(), 1h).value());
      CHECK_FALSE(poller.poll_now("two").has_value());
      before = times_asked(origin, "/two");
      setup.clock.slept += 61'000;
    }
    return before > 0 && times_asked(origin, "/two") > before;
  };
  CHECK(poll_until(setup, *setup.store, went_on, 15s, [&](const std::string& what) { noticed.push_back(what); }));
  REQUIRE(noticed.size() == 1);
  CHECK_THAT(noticed[0], Catch::Contains("storage.path"));
  CHECK(times_asked(origin, "/theirs") == 0);
}

TEST_CASE("a source that joins another's URL gets its posts, though nothing there has changed", "[poll]") {
  Origin origin([](auto& socket, const Asked& asked) {
    if (asked.field("If-None-Match") == "\"1\"") return Origin::write(socket, "HTTP/1.1 304 Not Modified\r\n\r\n");
    std::string answer = feed(1);
    return Origin::write(socket, answer.insert(answer.find("\r\n") + 2, "ETag: \"1\"\r\n"));
  });
  Setup setup(origin);
  auto joined = std::make_shared<config::Config>(*setup.config);
  joined->sources[1].url = joined->sources[0].url;
  for (const auto& config : {setup.config, std::shared_ptr<const config::Config>(joined)}) {
    REQUIRE(setup.store->sync_sources(poll::configured_sources(*config), setup.clock.now(), Seconds(0)).has_value());
    setup.config = config;
    setup.network.restart();
    CHECK(poll_until(setup, *setup.store, [&](poll::Poller& poller) { return poller.stats().polls >= 2; }));
  }
  storage::PostQuery query;
  query.sources = {"two"};
  const auto page = setup.store->posts(query);
  REQUIRE(page.has_value());
  REQUIRE(page->posts.size() == 1);
}

TEST_CASE("a source that is given another URL while it is polled holds up nobody", "[poll]") {
  Gate gate;
  Origin origin([&](auto& socket, const Asked& asked) {
    if (asked.path() == "/one") gate.wait();
    return Origin::write(socket, feed(1));
  });
  Setup setup(origin);
  auto changed = std::make_shared<config::Config>(*setup.config);
  changed->sources[0].url = origin.url("/moved");
  bool reloading = false;
  std::optional<std::size_t> before;
  CHECK(poll_until(setup, *setup.store, [&](poll::Poller& poller) {
    if (!reloading && times_asked(origin, "/one") == 1) {
      reloading = true;
      boost::asio::co_spawn(setup.network, poller.reload(changed), [&](const std::exception_ptr&, const Result<void>&) {
        before = times_asked(origin, "/two");
        gate.open();
      });
    }
    return before && times_asked(origin, "/two") >= *before + 3 && times_asked(origin, "/moved") >= 1 && poller.health().ok;
  }));
  CHECK(times_asked(origin, "/one") == 1);
}

TEST_CASE("what is asked, or waits in a queue, for longer than its lease is neither asked twice nor lost", "[poll]") {
  Gate gate;
  Origin origin([&](auto& socket, const Asked& asked) {
    gate.wait();
    return Origin::write(socket, feed(asked.path() == "/one" ? 1 : 2));
  });
  Setup setup(origin, 1h);
  auto slow = std::make_shared<config::Config>(*setup.config);
  slow->fetch.per_host = 1;
  slow->fetch.timeout = 20s;
  setup.config = slow;
  CHECK(poll_until(setup, *setup.store, [&](poll::Poller& poller) {
    if (setup.clock.slept == 0 && origin.asked().size() == 1) setup.clock.slept = 90'000;  // a lease lasts for 70 s
    const auto leases = setup.store->leases();
    REQUIRE(leases.has_value());
    const Time now = setup.clock.now();
    const auto holds = [now](const storage::Lease& lease) { return lease.expires > now; };
    if (setup.clock.slept > 0 && std::count_if(leases->begin(), leases->end(), holds) == 2) gate.open();
    return setup.posts() == 2 && poller.health().ok;
  }));
  CHECK(times_asked(origin, "/one") == 1);
  CHECK(times_asked(origin, "/two") == 1);
}

TEST_CASE("a round asks what waited for longer than its lease, unless somebody else does by then", "[poll]") {
  Gate gate;
  Origin origin([&](auto& socket, const Asked&) {
    gate.wait();
    return Origin::write(socket, feed(1));
  });
  Setup setup(origin, 1h);
  auto slow = std::make_shared<config::Config>(*setup.config);
  slow->fetch.per_host = 1;
  setup.config = slow;
  const bool taken = GENERATE(false, true);
  const auto totals = run_round(setup, {"one", "two"}, [&] {
    if (setup.clock.slept > 0 || origin.asked().size() != 1) return;
    setup.clock.slept = 60'000;
    if (taken) CHECK(setup.store->claim_source("two", setup.clock.now(), 1h).has_value());
    gate.open();
  });
  REQUIRE((totals && *totals));
  CHECK((*totals)->polled == (taken ? 1 : 2));
  CHECK((*totals)->left_out == (taken ? 1 : 0));
  CHECK(times_asked(origin, "/two") == (taken ? 0 : 1));
}

TEST_CASE("a page that names itself as its feed is a failure like another, with its back-off", "[poll]") {
  const std::string named = GENERATE("/one", "/home", "/one#top");
  Origin origin([&](auto& socket, const Asked& asked) {
    if (named == "/home" && asked.path() == "/one") {
      return Origin::write(socket, Origin::answer("", "Location: /home\r\n", "302 Found"));
    }
    return Origin::write(socket, Origin::answer("<!DOCTYPE html><html><head><link rel=alternate type='application/rss+xml' href='" + named +
                                                "'></head><body>hello</body></html>", "Content-Type: text/html\r\n"));
  });
  Setup setup(origin, std::nullopt);
  const auto totals = run_round(setup, {"one"});
  REQUIRE((totals && *totals));
  CHECK((*totals)->polled == 1);
  CHECK((*totals)->failed == 1);
  CHECK(times_asked(origin, "/one") == 1);
  CHECK(state_of(setup, "one").interval >= setup.config->schedule.min_interval);
}

TEST_CASE("a page whose feed turns out to be one more page has failed", "[poll]") {
  Origin origin([&](auto& socket, const Asked& asked) {
    const std::string page = "<!DOCTYPE html><html><head><link rel=alternate type='application/rss+xml' href='" + asked.path() +
                             "x'></head><body>hello</body></html>";
    return Origin::write(socket, Origin::answer(page, "Content-Type: text/html\r\n"));
  });
  Setup setup(origin, std::nullopt);
  const auto totals = run_round(setup, {"one"});
  REQUIRE((totals && *totals));
  CHECK(origin.asked().size() == 2);
  CHECK((*totals)->polled == 1);
  CHECK((*totals)->failed == 1);
}

TEST_CASE("what a host asks for through a proxy counts for all its feeds", "[poll]") {
  Origin origin([](auto& socket, const Asked&) {
    return Origin::write(socket, Origin::answer("", "Retry-After: 3600\r\n", "429 Slow down"));
  });
  Setup setup(origin, std::nullopt);
  move_to(setup, origin, {"http://news.example.org/one", "http://news.example.org/two"});
  const auto first = run_round(setup, {"one"});
  REQUIRE((first && *first));
  CHECK((*first)->failed == 1);
  const auto second = run_round(setup, {"two"});
  REQUIRE((second && *second));
  CHECK((*second)->left_out == 1);
  CHECK(origin.asked().size() == 1);
}

TEST_CASE("a host that asked to be left alone is not asked by way of a redirect either", "[poll]") {
  Origin origin([](auto& socket, const Asked& asked) {
    if (asked.path().find("blogs") == std::string::npos) return Origin::write(socket, feed(1));
    return Origin::write(socket, Origin::answer("", "Location: http://burner.example.com/one\r\n", "302 Found"));
  });
  Setup setup(origin, std::nullopt);
  move_to(setup, origin, {"http://blogs.example.org/one"});
  const Time now = setup.clock.now();
  const Seconds wait = GENERATE(Seconds(7200), Seconds(60));
  REQUIRE(setup.store->save_host({"burner.example.com", now + wait, Seconds(0)}).has_value());
  const auto totals = run_round(setup, {"one"});
  REQUIRE((totals && *totals));
  CHECK((*totals)->left_out == 1);
  CHECK(times_asked(origin, "http://blogs.example.org/one") == 1);
  CHECK(times_asked(origin, "http://burner.example.com/one") == 0);
  const storage::PollState state = state_of(setup, "one");
  CHECK(state.next_poll_reason == "its host asked to be left alone");
  CHECK(*state.next_poll >= now + std::max<Seconds>(wait, setup.config->schedule.min_interval));
}

TEST_CASE("a source with an interval of its own takes nothing from the budget of the others", "[poll]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, feed(1)); });
  Setup setup(origin);
  auto mixed = std::make_shared<config::Config>(*setup.config);
  mixed->sources[1].interval.reset();
  setup.config = mixed;
  const auto price = [&](poll::Poller& poller) {
    return poller.pipeline().budget().price(Time(std::chrono::floor<Seconds>(setup.clock.running()))).request;
  };
  std::optional<double> before;
  std::optional<double> after;
  CHECK(poll_until(setup, *setup.store, [&](poll::Poller& poller) {
    if (!before && poller.stats().polls >= 2) before = price(poller);
    if (times_asked(origin, "/one") >= 7) after = price(poller);
    return after.has_value();
  }));
  REQUIRE((before && after));
  CHECK(*before > 0);
  CHECK(*after == Approx(*before).epsilon(0.001));
}

TEST_CASE("a reload takes another budget over", "[poll]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, feed(1)); });
  Setup setup(origin, std::nullopt);
  auto changed = std::make_shared<config::Config>(*setup.config);
  changed->schedule.budget = 0;
  const auto price = [&](poll::Poller& poller) {
    return poller.pipeline().budget().price(Time(std::chrono::floor<Seconds>(setup.clock.running()))).request;
  };
  bool reloading = false;
  bool reloaded = false;
  CHECK(poll_until(setup, *setup.store, [&](poll::Poller& poller) {
    if (!reloading && poller.stats().polls >= 2) {
      reloading = true;
      CHECK(price(poller) > 0);
      boost::asio::co_spawn(setup.network, poller.reload(changed),
                            [&](const std::exception_ptr&, const Result<void>&) { reloaded = true; });
    }
    return reloaded && price(poller) == 0;
  }));
}

TEST_CASE("a round of one source leaves the others their share of the budget", "[poll]") {
  Setup* made = nullptr;
  Origin origin([&](auto& socket, const Asked& asked) {
    std::string items;
    for (int i = 1; i <= 20; ++i) {  // one in seven hours
      const Time date = made->clock.now() - Seconds(i * 7 * 3600);
      items += "<entry><title>story</title><id>" + asked.path() + std::to_string(i) + "</id><updated>" + rfc3339(date) +
               "</updated></entry>";
    }
    return Origin::write(socket, Origin::answer("<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>" + items + "</feed>"));
  });
  Setup setup(origin, std::nullopt);
  made = &setup;
  auto frugal = std::make_shared<config::Config>(*setup.config);
  frugal->schedule.budget = 2;
  setup.config = frugal;
  for (int i = 0; i < 2; ++i) {
    for (const auto* name : {"one", "two"}) run_round(setup, {name});
  }
  CHECK(state_of(setup, "two").interval >= 6h);
  run_round(setup, {"one"});
  CHECK(state_of(setup, "one").interval >= 6h);
}

TEST_CASE("a feed that its publisher ended is asked again by name alone", "[poll]") {
  Origin origin([](auto& socket, const Asked&) { return Origin::write(socket, Origin::answer("", "", "410 Gone")); });
  Setup setup(origin, std::nullopt);
  run_round(setup, {"one"});
  const auto totals = run_round(setup, {"one"});
  REQUIRE((totals && *totals));
  CHECK((*totals)->failed == 0);
  CHECK((*totals)->left_out == 1);
  CHECK(origin.asked().size() == 1);
  run_round(setup, {"one"}, {}, poll::Round::Gone::polled);
  CHECK(origin.asked().size() == 2);
}
