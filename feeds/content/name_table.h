#pragma once
/// Names of elements and attributes to their numbers, in any case: one look at up to eight bytes, one slot as
/// a rule.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace riverd::feeds::content {

/// The first eight bytes of a name at most, ASCII letters in lower case. With the size, all of a name no
/// longer than that.
[[nodiscard]] constexpr std::uint64_t name_head(std::string_view name) {
  const auto byte = [](const char* at) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(*at));
  };
  const auto four = [&byte](const char* at) {
    return byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24;
  };
  const char* const begin = name.data();
  const std::size_t size = name.size() < 8 ? name.size() : 8;
  std::uint64_t head = 0;
  if (size >= 4) {
    head = four(begin) | four(begin + size - 4) << 32;  // of five to seven bytes, some twice
  } else if (size > 0) {
    head = byte(begin) | byte(begin + size / 2) << 8 | byte(begin + size - 1) << 16;
  }
  // Eight bytes at once: the high bit of each that is 'A' to 'Z' becomes the bit that makes it lower case.
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  const std::uint64_t low = head & 0x7F * kOnes;
  const std::uint64_t at_least_a = low + (0x80 - 'A') * kOnes;
  const std::uint64_t beyond_z = low + (0x7F - 'Z') * kOnes;
  return head | (at_least_a & ~beyond_z & ~head & 0x80 * kOnes) >> 2;
}

/// Open addressing over a list of different names in lower case that lives as long as the program.
template <std::size_t kNames, std::size_t kSlots>
class NameTable {
 public:
  explicit constexpr NameTable(const std::array<std::string_view, kNames>& names) : names_(names) {
    static_assert(kNames < 0xFF && kSlots > kNames && (kSlots & (kSlots - 1)) == 0);
    for (std::size_t i = 0; i < kNames; ++i) {
      if (names[i].empty()) continue;
      const std::uint64_t head = name_head(names[i]);
      std::size_t slot = slot_of(head, names[i].size());
      while (slots_[slot].number != kEmpty) slot = (slot + 1) % kSlots;
      slots_[slot] = {head, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(names[i].size())};
    }
  }

  /// The place of a name in the list; kNames where it is not in it.
  [[nodiscard]] std::size_t find(std::string_view name) const {
    const std::uint64_t head = name_head(name);
    for (std::size_t slot = slot_of(head, name.size());; slot = (slot + 1) % kSlots) {
      const Slot& one = slots_[slot];
      if (one.number == kEmpty) return kNames;
      if (one.head == head && one.size == name.size() && same_rest(name, names_[one.number]))
        return one.number;
    }
  }

 private:
  static constexpr std::uint8_t kEmpty = 0xFF;
  struct Slot {
    std::uint64_t head = 0;
    std::uint8_t number = kEmpty;
    std::uint8_t size = 0;
  };

  static constexpr std::size_t slot_of(std::uint64_t head, std::size_t size) {
    return ((head + size) * 0x9E3779B97F4A7C15U >> 40) % kSlots;
  }

  static bool same_rest(std::string_view name, std::string_view lower) {
    for (std::size_t i = 8; i < lower.size(); ++i) {
      const char c = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] | 0x20) : name[i];
      if (c != lower[i]) return false;
    }
    return true;
  }

  const std::array<std::string_view, kNames>& names_;
  std::array<Slot, kSlots> slots_{};
};

}  // namespace riverd::feeds::content
