#pragma once
/// Lists in one blob: each string is its length, as a LEB128 varint plus one (0 means null), then its bytes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/post.h"

namespace riverd::storage::sqlite {

/// A source that carried a post besides the first one, with what it adds to tags and categories.
struct Carrier {
  std::int64_t source = 0;
  std::vector<std::string> tags;
  std::vector<std::string> categories;
  bool operator==(const Carrier&) const = default;
};

[[nodiscard]] std::string encode(const std::vector<std::string>& list);
[[nodiscard]] std::string encode(const std::vector<feeds::Author>& authors);
[[nodiscard]] std::string encode(const std::vector<feeds::Enclosure>& enclosures);
[[nodiscard]] std::string encode(const std::vector<Carrier>& carriers);

/// Bytes that no encode() wrote give what could be read of them, never an overrun.
[[nodiscard]] std::vector<std::string> decode_strings(std::string_view blob);
[[nodiscard]] std::vector<feeds::Author> decode_authors(std::string_view blob);
[[nodiscard]] std::vector<feeds::Enclosure> decode_enclosures(std::string_view blob);
[[nodiscard]] std::vector<Carrier> decode_carriers(std::string_view blob);

}  // namespace riverd::storage::sqlite
