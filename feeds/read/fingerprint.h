#pragma once
/// Digests of what shapes an entry: equal ones mean nothing to do.

#include <xxhash.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "feeds/post.h"

namespace riverd::feeds::read {

/// Goes up when reading or normalising changes in a way that stored posts should follow.
inline constexpr std::uint64_t kReadingVersion = 1;

/// XXH3 over a list of values; lengths count, so ("ab","c") and ("a","bc") differ.
class Digest {
 public:
  explicit Digest(std::uint64_t seed = kReadingVersion) : value_(seed) {}
  void add(std::string_view part) { value_ = XXH3_64bits_withSeed(part.data(), part.size(), value_ + part.size() + 1); }
  void add(std::uint64_t part) { add(std::string_view(reinterpret_cast<const char*>(&part), sizeof part)); }
  void add_optional(const std::optional<std::string>& part) {
    if (part) add(std::string_view(*part));
    else add(std::uint64_t{0});
  }
  void add(const std::vector<Author>& authors) {
    for (const Author& author : authors) {
      add_optional(author.name);
      add_optional(author.email);
      add_optional(author.url);
    }
  }
  [[nodiscard]] Fingerprint value() const { return value_; }

 private:
  std::uint64_t value_;
};

}  // namespace riverd::feeds::read
