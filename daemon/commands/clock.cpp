#include "daemon/commands/clock.h"

#include <ctime>
#include <memory>
#include <random>

namespace riverd::commands {

poll::Clock::WallTime SystemClock::wall() const {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

poll::Clock::Milliseconds SystemClock::running() const {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return Milliseconds(static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000);
}

std::function<double()> random_numbers() {
  auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>(0, 1)(*engine); };
}

}  // namespace riverd::commands
