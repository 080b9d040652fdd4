#pragma once
/// From tokens to an instant. Private to date.cpp.

#include <optional>

#include "base/time.h"
#include "feeds/read/date_tokens.h"

namespace riverd::feeds::read {

/// A date as written: local fields and the zone they are in.
struct DateFields {
  int year = 0;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int offset_minutes = 0;
};

/// The instant of the fields; nothing where they name no day or no time. 24:00 is the end of the day (ISO 8601) and
/// second 60 the start of the next minute (a leap second).
[[nodiscard]] std::optional<Time> instant(const DateFields& fields);

/// The year meant by one written in two or three digits (RFC 5322, 4.3): 49 is 2049, 50 is 1950, 104 is 2004.
[[nodiscard]] int whole_year(int value, unsigned digits);

/// Reads the tokens of one date in any of the forms parse_date() names.
[[nodiscard]] std::optional<Time> read_date(const DateTokens& tokens);

}  // namespace riverd::feeds::read
