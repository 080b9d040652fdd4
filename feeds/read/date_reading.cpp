#include "feeds/read/date_reading.h"

#include "feeds/read/date_numeric.h"
#include "feeds/read/date_words.h"

namespace riverd::feeds::read {
namespace {

using namespace std::chrono;
using Kind = DateToken::Kind;

// Tuesday in one language, March in another (and so on): taken back when a month follows.
bool doubtful_month(std::string_view word) {
  return word == "mar" || word == "marti" || word == "paz" || word == "sub";
}

bool is_thai(std::string_view word) { return word.starts_with("\xE0\xB8") || word.starts_with("\xE0\xB9"); }

/// Whether local fields are in daylight saving time as the United States have had it since 1987. The hour that comes twice
/// in autumn is taken for its first time.
bool is_american_summer(const DateFields& f) {
  const year_month_day date{year{f.year}, month{static_cast<unsigned>(f.month)}, day{static_cast<unsigned>(f.day)}};
  if (!date.ok()) return false;
  const year y = date.year();
  const bool since_2007 = f.year >= 2007;
  const sys_days begin = since_2007 ? sys_days{y / March / Sunday[2]} : sys_days{y / April / Sunday[1]};
  const sys_days end = since_2007 ? sys_days{y / November / Sunday[1]} : sys_days{y / October / Sunday[last]};
  const auto local = sys_days{date} + hours{f.hour};
  return begin + hours{2} <= local && local < end + hours{2};
}

/// Goes over the tokens once, left to right, and takes each for what its neighbours make of it.
class DateReader {
 public:
  explicit DateReader(const DateTokens& tokens) : t_(tokens) {}

  std::optional<Time> read() {
    while (i_ < t_.size() && !failed_ && !(dated_ && clocked_ && zoned_)) step();
    if (failed_ || !complete()) return std::nullopt;
    if (half_ == HalfDay::pm && fields_.hour < 12) fields_.hour += 12;
    if (half_ == HalfDay::am && fields_.hour == 12) fields_.hour = 0;
    if (!zoned_ && (t_.korean() || hangul_half_)) fields_.offset_minutes = 9 * 60;
    if (both_times_ && is_american_summer(fields_)) fields_.offset_minutes += 60;
    return instant(fields_);
  }

 private:
  void step() {
    if (t_.is_number(i_)) return number();
    if (t_.is_word(i_)) return word();
    if (t_[i_].kind == Kind::mark) return sign();
    ++i_;
  }

  // A day, or what is left of one in a form that names only a month or a year.
  bool complete() {
    if (dated_) return true;
    if (counted_year_) return !clocked_;
    if (!month_ || loose_count_ != 1 || loose_[0].digits != 4 || clocked_) return false;
    fields_.year = static_cast<int>(loose_[0].value);
    fields_.month = *month_;
    fields_.day = 1;
    return true;
  }

  // ---- numbers

  void number() {
    if (!clocked_ && (colon_clock() || hour_clock())) return;
    if (dated_) {
      if (clocked_ || !late_clock()) ++i_;
      return;
    }
    if (counted()) return;
    const bool free = loose_count_ == 0 && (!month_ || doubtful_);
    if (free && numeric()) return;
    loose();
  }

  bool numeric() {
    const NumericDate date = numeric_date_at(t_, i_);
    if (date.kind == NumericDate::Kind::none) return false;
    failed_ = date.kind == NumericDate::Kind::unclear;
    set_date(date.fields.year, date.fields.month, date.fields.day);
    i_ = date.next;
    return true;
  }

  // 2024年9月18日, 2004년 05월 28일
  bool counted() {
    const DateToken& n = t_[i_];
    if (t_.is_unit(i_ + 1, 'Y')) {
      fields_.year = whole_year(static_cast<int>(n.value % 100000), n.digits);
      counted_year_ = true;
    } else if (t_.is_unit(i_ + 1, 'M') && counted_year_) {
      fields_.month = static_cast<int>(n.value % 1000);
    } else if (t_.is_unit(i_ + 1, 'M')) {
      month_ = static_cast<int>(n.value % 1000);
      before_month_ = loose_count_;
    } else if (t_.is_unit(i_ + 1, 'D') && counted_year_) {
      set_date(fields_.year, fields_.month, static_cast<int>(n.value % 1000));
    } else {
      return false;
    }
    i_ += 2;
    return true;
  }

