#include "daemon/commands/service.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

namespace riverd::commands {

void notify(const std::string& state) { static_cast<void>(sd_notify(0, state.c_str())); }

void notify_ready(const std::string& status) { notify("READY=1\nSTATUS=" + status); }
void notify_status(const std::string& status) { notify("STATUS=" + status); }
void notify_stopping() { notify("STOPPING=1\nSTATUS=stopping"); }
void notify_watchdog() { notify("WATCHDOG=1"); }

bool somebody_is_notified() { return std::getenv("NOTIFY_SOCKET") != nullptr; }

void notify_reloading() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  const auto microseconds = static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
  notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

std::optional<std::chrono::milliseconds> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::milliseconds(microseconds / 1000);
}

Result<std::vector<http::Listener>> handed_over_listeners() {
  std::vector<http::Listener> listeners;
  const int count = sd_listen_fds(1);
  for (int i = 0; i < count; ++i) {
    const int descriptor = SD_LISTEN_FDS_START + i;
    if (sd_is_socket(descriptor, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
      return Error(Errc::invalid, "take over descriptor " + std::to_string(descriptor) +
                                      " of the service manager: not a listening stream socket");
    }
    listeners.push_back({descriptor});
  }
  return listeners;
}

ServeLock::ServeLock(const std::string& database)
    : descriptor_(open((database + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)) {
  if (descriptor_ < 0) return;
  alone_ = flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
  if (!alone_) static_cast<void>(flock(descriptor_, LOCK_SH | LOCK_NB));
}

ServeLock::~ServeLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

void ServeLock::share() {
  if (descriptor_ >= 0) static_cast<void>(flock(descriptor_, LOCK_SH));
}

}  // namespace riverd::commands
