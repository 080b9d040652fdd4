#pragma once
/// Embedded players.

#include <optional>
#include <string>
#include <string_view>

namespace riverd::feeds::content {

/// The page of the video that a well-known player's address (an absolute http(s) URL) shows; nothing for
/// other addresses.
[[nodiscard]] std::optional<std::string> video_page(std::string_view player_url);

}  // namespace riverd::feeds::content