  void loose() {
    const DateToken& n = t_[i_++];
    if (n.digits > 4 || loose_count_ == 2) {
      failed_ = true;
      return;
    }
    loose_[loose_count_++] = n;
    if (loose_count_ < 2) return;
    if (!month_)
      failed_ = true;
    else
      resolve();
  }

  // Day month year, month day year, or year month day.
  void resolve() {
    const DateToken& a = loose_[0];
    const DateToken& b = loose_[1];
    if (a.digits > 2 || a.value > 31) {
      failed_ = before_month_ != 1 || b.digits > 2;
      return set_date(whole_year(static_cast<int>(a.value), a.digits), *month_, static_cast<int>(b.value));
    }
    failed_ = b.digits < 2;
    int year = whole_year(static_cast<int>(b.value), b.digits);
    if (thai_ && year > 2400) year -= 543;  // Buddhist era
    set_date(year, *month_, static_cast<int>(a.value));
  }

  void set_date(int year, int month, int day) {
    fields_.year = year;
    fields_.month = month;
    fields_.day = day;
    dated_ = true;
  }

  // ---- clocks

  bool glued_number(std::size_t i, unsigned most_digits) const {
    return t_.is_number(i) && !t_[i].spaced && t_[i].digits <= most_digits;
  }

  void set_clock(std::int64_t hour, std::int64_t minute, std::int64_t second, std::size_t next) {
    fields_.hour = static_cast<int>(hour);
    fields_.minute = static_cast<int>(minute);
    fields_.second = static_cast<int>(second);
    clocked_ = true;
    i_ = zone_slot_ = next;
  }

  // 19:48, 19:48:21, 19:48:21.5, 19:48:21,5
  bool colon_clock() {
    const DateToken& hour = t_[i_];
    if (hour.digits > 2 || !t_.is_mark(i_ + 1, ':') || t_[i_ + 1].spaced || !glued_number(i_ + 2, 2)) return false;
    const DateToken& minute = t_[i_ + 2];
    std::size_t next = i_ + 3;
    std::int64_t second = 0;
    if (t_.is_mark(next, ':') && glued_number(next + 1, 2)) {
      second = t_[next + 1].value;
      next += 2;
      const bool fraction = t_.is_mark(next, '.') || t_.is_mark(next, ',') || t_.is_mark(next, ':');
      if (fraction && glued_number(next + 1, 250)) next += 2;
    } else if (minute.digits < 2) {
      return false;
    }
    set_clock(hour.value, minute.value, second, next);
    return true;
  }

  // 18h37, 18 h 37, 18h; 6 PM; 18時37分16秒
  bool hour_clock() {
    const DateToken& hour = t_[i_];
    if (hour.digits > 2) return false;
    if (t_.is_unit(i_ + 1, 'h')) return unit_clock();
    if (!t_.is_word(i_ + 1)) return false;
    const std::string_view word = t_[i_ + 1].text;
    if (word == "h") {
      const bool minute = t_.is_number(i_ + 2) && t_[i_ + 2].digits == 2;
      set_clock(hour.value, minute ? t_[i_ + 2].value : 0, 0, i_ + (minute ? 3 : 2));
      return true;
    }
    if (word != "pm" && (word != "am" || !dated_)) return false;
    if (hour.value < 1 || hour.value > 12) return false;
    set_clock(hour.value, 0, 0, i_ + 1);
    return true;
  }

  bool unit_clock() {
    std::int64_t parts[3] = {t_[i_].value, 0, 0};
    std::size_t next = i_ + 2;
    for (const auto& [index, unit] : {std::pair{1, 'm'}, std::pair{2, 's'}}) {
      if (!t_.is_number(next) || t_[next].digits > 2) break;
      parts[index] = t_[next].value;
      next += t_.is_unit(next + 1, unit) ? 2 : 1;
    }
    set_clock(parts[0], parts[1], parts[2], next);
    return true;
  }

