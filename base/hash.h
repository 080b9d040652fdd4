#pragma once
/// Digests for identity and secrets.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace riverd {

/// SHA-256 (FIPS 180-4). For ids: nobody can make two stories collide on purpose.
[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view bytes);

/// Lower-case RFC 4648 base32 without padding of the first `length` bytes: what ids are written in.
[[nodiscard]] std::string base32(const std::uint8_t* bytes, std::size_t length);

/// Compares in a time that depends on the lengths only: for tokens and cookies.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace riverd
