#pragma once
/// Passes over text sixteen bytes at a time, in the vector types that GCC and Clang offer on every machine.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace riverd::feeds::content {

using ByteVector = std::uint8_t __attribute__((vector_size(16)));

[[nodiscard]] inline ByteVector load_bytes(const char* from) {
  ByteVector bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

/// What a comparison of vectors said, eight bytes a word: 0xFF where it holds.
template <class Mask>
[[nodiscard]] std::array<std::uint64_t, 2> mask_words(Mask mask) {
  return std::bit_cast<std::array<std::uint64_t, 2>>(mask);
}

template <class Mask>
[[nodiscard]] bool any(Mask mask) {
  const auto words = mask_words(mask);
  return (words[0] | words[1]) != 0;
}

/// The number of the first byte that is set in a word that is not 0.
[[nodiscard]] inline std::size_t first_set_byte(std::uint64_t word) {
  if constexpr (std::endian::native == std::endian::big)
    return static_cast<std::size_t>(std::countl_zero(word)) / 8;
  return static_cast<std::size_t>(std::countr_zero(word)) / 8;
}

/// Where the first byte at or after `from` is that `stops` says yes to; the size of the text where none is.
///   stops   of comparisons joined by '|', for a vector of bytes and for a single one alike
template <class Stops>
[[nodiscard]] std::size_t find_where(std::string_view text, std::size_t from, Stops stops) {
  constexpr std::size_t kWidth = sizeof(ByteVector);
  std::size_t at = from;
  for (; at + kWidth <= text.size(); at += kWidth) {
    const auto words = mask_words(stops(load_bytes(text.data() + at)));
    if (words[0] != 0) return at + first_set_byte(words[0]);
    if (words[1] != 0) return at + 8 + first_set_byte(words[1]);
  }
  for (; at < text.size(); ++at) {
    if (stops(static_cast<std::uint8_t>(text[at]))) return at;
  }
  return at;
}

/// The same for stops that look at the byte behind, too: `stops(bytes, next)`. Behind the text stands a
/// space.
template <class Stops>
[[nodiscard]] std::size_t find_pair_where(std::string_view text, std::size_t from, Stops stops) {
  constexpr std::size_t kWidth = sizeof(ByteVector);
  std::size_t at = from;
  for (; at + kWidth < text.size(); at += kWidth) {
    const auto words = mask_words(stops(load_bytes(text.data() + at), load_bytes(text.data() + at + 1)));
    if (words[0] != 0) return at + first_set_byte(words[0]);
    if (words[1] != 0) return at + 8 + first_set_byte(words[1]);
  }
  for (; at < text.size(); ++at) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    if (stops(static_cast<std::uint8_t>(text[at]), static_cast<std::uint8_t>(next))) return at;
  }
  return at;
}

}  // namespace riverd::feeds::content
