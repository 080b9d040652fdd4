#pragma once
/// UTF-8 whose bytes somebody took for latin-1 and encoded once more: "Ã©" for "é".

#include <optional>
#include <string>
#include <string_view>

namespace riverd::feeds::read {

/// The text as it was before the second encoding, or nothing. A text was encoded twice only where every character of it
/// that is not ASCII is part of such a sequence: one honest "é", and it is left as it is. Ordinary text is told by its
/// first character beyond ASCII; linear in any case.
///   text   valid UTF-8
[[nodiscard]] std::optional<std::string> undo_double_encoding(std::string_view text);

}  // namespace riverd::feeds::read
