#pragma once
/// What Markdown must know of HTML that it has not come to yet. Each looks from a copy of the tokenizer.

#include <cstddef>

#include "feeds/content/tokenizer.h"

namespace riverd::feeds::content {

inline constexpr std::size_t kMaxTableColumns = 64;

/// Whether a list, whose start tag has been read, is written without blank lines: its first item starts with
/// words.
[[nodiscard]] bool is_tight(Tokenizer tokens);

/// Whether a table, whose start tag has been read, fits a GFM table: rows of cells that hold words, links and
/// images. Looks no further than to a table inside, so that nested ones take linear time.
[[nodiscard]] bool is_simple_table(Tokenizer tokens);

}  // namespace riverd::feeds::content
