#pragma once
/// Where the next page begins, as an opaque text that clients hand back.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/store.h"

namespace riverd::storage {

/// A digest of what a cursor belongs to: order and filters; not the limit, nor what each post is shown with.
[[nodiscard]] std::uint64_t query_digest(const PostQuery& query);

/// base64url (RFC 4648, 5) of version, digest, position and a checksum. The position is the last post's place (date order)
/// or seq (arrival order). It stays good over restarts and after posts are removed.
[[nodiscard]] std::string make_cursor(const PostQuery& query, std::int64_t position);

/// The position in a cursor of the same query. Errors: invalid for anything else.
[[nodiscard]] Result<std::int64_t> read_cursor(const PostQuery& query, std::string_view cursor);

}  // namespace riverd::storage
