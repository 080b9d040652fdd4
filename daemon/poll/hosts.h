#pragma once
/// The hosts that asked to be left alone or to be asked slower. One thread, but for the store behind it.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "storage/store.h"

namespace riverd::poll {

/// A poll that may not be made now: when to come back, and why, in words for the user.
struct Delay {
  Time until;
  const char* why;
};

class Hosts {
 public:
  void load(const std::vector<storage::HostState>& hosts);
  /// What another process wrote down since load(): the longer wait counts.
  void merge(const std::vector<storage::HostState>& hosts, Time now);
  void set(const storage::HostState& host);
  [[nodiscard]] std::optional<storage::HostState> find(const std::string& key) const;

  /// Whether a poll of a host may start now. Nothing: it may, and counts as started. Else when to try again: those that
  /// wait come back one after the other.
  [[nodiscard]] std::optional<Delay> start_or_wait(const std::string& key, Time now, double spread);

  /// Only whether it may be asked at all now: for one that waited since start_or_wait() let it pass.
  [[nodiscard]] std::optional<Delay> forbidden_until(const std::string& key, Time now, double spread) const;

  /// The wall clock jumped.
  void shift(Seconds by);
  /// Forgets hosts that ask for nothing any more.
  void tidy(Time now);
  [[nodiscard]] std::size_t size() const { return hosts_.size(); }

 private:
  struct Entry {
    storage::HostState state;
    std::optional<Time> last_start;
    std::uint32_t waiting = 0;  ///< sent away since, less those that came back
  };
  std::map<std::string, Entry, std::less<>> hosts_;
};

}  // namespace riverd::poll