  // Behind a whole date only: 18.37, 18 Uhr, and T18, T1837, T183716
  bool late_clock() {
    const DateToken& n = t_[i_];
    const bool after_t = t_.is_word(i_ - 1) && t_[i_ - 1].text == "t" && !n.spaced;
    const bool compact = n.digits == 6 || (after_t && (n.digits == 2 || n.digits == 4));
    if (compact) {
      const std::int64_t all = n.digits == 2 ? n.value * 10000 : n.digits == 4 ? n.value * 100 : n.value;
      std::size_t next = i_ + 1;
      if ((t_.is_mark(next, '.') || t_.is_mark(next, ',')) && glued_number(next + 1, 250)) next += 2;
      set_clock(all / 10000, all / 100 % 100, all % 100, next);
      return true;
    }
    if (n.digits <= 2 && t_.is_word(i_ + 1) && t_[i_ + 1].text == "uhr") {
      set_clock(n.value, 0, 0, i_ + 2);
      return true;
    }
    return dotted_clock();
  }

  bool dotted_clock() {
    const DateToken& hour = t_[i_];
    if (hour.digits > 2 || !t_.is_mark(i_ + 1, '.') || !glued_number(i_ + 2, 2) || t_[i_ + 2].digits != 2) return false;
    const bool seconds = t_.is_mark(i_ + 3, '.') && glued_number(i_ + 4, 2) && t_[i_ + 4].digits == 2;
    if (hour.value > 23 || t_[i_ + 2].value > 59) return false;
    set_clock(hour.value, t_[i_ + 2].value, seconds ? t_[i_ + 4].value : 0, i_ + (seconds ? 5 : 3));
    return true;
  }

  // ---- words

  void word() {
    const DateToken& w = t_[i_];
    if (clocked_ && half_ == HalfDay::none && i_ == zone_slot_ && latin_half_day()) return;
    if (const HalfDay half = half_day_of(w.text); half != HalfDay::none) {
      half_ = half;
      hangul_half_ = w.text.starts_with("오");
      if (i_ == zone_slot_) ++zone_slot_;
      ++i_;
    } else if (!zone() && !month() && !counted_word()) {
      other();
    }
  }

  // Nothing known: let pass before the date and behind it, not inside.
  void other() {
    const bool inside = !dated_ && (loose_count_ > 0 || month_);
    const bool after_clock = clocked_ && i_ == zone_slot_;
    if (inside && !after_clock && !is_filler(t_[i_].text)) failed_ = true;
    if (!dated_ && !inside && ++strangers_ > 6) failed_ = true;
    if (after_clock) zone_slot_ = i_ + 1;
    ++i_;
  }

  // am, a.m., pm, p.m., and Greek π.μ., μ.μ.
  bool latin_half_day() {
    const std::string_view w = t_[i_].text;
    std::size_t next = i_ + 1;
    const bool am = w == "am" || w == "a" || w == "πμ" || w == "π";
    const bool pm = w == "pm" || w == "p" || w == "μμ" || w == "μ";
    if (!am && !pm) return false;
    if (w == "a" || w == "p" || w == "π" || w == "μ") {
      if (t_.is_mark(next, '.')) ++next;
      if (!t_.is_word(next) || (t_[next].text != "m" && t_[next].text != "μ")) return false;
      ++next;
    }
    if (t_.is_mark(next, '.')) ++next;
    half_ = am ? HalfDay::am : HalfDay::pm;
    i_ = zone_slot_ = next;
    return true;
  }

  bool month() {
    if (dated_) return false;
    const std::string_view w = t_[i_].text;
    auto found = month_of(w);
    if (!found && loose_count_ == 1 && !month_) found = month_by_stem(w);
    if (!found) return false;
    if (month_ && !doubtful_) failed_ = true;
    month_ = found;
    doubtful_ = doubtful_month(w) && loose_count_ == 0;
    before_month_ = loose_count_;
    thai_ = is_thai(w);
    ++i_;
    return true;
  }

  // Vietnamese: "18 tháng 9, 2024"
  bool counted_word() {
    if (dated_ || t_[i_].text != "thang" || !t_.is_number(i_ + 1)) return false;
    month_ = static_cast<int>(t_[i_ + 1].value % 1000);
    before_month_ = loose_count_;
    i_ += 2;
    return true;
  }

  // ---- zones

