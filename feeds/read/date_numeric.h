#pragma once
/// Dates written in digits alone. Private to date.cpp.

#include <optional>

#include "feeds/read/date_reading.h"

namespace riverd::feeds::read {

/// What digits at some place of a text say.
struct NumericDate {
  enum class Kind { none, date, unclear };
  Kind kind = Kind::none;  ///< none: no date starts here; unclear: one does, but which day it is cannot be known
  DateFields fields = {};  ///< year, month and day of a date
  std::size_t next = 0;    ///< the token after it
};

/// A text that is one number (or, as in "2003-12" and "-03-12", hardly more): ISO 8601's reduced and basic forms, and
/// Unix time in seconds, milliseconds or microseconds, each told from the others by how many digits there are.
[[nodiscard]] std::optional<Time> read_bare_number(const DateTokens& tokens);

/// A date in digits that starts at token `i`. The order of its parts:
///   four digits first     year month day, ordinal or ISO week, whatever the sign between
///   18.09.2024  18-09-24  day first with dots; two digits with hyphens are ISO 8601's YY-MM-DD
///   18/09/2024            with slashes (and hyphens) whichever of day and month only one reading allows;
///   09/18/2024            where both are allowed, month first if the clock is American (AM, PM), else unclear
[[nodiscard]] NumericDate numeric_date_at(const DateTokens& tokens, std::size_t i);

}  // namespace riverd::feeds::read
