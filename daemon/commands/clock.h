#pragma once
/// The real clock and the real dice.

#include <functional>

#include "daemon/poll/clock.h"

namespace riverd::commands {

class SystemClock final : public poll::Clock {
 public:
  [[nodiscard]] WallTime wall() const override;
  [[nodiscard]] Milliseconds running() const override;
};

/// Uniform in [0,1), seeded by the system. Not thread safe.
[[nodiscard]] std::function<double()> random_numbers();

}  // namespace riverd::commands
