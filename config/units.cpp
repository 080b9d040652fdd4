#include <array>
#include <charconv>
#include <cstdlib>
#include <string>

#include "config/config.h"

namespace riverd::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first: the order that sums keep and that texts are written in.
constexpr std::array<Unit, 5> kTimes = {{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kBinarySizes = {{{"GiB", 1ULL << 30U}, {"MiB", 1ULL << 20U}, {"KiB", 1ULL << 10U}, {"B", 1}}};
constexpr std::array<Unit, 4> kDecimalSizes = {{{"GB", 1'000'000'000}, {"MB", 1'000'000}, {"KB", 1000}, {"kB", 1000}}};

constexpr std::uint64_t kMaxDuration = 36'525ULL * 86'400'000ULL;
constexpr std::uint64_t kMaxSize = 1ULL << 50U;

/// Takes a whole number and the letters behind it off the front of text.
bool take_term(std::string_view& text, std::uint64_t& number, std::string_view& unit) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const auto letters = std::min(text.find_first_of("0123456789"), text.size());
  unit = text.substr(0, letters);
  text.remove_prefix(letters);
  return !unit.empty();
}

template <std::size_t N>
const Unit* find_unit(const std::array<Unit, N>& units, std::string_view name) {
  for (const auto& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

Error bad_duration(std::string_view text) {
  return {Errc::invalid, "bad duration \"" + std::string(text) + "\"; write it like \"500ms\", \"30s\", \"10m\", \"1h\" or \"7d\""};
}

Error bad_size(std::string_view text) {
  return {Errc::invalid, "bad size \"" + std::string(text) + "\"; write it like \"512KiB\" or \"16MiB\""};
}

template <std::size_t N>
std::string in_largest_unit(std::uint64_t value, const std::array<Unit, N>& units) {
  for (const auto& unit : units) {
    if (value % unit.factor == 0 && value >= unit.factor) return std::to_string(value / unit.factor) + std::string(unit.name);
  }
  return "0" + std::string(units.back().name);
}

}  // namespace

Result<Milliseconds> parse_duration(std::string_view text) {
  std::uint64_t total = 0;
  std::uint64_t last_factor = ~0ULL;
  auto rest = text;
  do {
    std::uint64_t number = 0;
    std::string_view name;
    if (!take_term(rest, number, name)) return bad_duration(text);
    const Unit* unit = find_unit(kTimes, name);
    if (unit == nullptr || unit->factor >= last_factor) return bad_duration(text);
    if (number > kMaxDuration / unit->factor || total + number * unit->factor > kMaxDuration) {
      return Error(Errc::invalid, "the duration \"" + std::string(text) + "\" is longer than 100 years");
    }
    total += number * unit->factor;
    last_factor = unit->factor;
  } while (!rest.empty());
  return Milliseconds(static_cast<std::int64_t>(total));
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  std::string_view name;
  auto rest = text;
  if (!take_term(rest, number, name) || !rest.empty()) return bad_size(text);
  const Unit* unit = find_unit(kBinarySizes, name);
  if (unit == nullptr) unit = find_unit(kDecimalSizes, name);
  if (unit == nullptr) return bad_size(text);
  if (number > kMaxSize / unit->factor) return Error(Errc::invalid, "the size \"" + std::string(text) + "\" is too large");
  return number * unit->factor;
}

std::string duration_text(Milliseconds duration) {
  return in_largest_unit(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)), kTimes);
}

std::string size_text(std::uint64_t bytes) { return in_largest_unit(bytes, kBinarySizes); }

}  // namespace riverd::config
