#pragma once
/// What posts are filtered by, and the counts of each: one index for sources, tags, categories and authors.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/sqlite/database.h"

namespace riverd::storage::sqlite {

enum class FacetKind : std::uint8_t { source = 1, tag = 2, category = 3, author = 4 };

struct Facet {
  FacetKind kind = FacetKind::tag;
  std::string key;   ///< folded, bounded: what a filter is compared with
  std::string name;  ///< as first seen
  bool operator==(const Facet& other) const { return kind == other.kind && key == other.key; }
};

[[nodiscard]] Facet source_facet(std::int64_t source);
/// Of a tag, category or author: compared without case; categories exactly but for their length.
[[nodiscard]] Facet text_facet(FacetKind kind, std::string_view text);

/// All facets of one post, as a change carries them (schema.cpp): ids upwards, the first and then each step to the next as
/// LEB128. Nothing where there are so many that the index is better asked.
[[nodiscard]] std::optional<std::string> encode_facets(std::vector<std::int64_t> ids);

/// Whether the post at a place is of a facet.
[[nodiscard]] bool has_facet(Database& db, std::int64_t facet, std::int64_t pos);

/// Whether any of some ids is in such a list; false after the end of one that encode_facets() did not write.
///   ids   upwards
[[nodiscard]] bool has_any_facet(std::string_view list, const std::vector<std::int64_t>& ids);

/// The facet index inside one write transaction; counts are written by flush().
class Facets {
 public:
  explicit Facets(Database& db) : db_(db) {}

  ///   listed   where the facet is a source: the post's ListedPost, encoded
  void add(std::int64_t id, std::int64_t pos, std::optional<Blob> listed);
  /// The ListedPost of a post that stays among a source's.
  void relist(std::int64_t id, std::int64_t pos, Blob listed);
  void remove(const Facet& facet, std::int64_t pos);
  /// The number of a facet, made where there is none yet.
  [[nodiscard]] std::int64_t id(const Facet& facet) { return id_of(facet, true); }
  void flush();

 private:
  struct Change {
    std::int64_t posts = 0;
    bool of_source = false;  ///< then its newest posts may be others
  };

  std::int64_t id_of(const Facet& facet, bool create);  ///< 0: there is none
  std::string newest(std::int64_t id);

  Database& db_;
  std::unordered_map<std::string, std::int64_t> ids_;
  std::unordered_map<std::int64_t, Change> changes_;
};

}  // namespace riverd::storage::sqlite
