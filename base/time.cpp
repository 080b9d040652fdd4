#include "base/time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace riverd {
namespace {

using namespace std::chrono;

constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Civil {
  int year, month, day, hour, minute, second;
  unsigned weekday;
};

Civil civil(Time time) {
  constexpr Time first = sys_days{year{0} / 1 / 1};
  constexpr Time last = sys_days{year{9999} / 12 / 31} + 24h - 1s;
  time = std::clamp(time, first, last);
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          weekday{day}.c_encoding()};
}

template <class... Args>
std::string format(const char* pattern, Args... args) {
  std::array<char, 64> out{};
  const int n = std::snprintf(out.data(), out.size(), pattern, args...);
  return {out.data(), static_cast<std::size_t>(std::max(n, 0))};
}

/// Its last `count` digits; not below 0, which civil() sees to for every year.
void put_digits(std::string& text, std::size_t at, std::size_t count, int number) {
  for (; count > 0; number /= 10) text[at + --count] = static_cast<char>('0' + number % 10);
}

/// A cursor over fixed-width text: each step eats what it names, or makes the whole read fail.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int number(std::size_t width) {
    int value = 0;
    if (rest_.size() < width) return fail();
    for (const char c : rest_.substr(0, width)) {
      if (c < '0' || c > '9') return fail();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }

  bool eat(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }

  void expect(std::string_view literal) {
    if (!eat(literal)) fail();
  }

  template <std::size_t N>
  int name(const std::array<const char*, N>& names) {
    for (std::size_t i = 0; i < N; ++i)
      if (eat(names[i])) return static_cast<int>(i);
    return fail();
  }

  int fail() {
    ok_ = false;
    return 0;
  }
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<Time> make(int y, int m, int d, int hour, int minute, int second) {
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
}

std::optional<Time> imf_fixdate(std::string_view text) {
  Scanner in(text);
  in.name(kDays);
  in.expect(", ");
  const int d = in.number(2);
  in.expect(" ");
  const int m = in.name(kMonths) + 1;
  in.expect(" ");
  const int y = in.number(4);
  in.expect(" ");
  const int hour = in.number(2);
  in.expect(":");
  const int minute = in.number(2);
  in.expect(":");
  const int second = in.number(2);
  in.expect(" GMT");
  return in.done() ? make(y, m, d, hour, minute, second) : std::nullopt;
}

std::optional<Time> rfc850_date(std::string_view text) {
  const auto comma = text.find(", ");
  if (comma == std::string_view::npos || comma < 6) return std::nullopt;
  Scanner in(text.substr(comma + 2));
  const int d = in.number(2);
  in.expect("-");
  const int m = in.name(kMonths) + 1;
  in.expect("-");
  const int y = in.number(2);
  in.expect(" ");
  const int hour = in.number(2);
  in.expect(":");
  const int minute = in.number(2);
  in.expect(":");
  const int second = in.number(2);
  in.expect(" GMT");
  return in.done() ? make(y < 70 ? 2000 + y : 1900 + y, m, d, hour, minute, second) : std::nullopt;
}

std::optional<Time> asctime_date(std::string_view text) {
  Scanner in(text);
  in.name(kDays);
  in.expect(" ");
  const int m = in.name(kMonths) + 1;
  in.expect(" ");
  const int d = in.eat(" ") ? in.number(1) : in.number(2);
  in.expect(" ");
  const int hour = in.number(2);
  in.expect(":");
  const int minute = in.number(2);
  in.expect(":");
  const int second = in.number(2);
  in.expect(" ");
  const int y = in.number(4);
  return in.done() ? make(y, m, d, hour, minute, second) : std::nullopt;
}

}  // namespace

std::string rfc3339(Time time) {
  const Civil c = civil(time);
  // Two of these are in every post that is served: snprintf would take longer than the rest of its dates.
  std::string text = "0000-00-00T00:00:00Z";
  put_digits(text, 0, 4, c.year);
  put_digits(text, 5, 2, c.month);
  put_digits(text, 8, 2, c.day);
  put_digits(text, 11, 2, c.hour);
  put_digits(text, 14, 2, c.minute);
  put_digits(text, 17, 2, c.second);
  return text;
}

std::string front_matter_date(Time time) {
  const Civil c = civil(time);
  return format("%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

std::string http_date(Time time) {
  const Civil c = civil(time);
  return format("%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[c.weekday], c.day,
                kMonths[static_cast<std::size_t>(c.month - 1)], c.year, c.hour, c.minute, c.second);
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  Scanner in(text);
  const int y = in.number(4);
  in.expect("-");
  const int m = in.number(2);
  in.expect("-");
  const int d = in.number(2);
  if (!in.eat("T") && !in.eat("t") && !in.eat(" ")) return std::nullopt;
  const int hour = in.number(2);
  in.expect(":");
  const int minute = in.number(2);
  in.expect(":");
  const int second = in.number(2);
  if (in.eat(".")) {
    in.number(1);
    while (!in.rest().empty() && in.rest().front() >= '0' && in.rest().front() <= '9') in.number(1);
  }
  minutes offset{0};
  if (!in.eat("Z") && !in.eat("z")) {
    const int sign = in.eat("-") ? -1 : (in.expect("+"), 1);
    const int offset_hours = in.number(2);
    in.expect(":");
    const int offset_minutes = in.number(2);
    if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
    offset = sign * (hours{offset_hours} + minutes{offset_minutes});
  }
  if (!in.done()) return std::nullopt;
  const auto local = make(y, m, d, hour, minute, second);
  return local ? std::optional<Time>(*local - offset) : std::nullopt;
}

std::optional<Time> parse_http_date(std::string_view text) {
  if (const auto time = imf_fixdate(text)) return time;
  if (const auto time = rfc850_date(text)) return time;
  return asctime_date(text);
}

}  // namespace riverd
