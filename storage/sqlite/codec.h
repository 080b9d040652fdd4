#pragma once
/// Lists in one blob: each number is a LEB128 varint, each string its length plus one (0 means null), then its bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/post.h"
#include "feeds/write/json.h"

namespace riverd::storage::sqlite {

/// A source that carried a post besides the first one, with what it adds to tags and categories.
struct Carrier {
  std::int64_t source = 0;
  std::vector<std::string> tags;
  std::vector<std::string> categories;
  bool operator==(const Carrier&) const = default;
};

/// What a source's list says of a post, so that a page need not look up its place or what else it is filtered by.
struct ListedPost {
  std::int64_t seq = 0;
  std::int64_t number = 0;
  std::optional<std::string_view> facets;  ///< as encode_facets() (facets.h) gives them
};

/// A post at its place in the river.
struct PlacedPost {
  std::int64_t pos = 0;
  std::int64_t seq = 0;
  std::int64_t number = 0;  ///< 0: not known, nor is seq
};

[[nodiscard]] std::string encode(const ListedPost& post);
/// Nothing where seq or number can't be read.
[[nodiscard]] std::optional<ListedPost> view_listed(std::string_view blob);
/// Some posts, newest first; back, all of them or, where they can't be, none.
[[nodiscard]] std::string encode(const std::vector<PlacedPost>& posts);
[[nodiscard]] std::vector<PlacedPost> decode_placed(std::string_view blob);

[[nodiscard]] std::string encode(const std::vector<std::string>& list);
[[nodiscard]] std::string encode(const std::vector<feeds::Author>& authors);
[[nodiscard]] std::string encode(const std::vector<feeds::Enclosure>& enclosures);
[[nodiscard]] std::string encode(const std::vector<Carrier>& carriers);

/// Bytes that no encode() wrote give what could be read of them, never an overrun.
[[nodiscard]] std::vector<std::string> decode_strings(std::string_view blob);
[[nodiscard]] std::vector<feeds::Author> decode_authors(std::string_view blob);
[[nodiscard]] std::vector<feeds::Enclosure> decode_enclosures(std::string_view blob);
[[nodiscard]] std::vector<Carrier> decode_carriers(std::string_view blob);

/// The same as views into the blob.
struct CarrierView {
  std::int64_t source = 0;
  std::vector<std::string_view> tags;
  std::vector<std::string_view> categories;
};
[[nodiscard]] std::vector<CarrierView> view_carriers(std::string_view blob);
/// Into lists that keep their room: what was in them goes.
void view_strings(std::string_view blob, std::vector<std::string_view>& list);
void view_authors(std::string_view blob, std::vector<feeds::write::AuthorView>& authors);
void view_enclosures(std::string_view blob, std::vector<feeds::write::EnclosureView>& enclosures);

}  // namespace riverd::storage::sqlite
