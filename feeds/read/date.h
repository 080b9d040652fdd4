#pragma once
/// Dates as feeds write them.

#include <optional>
#include <string_view>

#include "base/time.h"

namespace riverd::feeds::read {

/// Reads a date in any form seen in feeds: RFC 822/2822/5322 and its bends (two-digit years, missing or wrong weekday,
/// named zones, full month names, 24:00, single digits, missing seconds), ISO 8601 / W3CDTF / RFC 3339 in all
/// precisions, week and ordinal dates, asctime, perforce, Unix seconds, and the localised forms of Korean, Greek,
/// Hungarian, French, German, Spanish, Russian, Chinese, Japanese and others seen in the wild.
/// Returns UTC; a form without a zone is taken as UTC, without a time as 00:00:00. Nothing when it cannot be read:
/// a guess is never made, "now" is never used. Linear in the text, of which 200 bytes are looked at.
[[nodiscard]] std::optional<Time> parse_date(std::string_view text);

}  // namespace riverd::feeds::read
