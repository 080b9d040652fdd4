#pragma once
/// Which stated dates are dates.

#include <optional>

#include "base/time.h"

namespace riverd::storage::sqlite {

/// The date itself, or nothing where it is a mistake: more than two days ahead of the clock (one that is set), or what some
/// system writes for "none". Old dates are dates: there are feeds of archives.
[[nodiscard]] std::optional<Time> believable(std::optional<Time> date, Time now);

/// What .NET (0001-01-01), PHP (-0001-11-30), OLE and Delphi (1899-12-30), SQL Server (1900-01-01) and Unix (1970-01-01) have
/// where no date is set.
[[nodiscard]] bool is_zero_date(Time date);

}  // namespace riverd::storage::sqlite
