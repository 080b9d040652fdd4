#pragma once
/// Document type declarations: only the internal subset's own entities are read, where they are small and not nested.

#include <string_view>

#include "feeds/read/xml_tree.h"

namespace riverd::feeds::read {

/// Reads `<!DOCTYPE ...>` at the start of `text` into `tree.entities`: at most 256 of at most 1,024 bytes each, whose
/// values refer to no other declared entity. External and parameter entities are ignored.
/// Returns the length of the declaration, or npos when it is never closed.
[[nodiscard]] std::size_t read_doctype(std::string_view text, XmlTree& tree);

}  // namespace riverd::feeds::read
