#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <filesystem>

#include "daemon/poll/poller.h"
#include "tests/poll/forwarding_store.h"

using namespace riverd;
using namespace std::chrono_literals;

namespace {

/// Both clocks, ahead of the real ones by what a test says.
class AheadClock final : public poll::Clock {
 public:
  [[nodiscard]] WallTime wall() const override { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()) + ahead; }
  [[nodiscard]] Milliseconds running() const override {
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch()) + ahead;
  }
  Milliseconds ahead{0};
};

class FullStore final : public test::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Result<std::vector<storage::Lease>> claim(Time, std::size_t, Seconds) override { return Error(Errc::no_space, "the disk is full"); }
};

}  // namespace

TEST_CASE("a loop that does not turn for a minute has stalled, one that waits for a full disk has not", "[poll][issue6]") {
  char name[] = "/tmp/riverd-poll-XXXXXX";
  const std::string folder = mkdtemp(name);
  auto store = storage::open_sqlite({.path = folder + "/db"});
  REQUIRE(store.has_value());
  FullStore full(**store);
  AheadClock clock;
  boost::asio::io_context network(1);
  poll::Poller poller(network, poll::World{full, clock, [] { return 0.5; }}, std::make_shared<const config::Config>(), {});
  CHECK_FALSE(poller.stalled());
  clock.ahead = 61s;
  CHECK(poller.stalled());
  CHECK_FALSE(poller.health().ok);

  poller.start();
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (poller.health().detail.find("the disk is full") == std::string::npos && std::chrono::steady_clock::now() < end) network.run_one_for(100ms);
  CHECK_THAT(poller.health().detail, Catch::Contains("the disk is full"));
  CHECK_FALSE(poller.stalled());

  auto stop = [&]() -> boost::asio::awaitable<void> {
    co_await poller.stop(2s);
    network.stop();
  };
  boost::asio::co_spawn(network, stop, boost::asio::detached);
  network.run();
  std::filesystem::remove_all(folder);
}
