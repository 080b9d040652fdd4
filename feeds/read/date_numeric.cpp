#include "feeds/read/date_numeric.h"

namespace riverd::feeds::read {
namespace {

using namespace std::chrono;
using Kind = NumericDate::Kind;

bool plausible(std::int64_t year) { return year >= 1900 && year <= 2199; }

int part(std::int64_t value, std::int64_t divisor, std::int64_t modulus = 100) {
  return static_cast<int>(value / divisor % modulus);
}

// The day with a number within a year; 0 and 367 are none.
std::optional<DateFields> ordinal(int year_number, std::int64_t day_of_year) {
  const bool leap = year{year_number}.is_leap();
  if (day_of_year < 1 || day_of_year > (leap ? 366 : 365)) return std::nullopt;
  const year_month_day date{sys_days{year{year_number} / 1 / 1} + days{day_of_year - 1}};
  return DateFields{.year = year_number,
                    .month = static_cast<int>(static_cast<unsigned>(date.month())),
                    .day = static_cast<int>(static_cast<unsigned>(date.day()))};
}

// ISO 8601: week 1 is the one with the year's first Thursday.
std::optional<DateFields> week(int year_number, std::int64_t number, std::int64_t weekday) {
  if (number < 1 || number > 53 || weekday < 1 || weekday > 7) return std::nullopt;
  const auto monday_of_week_1 = [](int y) {
    const sys_days fourth = year{y} / 1 / 4;
    return fourth - (std::chrono::weekday{fourth} - Monday);
  };
  const sys_days day = monday_of_week_1(year_number) + days{(number - 1) * 7};
  if (day >= monday_of_week_1(year_number + 1)) return std::nullopt;  // a year without week 53
  const year_month_day date{day + days{weekday - 1}};
  return DateFields{.year = static_cast<int>(date.year()),
                    .month = static_cast<int>(static_cast<unsigned>(date.month())),
                    .day = static_cast<int>(static_cast<unsigned>(date.day()))};
}

std::optional<Time> at(const std::optional<DateFields>& fields) { return fields ? instant(*fields) : std::nullopt; }

DateFields ymd(std::int64_t year, std::int64_t month, std::int64_t day) {
  return {.year = static_cast<int>(year), .month = static_cast<int>(month), .day = static_cast<int>(day)};
}

// 200405281205 and 20040528120530 are dates; other runs of twelve digits are milliseconds.
std::optional<Time> long_compact(std::int64_t value, unsigned digits) {
  const std::int64_t minutes = digits == 14 ? value / 100 : value;
  if (!plausible(minutes / 100000000)) return std::nullopt;
  DateFields fields = ymd(minutes / 100000000, part(minutes, 1000000), part(minutes, 10000));
  fields.hour = part(minutes, 100);
  fields.minute = part(minutes, 1);
  fields.second = digits == 14 ? part(value, 1) : 0;
  return instant(fields);
}

std::optional<Time> one_number(std::int64_t value, unsigned digits) {
  switch (digits) {
    case 4: return plausible(value) ? instant(ymd(value, 1, 1)) : std::nullopt;
    case 5: return at(ordinal(whole_year(part(value, 1000), 2), value % 1000));
    case 6: return instant(ymd(whole_year(part(value, 10000), 2), part(value, 100), part(value, 1)));
    case 7: return plausible(value / 1000) ? at(ordinal(static_cast<int>(value / 1000), value % 1000)) : std::nullopt;
    case 8: return plausible(value / 10000) ? instant(ymd(value / 10000, part(value, 100), part(value, 1))) : std::nullopt;
    case 9:
    case 10: return Time{seconds{value}};
    case 12:
      if (const auto time = long_compact(value, digits)) return time;
      return Time{seconds{value / 1000}};
    case 13: return Time{seconds{value / 1000}};
    case 14: return long_compact(value, digits);
    case 16: return Time{seconds{value / 1000000}};
    default: return std::nullopt;
  }
}

// "-03-12", "-0312" and "-03": the century left out (ISO 8601:1988).
std::optional<Time> without_century(const DateTokens& t) {
  const DateToken& first = t[1];
  if (t.size() == 4 && first.digits == 2 && t.is_mark(2, '-') && t[3].digits == 2)
    return instant(ymd(whole_year(static_cast<int>(first.value), 2), t[3].value, 1));
  if (t.size() != 2) return std::nullopt;
  if (first.digits == 4) return instant(ymd(whole_year(part(first.value, 100), 2), part(first.value, 1), 1));
  if (first.digits == 2) return instant(ymd(whole_year(static_cast<int>(first.value), 2), 1, 1));
  return std::nullopt;
}

bool american_clock(const DateTokens& t) {
  for (std::size_t i = 0; i < t.size(); ++i)
    if (t.is_word(i) && (t[i].text == "am" || t[i].text == "pm")) return true;
  return false;
}

// Which day is meant where the year stands last (or is short): see the header.
std::optional<DateFields> year_last(const DateTokens& t, char sign, const DateToken& a, const DateToken& b,
                                    const DateToken& c) {
  const int year = whole_year(static_cast<int>(c.value), c.digits);
  if (sign == '.') return ymd(year, b.value, a.value);
  if (sign == '-' && c.digits == 2) return ymd(whole_year(static_cast<int>(a.value), a.digits), b.value, c.value);
  if (sign == '/' && c.digits == 2 && a.value > 31)
    return ymd(whole_year(static_cast<int>(a.value), a.digits), b.value, c.value);
  if (b.value > 12) return ymd(year, a.value, b.value);
  if (a.value > 12 && c.digits == 4) return ymd(year, b.value, a.value);
  if (sign == '/' && american_clock(t)) return ymd(year, a.value, b.value);
  if (a.value == b.value || (sign == '-' && c.digits == 4)) return ymd(year, b.value, a.value);
  return std::nullopt;
}

NumericDate found(const std::optional<DateFields>& fields, std::size_t next) {
  if (!fields) return {.kind = Kind::unclear};
  return {.kind = Kind::date, .fields = *fields, .next = next};
}

// 2003-W01-1, 2003W011, 2003-W01 (its Monday)
NumericDate iso_week_at(const DateTokens& t, std::size_t i) {
  const std::size_t w = t.is_mark(i + 1, '-') ? i + 2 : i + 1;
  if (t[i].digits != 4 || !t.is_word(w) || t[w].text != "w" || !t.is_number(w + 1) || t[w + 1].spaced) return {};
  const int year = static_cast<int>(t[i].value);
  const DateToken& n = t[w + 1];
  if (n.digits == 3) return found(week(year, n.value / 10, n.value % 10), w + 2);
  if (n.digits != 2) return {.kind = Kind::unclear};
  if (t.is_mark(w + 2, '-') && t.is_number(w + 3) && t[w + 3].digits == 1)
    return found(week(year, n.value, t[w + 3].value), w + 4);
  return found(week(year, n.value, 1), w + 2);
}

NumericDate one_number_at(const DateTokens& t, std::size_t i) {
  const DateToken& n = t[i];
  if (n.digits == 8 && plausible(n.value / 10000))
    return found(ymd(n.value / 10000, part(n.value, 100), part(n.value, 1)), i + 1);
  if (n.digits == 7 && plausible(n.value / 1000))
    return found(ordinal(static_cast<int>(n.value / 1000), n.value % 1000), i + 1);
  return {};
}

}  // namespace

std::optional<Time> read_bare_number(const DateTokens& t) {
  if (t.is_mark(0, '-') && t.is_number(1)) return without_century(t);
  if (!t.is_number(0)) return std::nullopt;
  const DateToken& first = t[0];
  if (t.size() == 1) return one_number(first.value, first.digits);
  const bool pair = t.size() == 3 && t.is_number(2) && !t[1].spaced && !t[2].spaced;
  if (!pair) return std::nullopt;
  const DateToken& second = t[2];
  if (t.is_mark(1, '.') && first.digits == 10) return Time{seconds{first.value}};
  if ((t.is_mark(1, '-') || t.is_mark(1, '/')) && first.digits == 4 && second.digits <= 2)
    return instant(ymd(first.value, second.value, 1));
  if (t.is_mark(1, '-') && first.digits == 2 && second.digits == 3)
    return at(ordinal(whole_year(static_cast<int>(first.value), 2), second.value));
  return std::nullopt;
}

NumericDate numeric_date_at(const DateTokens& t, std::size_t i) {
  const DateToken& a = t[i];
  if (a.digits >= 7) return one_number_at(t, i);
  if (const NumericDate week = iso_week_at(t, i); week.kind != Kind::none) return week;
  const char sign = t[i + 1].kind == DateToken::Kind::mark ? t[i + 1].mark : '\0';
  if ((sign != '-' && sign != '/' && sign != '.') || !t.is_number(i + 2)) return {};
  const DateToken& b = t[i + 2];
  if (a.digits == 4 && b.digits == 3 && sign == '-') return found(ordinal(static_cast<int>(a.value), b.value), i + 3);
  if (!t.is_mark(i + 3, sign) || !t.is_number(i + 4) || b.digits > 2) return {};
  const DateToken& c = t[i + 4];
  const bool more = t.is_mark(i + 5, sign) && t.is_number(i + 6) && !t[i + 6].spaced && sign == '.';  // 10.0.0.1
  if (more || a.digits == 3 || a.digits > 4 || c.digits > 4 || c.digits == 3) return {.kind = Kind::unclear};
  if (a.digits == 4) return c.digits <= 2 ? found(ymd(a.value, b.value, c.value), i + 5) : NumericDate{.kind = Kind::unclear};
  if (c.digits == 1) return {.kind = Kind::unclear};
  return found(year_last(t, sign, a, b, c), i + 5);
}

}  // namespace riverd::feeds::read
