#pragma once
/// Time as the daemon sees it; only main has the real one.

#include <chrono>

#include "base/time.h"

namespace riverd::poll {

class Clock {
 public:
  using Milliseconds = std::chrono::milliseconds;
  using WallTime = std::chrono::sys_time<Milliseconds>;

  virtual ~Clock() = default;
  /// The wall clock, UTC: it may jump.
  [[nodiscard]] virtual WallTime wall() const = 0;
  /// Time since some moment: never jumps, goes on while the machine sleeps.
  [[nodiscard]] virtual Milliseconds running() const = 0;

  [[nodiscard]] Time now() const { return std::chrono::floor<Seconds>(wall()); }
};

}  // namespace riverd::poll
