#pragma once
/// Names in dates: months, zones, halves of the day. Private to date.cpp.

#include <optional>
#include <string_view>

namespace riverd::feeds::read {

/// The month (1 to 12) a folded word names, whole or abbreviated, in one of the languages known.
/// The abbreviations are those that a calendar of the language would use, three letters or more.
[[nodiscard]] std::optional<int> month_of(std::string_view folded);

/// The month whose first three letters in English the word shares ("Septembr"): for a place where only a month can stand.
[[nodiscard]] std::optional<int> month_by_stem(std::string_view folded);

struct Zone {
  int offset_minutes = 0;    ///< from UTC, in standard time where both are meant
  bool both_times = false;   ///< ET and its like: standard or daylight saving time, as the date has it in the United States
};

/// What a zone's name means, RFC 822's own and those seen in feeds. The letters of RFC 822 (5.1) have its signs: A is -1,
/// N is +1. Names that are words too must be in capitals.
[[nodiscard]] std::optional<Zone> zone_of(std::string_view folded, bool upper);

enum class HalfDay { none, am, pm };

/// Half of the day by a word of its own: Korean, Chinese, Japanese. (English "am" is a German preposition; see date.cpp.)
[[nodiscard]] HalfDay half_day_of(std::string_view folded);

/// Words that stand inside a date without saying anything: "18th of September", "18 de septiembre de 2024".
[[nodiscard]] bool is_filler(std::string_view folded);

}  // namespace riverd::feeds::read
