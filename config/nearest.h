#pragma once
/// What was meant by a word that is none.

#include <span>
#include <string_view>

namespace riverd::config {

/// The known word that resembles this one most; nothing where none does.
[[nodiscard]] std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

}  // namespace riverd::config
