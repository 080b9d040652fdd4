#pragma once
/// Sorted streams of places in the river, newest first, that intersect by leaping over each other.

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/sqlite/codec.h"
#include "storage/sqlite/database.h"

namespace riverd::storage::sqlite {

using Pos = std::int64_t;

class Stream {
 public:
  Stream() = default;
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// The newest place that is at most `bound`; nothing where there is none. Bounds only ever go down.
  virtual std::optional<Pos> seek(Pos bound) = 0;
  /// The post at the place that seek() gave last, where the stream has its number at hand.
  [[nodiscard]] virtual std::optional<PlacedPost> post() const { return std::nullopt; }
  /// About how many places it has: the shortest stream leads.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
};

using StreamPtr = std::unique_ptr<Stream>;

/// Every post.
[[nodiscard]] StreamPtr all_posts(Database& db);
/// Posts of one facet that has `size` posts.
///   newest   the first of them as far as they are known, as decode_placed() gives them
[[nodiscard]] StreamPtr facet_posts(Database& db, std::int64_t facet, std::uint64_t size, const std::vector<PlacedPost>& newest);
/// Posts of two facets at once.
///   lead, size    the one with fewer posts, and how many: its posts are looked at
///   other         the one they must be of, too
[[nodiscard]] StreamPtr posts_of_both(Database& db, std::int64_t lead, std::uint64_t size, std::int64_t other);
/// Posts that match an FTS5 expression.
[[nodiscard]] StreamPtr matching_posts(Database& db, std::string expression);
/// Places in any of the streams.
[[nodiscard]] StreamPtr any_of(std::vector<StreamPtr> streams);

/// Places that are in all of `wanted` (at least one) and in none of `unwanted`.
class Intersection {
 public:
  Intersection(std::vector<StreamPtr> wanted, std::vector<StreamPtr> unwanted);
  std::optional<Pos> seek(Pos bound);
  /// As Stream::post().
  [[nodiscard]] std::optional<PlacedPost> post() const;

 private:
  std::vector<StreamPtr> wanted_;  ///< shortest first
  std::vector<StreamPtr> unwanted_;
};

}  // namespace riverd::storage::sqlite
