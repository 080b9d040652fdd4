#pragma once
/// Points in time and their text. Wall time for dates is UTC in whole seconds; only main() asks a clock.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace riverd {

using Time = std::chrono::sys_seconds;
using Seconds = std::chrono::seconds;

/// RFC 3339 in UTC, `2024-09-18T18:37:16Z`. Years outside 0000..9999 are clamped to that range.
[[nodiscard]] std::string rfc3339(Time time);

/// Reads RFC 3339 (section 5.6), any offset, fraction dropped; nothing for any other text.
[[nodiscard]] std::optional<Time> parse_rfc3339(std::string_view text);

/// RFC 9110 (5.6.7) IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`; also the date form of RFC 822 that RSS wants.
[[nodiscard]] std::string http_date(Time time);

/// Reads the three forms of RFC 9110 (5.6.7): IMF-fixdate, RFC 850, asctime; nothing for any other text.
[[nodiscard]] std::optional<Time> parse_http_date(std::string_view text);

/// `YYYY-MM-DD HH:MM:SS` in UTC: the date form of a post's front matter.
[[nodiscard]] std::string front_matter_date(Time time);

}  // namespace riverd
