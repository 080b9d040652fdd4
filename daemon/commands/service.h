#pragma once
/// What systemd and a service manager like it are told, and what they hand over.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/http/server.h"

namespace riverd::commands {

/// Sends a notification (sd_notify(3)); nothing happens where nobody listens.
void notify(const std::string& state);
void notify_ready(const std::string& status);
void notify_status(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_watchdog();

/// Whether a service manager listens to notifications.
[[nodiscard]] bool somebody_is_notified();

/// How often the watchdog wants to be fed; nothing where there is none.
[[nodiscard]] std::optional<std::chrono::milliseconds> watchdog_interval();

/// The sockets a service manager opened for us (sd_listen_fds(3)); empty: none.
/// Errors: invalid when one is no listening stream socket.
[[nodiscard]] Result<std::vector<http::Listener>> handed_over_listeners();

/// The mark that a daemon serves a database: held as long as this lives, released also by a crash. Beside the file.
class ServeLock {
 public:
  explicit ServeLock(const std::string& database);
  ~ServeLock();
  ServeLock(const ServeLock&) = delete;
  ServeLock& operator=(const ServeLock&) = delete;
  /// Whether nobody else of ours works on the database: then leases that are left are those of the dead.
  [[nodiscard]] bool alone() const { return alone_; }
  /// From now on others may work on it too.
  void share();

 private:
  int descriptor_ = -1;
  bool alone_ = false;
};

}  // namespace riverd::commands