  bool zone() {
    if (!clocked_ || zoned_) return false;
    const DateToken& w = t_[i_];
    const bool here = i_ == zone_slot_;
    if (!here && !(dated_ && w.upper && w.text.size() > 2)) return false;
    if (w.text == "etc" && t_.is_mark(i_ + 1, '/')) {
      posix_ = true;
      i_ = zone_slot_ = i_ + 2;
      return true;
    }
    const auto named = zone_of(w.text, w.upper);
    if (!named) return false;
    fields_.offset_minutes = named->offset_minutes;
    both_times_ = named->both_times;
    zoned_ = true;
    ++i_;
    if (!offset() && posix_) posix_ = false;
    return true;
  }

  void sign() {
    const char c = t_[i_].mark;
    const bool here = i_ == zone_slot_;
    const bool late = dated_ && t_[i_].spaced && t_.is_number(i_ + 1) && t_[i_ + 1].digits == 4;
    if (clocked_ && !zoned_ && (here || late) && offset()) return;
    if (here && (c == '(' || c == ')' || c == ',' || c == '.' || c == '[')) zone_slot_ = i_ + 1;
    ++i_;
  }

  // +0100, +01:00, +1, -530 at i_
  bool offset() {
    const bool minus = t_.is_mark(i_, '-');
    if ((!minus && !t_.is_mark(i_, '+')) || !glued_number(i_ + 1, 4)) return false;
    const DateToken& n = t_[i_ + 1];
    std::size_t next = i_ + 2;
    std::int64_t hours = n.value;
    std::int64_t minutes = 0;
    if (n.digits == 4 || (n.digits == 3 && n.value >= 100)) {
      hours = n.value / 100;
      minutes = n.value % 100;
    } else if (n.digits == 3) {  // -040: a digit was lost
      hours = n.value / 10;
      minutes = n.value % 10 * 10;
    } else if (t_.is_mark(next, ':') && glued_number(next + 1, 2)) {
      minutes = t_[next + 1].value;
      next += 2;
    }
    const bool date_follows = t_.is_mark(next, '-') || t_.is_mark(next, '/') || (t_.is_mark(next, '.') && glued_number(next + 1, 4));
    if (date_follows) return false;
    failed_ = failed_ || hours > 23 || minutes > 59;
    fields_.offset_minutes = static_cast<int>(hours * 60 + minutes) * (minus != posix_ ? -1 : 1);
    both_times_ = false;
    zoned_ = true;
    i_ = next;
    return true;
  }

  const DateTokens& t_;
  std::size_t i_ = 0;
  DateFields fields_;
  bool failed_ = false;
  bool dated_ = false;
  bool clocked_ = false;
  bool zoned_ = false;

  DateToken loose_[2];  // numbers beside a month's name, not yet told apart
  std::size_t loose_count_ = 0;
  std::size_t before_month_ = 0;
  std::optional<int> month_;
  bool doubtful_ = false;
  bool thai_ = false;
  bool counted_year_ = false;
  unsigned strangers_ = 0;

  HalfDay half_ = HalfDay::none;
  bool hangul_half_ = false;
  bool both_times_ = false;     // ET: what its offset is depends on the date
  bool posix_ = false;          // Etc/GMT+5 is west of Greenwich
  std::size_t zone_slot_ = SIZE_MAX;  // where a zone's name or offset would stand: right behind the clock
};

}  // namespace

std::optional<Time> instant(const DateFields& f) {
  if (f.year < 0 || f.year > 9999 || f.month < 1 || f.month > 12 || f.day < 1) return std::nullopt;
  const year_month_day date{year{f.year}, month{static_cast<unsigned>(f.month)}, day{static_cast<unsigned>(f.day)}};
  const bool end_of_day = f.hour == 24 && f.minute == 0 && f.second == 0;
  if (!date.ok() || (f.hour > 23 && !end_of_day) || f.minute > 59 || f.second > 60) return std::nullopt;
  return sys_days{date} + hours{f.hour} + minutes{f.minute - f.offset_minutes} + seconds{f.second};
}

int whole_year(int value, unsigned digits) {
  if (digits == 3) return value < 1000 ? 1900 + value : value;
  if (digits > 2) return value;
  return value < 50 ? 2000 + value : 1900 + value;
}

std::optional<Time> read_date(const DateTokens& tokens) {
  if (const auto time = read_bare_number(tokens)) return time;
  return DateReader(tokens).read();
}

}  // namespace riverd::feeds::read
