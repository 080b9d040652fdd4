#include "storage/cursor.h"

#include <xxhash.h>

#include <array>
#include <optional>

#include "storage/digest.h"

namespace riverd::storage {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kBytes = 1 + 8 + 8 + 4;  // version, digest, position, checksum; a multiple of three: no padding
using Bytes = std::array<std::uint8_t, kBytes>;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void put(Bytes& bytes, std::size_t at, std::uint64_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint64_t get(const Bytes& bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
  return value;
}

std::uint32_t checksum(const Bytes& bytes) {
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(bytes.data(), kBytes - 4, 0x72697672));
}

std::optional<Bytes> decode(std::string_view text) {
  static_assert(kBytes % 3 == 0);
  if (text.size() != kBytes / 3 * 4) return std::nullopt;
  Bytes bytes{};
  for (std::size_t i = 0; i < text.size() / 4; ++i) {
    std::uint32_t group = 0;
    for (const char c : text.substr(4 * i, 4)) {
      const std::size_t digit = kAlphabet.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      group = (group << 6U) | static_cast<std::uint32_t>(digit);
    }
    for (std::size_t b = 0; b < 3; ++b) bytes[3 * i + b] = static_cast<std::uint8_t>(group >> (16 - 8 * b));
  }
  return bytes;
}

std::string encode(const Bytes& bytes) {
  std::string text;
  for (std::size_t i = 0; i < kBytes; i += 3) {
    const std::uint32_t group = std::uint32_t{bytes[i]} << 16U | std::uint32_t{bytes[i + 1]} << 8U | bytes[i + 2];
    for (std::size_t digit = 0; digit < 4; ++digit) text += kAlphabet[(group >> (18 - 6 * digit)) & 63U];
  }
  return text;
}

}  // namespace

std::uint64_t query_digest(const PostQuery& query) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(query.order));
  digest.add(query.sources);
  digest.add(query.categories);
  digest.add(query.tags);
  digest.add(query.authors);
  digest.add(query.q);
  digest.add(query.since);
  digest.add(query.until);
  return digest.value();
}

std::string make_cursor(const PostQuery& query, std::int64_t position) {
  Bytes bytes{};
  bytes[0] = kVersion;
  put(bytes, 1, query_digest(query), 8);
  put(bytes, 9, static_cast<std::uint64_t>(position), 8);
  put(bytes, 17, checksum(bytes), 4);
  return encode(bytes);
}

Result<std::int64_t> read_cursor(const PostQuery& query, std::string_view cursor) {
  const auto bytes = decode(cursor);
  if (!bytes || (*bytes)[0] != kVersion || get(*bytes, 17, 4) != checksum(*bytes)) {
    return Error(Errc::invalid, "cursor: not one that was given out here");
  }
  if (get(*bytes, 1, 8) != query_digest(query)) {
    return Error(Errc::invalid, "cursor: it belongs to a query with other filters or another order");
  }
  return static_cast<std::int64_t>(get(*bytes, 9, 8));
}

}  // namespace riverd::storage
