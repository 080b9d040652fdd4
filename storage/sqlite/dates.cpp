#include "storage/sqlite/dates.h"

namespace riverd::storage::sqlite {
namespace {

using std::chrono::sys_days;
using std::chrono::year;

constexpr auto kMaxAhead = std::chrono::hours(48);
constexpr Time kClockIsSet{Seconds(1'700'000'000)};  // a clock before this one (2023) is what is wrong

}  // namespace

std::optional<Time> believable(std::optional<Time> date, Time now) {
  if (!date || is_zero_date(*date) || (now > kClockIsSet && *date > now + kMaxAhead)) return std::nullopt;
  return date;
}

bool is_zero_date(Time date) {
  return date < sys_days(year(2) / 1 / 1) || date == sys_days(year(1899) / 12 / 30) || date == sys_days(year(1900) / 1 / 1) ||
         date == sys_days(year(1970) / 1 / 1);
}

}  // namespace riverd::storage::sqlite
