#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <future>
#include <thread>

#include "daemon/commands/daemon.h"
#include "tests/poll/forwarding_store.h"

using namespace riverd;
using namespace riverd::commands;
using namespace std::chrono_literals;

namespace {

/// A folder, gone at the end.
class Folder {
 public:
  Folder() {
    std::string path = (std::filesystem::temp_directory_path() / "riverd-watchdog-XXXXXX").string();
    path_ = ::mkdtemp(path.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// systemd's end of the notify socket, and the environment that names it.
class Manager {
 public:
  explicit Manager(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "60000", 1);
    ::unsetenv("WATCHDOG_PID");
  }
  ~Manager() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(socket_);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  /// Whether a notification with this word comes within `time`.
  [[nodiscard]] bool hears(const std::string& word, std::chrono::milliseconds time) const {
    const auto end = std::chrono::steady_clock::now() + time;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
      pollfd wait{socket_, POLLIN, 0};
      if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) return false;
      char text[4096];
      const auto size = ::recv(socket_, text, sizeof text, 0);
      if (size > 0 && std::string_view(text, static_cast<std::size_t>(size)).find(word) != std::string_view::npos) return true;
    }
  }
  void forget_what_came() const {
    char text[4096];
    while (::recv(socket_, text, sizeof text, MSG_DONTWAIT) > 0) {
    }
  }

 private:
  int socket_;
};

/// A store whose ping hangs while it is told to.
class HangingStore final : public test::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Result<void> ping() override {
    if (hangs) {
      if (!hung.exchange(true)) hanging.set_value();
      released.get_future().wait();
      hangs = false;
    }
    return ForwardingStore::ping();
  }
  std::atomic<bool> hangs = false;
  std::atomic<bool> hung = false;
  std::promise<void> hanging;
  std::promise<void> released;
};

}  // namespace

TEST_CASE("the watchdog is fed while the store answers, and not while it hangs", "[service][issue6]") {
  const Folder folder;
  const Manager manager(folder.file("notify"));
  auto store = storage::open_sqlite({.path = folder.file("riverd.db")});
  REQUIRE(store.has_value());
  HangingStore hanging(**store);
  auto config = std::make_shared<config::Config>();
  config->server.listen = "unix:" + folder.file("http");
  auto listener = http::listen_at(config->server);
  REQUIRE(listener.has_value());
  boost::asio::io_context network(1);
  Daemon daemon(network, hanging, config, {*listener});
  REQUIRE(daemon.start().has_value());
  std::thread running([&] { daemon.run(); });

  CHECK(manager.hears("STATUS=0 sources, 0 failing, 0 posts", 10s));
  CHECK(manager.hears("WATCHDOG=1", 10s));
  hanging.hangs = true;
  hanging.hanging.get_future().wait();
  manager.forget_what_came();
  CHECK_FALSE(manager.hears("WATCHDOG=1", 500ms));  // eight times as long as the interval
  hanging.released.set_value();
  CHECK(manager.hears("WATCHDOG=1", 10s));

  ::raise(SIGTERM);
  running.join();
  CHECK(manager.hears("STOPPING=1", 10s));
}
