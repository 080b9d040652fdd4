#pragma once
/// A 64-bit digest of several values (XXH3), where each value's bounds count: ("ab", "c") is not ("a", "bc").

#include <xxhash.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace riverd::storage {

class Digest {
 public:
  void add(std::string_view text) { value_ = XXH3_64bits_withSeed(text.data(), text.size(), value_ + text.size() + 1); }
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(std::uint64_t number) {
    value_ = XXH3_64bits_withSeed(&number, sizeof number, value_);
  }
  void add(const std::optional<std::string>& text) {
    add(std::uint64_t{text.has_value()});
    if (text) add(*text);
  }
  void add(const std::optional<Time>& time) {
    add(std::uint64_t{time.has_value()});
    if (time) add(static_cast<std::uint64_t>(time->time_since_epoch().count()));
  }
  void add(const std::vector<std::string>& list) {
    add(std::uint64_t{list.size()});
    for (const auto& text : list) add(text);
  }

  [[nodiscard]] std::uint64_t value() const { return value_; }
  /// As SQLite keeps integers.
  [[nodiscard]] std::int64_t stored() const { return static_cast<std::int64_t>(value_); }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace riverd::storage
