#pragma once
/// Posts that no reader sees yet: `full_text = "wait"`. They have a number below 0, no place, no seq, and are
/// in no index but those of identity, so every reader's query passes them by.

#include <optional>

#include "storage/sqlite/post_rows.h"

namespace riverd::storage::sqlite {

[[nodiscard]] inline bool is_held(std::int64_t number) {
  return number < 0;
}

/// Keeps a new post back; returns its number.
std::int64_t hold(Batch& batch, PostRow& row);

/// A row by its number, held or not.
[[nodiscard]] std::optional<PostRow> read_any_row(Database& db, std::int64_t number);

void replace_held(Batch& batch, const PostRow& now);

/// Shows a held post from now on: with a place, a seq, and a number of its own, which it returns.
std::int64_t release_held(Batch& batch, PostRow row, Time at);

/// Takes a held post out, with its page; the caller keeps it known.
void erase_held(Batch& batch, std::int64_t number);

}  // namespace riverd::storage::sqlite
