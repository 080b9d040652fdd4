#include "feeds/read/date.h"

#include <cstdint>

#include "feeds/read/date_reading.h"
#include "feeds/read/date_tokens.h"

namespace riverd::feeds::read {
namespace {

int two(const char* at) {
  const int tens = at[0] - '0';
  const int ones = at[1] - '0';
  return (tens < 0 || tens > 9 || ones < 0 || ones > 9) ? -1 : tens * 10 + ones;
}

int english_month(const char* at) {
  static constexpr char kNames[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (int m = 0; m < 12; ++m) {
    const char* name = kNames + m * 3;
    if (at[0] == name[0] && at[1] == name[1] && at[2] == name[2]) return m + 1;
  }
  return -1;
}

// "+0100", "+01:00", "GMT", "Z" and the end of the text; nothing for all else.
std::optional<int> plain_zone(std::string_view text) {
  if (text == "GMT" || text == "Z" || text == "UTC") return 0;
  if (text.size() == 6 && text[3] == ':') {
    const char digits[] = {text[0], text[1], text[2], text[4], text[5]};
    return plain_zone({digits, sizeof digits});
  }
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int hours = two(text.data() + 1);
  const int minutes = two(text.data() + 3);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

std::optional<Time> clocked(DateFields fields, const char* clock, std::string_view zone) {
  fields.hour = two(clock);
  fields.minute = two(clock + 3);
  fields.second = two(clock + 6);
  const auto offset = plain_zone(zone);
  if (fields.hour < 0 || fields.minute < 0 || fields.second < 0 || !offset) return std::nullopt;
  fields.offset_minutes = *offset;
  return instant(fields);
}

// "Thu, 01 Jan 2004 19:48:21 GMT" and nothing else: nine of ten dates in RSS.
std::optional<Time> plain_rfc822(std::string_view t) {
  if (t.size() < 27 || t.size() > 32 || t[3] != ',' || t[4] != ' ' || t[7] != ' ' || t[11] != ' ' || t[16] != ' ' ||
      t[19] != ':' || t[22] != ':' || t[25] != ' ')
    return std::nullopt;
  const char* p = t.data();
  const int century = two(p + 12);
  const int year = two(p + 14);
  const DateFields fields{.year = century * 100 + year, .month = english_month(p + 8), .day = two(p + 5)};
  if (century < 0 || year < 0) return std::nullopt;
  return clocked(fields, p + 17, t.substr(26));
}

// "2004-01-01T19:48:21.123+01:00": what Atom and JSON Feed write.
std::optional<Time> plain_rfc3339(std::string_view t) {
  if (t.size() < 20 || t.size() > 40 || t[4] != '-' || t[7] != '-' || (t[10] != 'T' && t[10] != ' ') || t[13] != ':' ||
      t[16] != ':')
    return std::nullopt;
  const char* p = t.data();
  const int century = two(p);
  const int year = two(p + 2);
  if (century < 0 || year < 0) return std::nullopt;
  std::size_t end = 19;
  if (t[end] == '.')
    for (++end; end < t.size() && t[end] >= '0' && t[end] <= '9';) ++end;
  return clocked({.year = century * 100 + year, .month = two(p + 5), .day = two(p + 8)}, p + 11, t.substr(end));
}

std::string_view trim(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || (c >= 9 && c <= 13); };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<Time> parse_date(std::string_view text) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  if (const auto time = plain_rfc822(text)) return time;
  if (const auto time = plain_rfc3339(text)) return time;
  const DateTokens tokens(text);
  return read_date(tokens);
}

}  // namespace riverd::feeds::read
