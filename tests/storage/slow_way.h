#pragma once
/// What queries mean, said the slow way, and a river of thousands of posts to hold the store's answers against it.

#include <random>
#include <string>
#include <vector>

#include "support.h"

namespace riverd::storage::testing {

/// Whether a post is one that a query asks for; of `q` as if it were part of a title.
bool passes(const PostQuery& query, const StoredPost& stored);

std::vector<std::string> ids(const std::vector<StoredPost>& posts);

inline constexpr int kMany = 4000;

/// Thousands of posts of which each kind of filter is met by nearly all, by some, by few, or only among old or late changes:
/// every way to find changes is the quickest one for some of these. A few are changed again, so that seq is not their order.
void fill_many(River& river, std::mt19937& random);

/// What is asked of fill_many()'s river in either order, against the slow way. A word of a search is one of a title.
void compare_many(River& river, const std::vector<StoredPost>& everything, std::mt19937& random, int queries);

}  // namespace riverd::storage::testing
