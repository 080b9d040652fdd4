#include "feeds/read/date_tokens.h"

namespace riverd::feeds::read {
namespace {

using Kind = DateToken::Kind;

// Base letters of U+00C0..U+017F; '*' has none (multiplication and division signs).
constexpr std::string_view kLatin =
    "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo*ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatin.size() == 0x180 - 0xC0);

struct Decoded {
  char32_t point = 0xFFFD;
  std::size_t length = 1;
};

Decoded decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
  if (length == 1 || text.size() < length) return {};
  char32_t point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) return {};
    point = (point << 6) | (next & 0x3FU);
  }
  return {point, length};
}

// Lower case without accents, for the scripts whose month names are known. 0: a combining mark, to be left out.
char32_t fold(char32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c < 0xC0) return c;
  if (c < 0x180) return static_cast<unsigned char>(kLatin[c - 0xC0]);
  if (c >= 0x300 && c < 0x370) return 0;
  if (c >= 0x218 && c <= 0x21B) return c < 0x21A ? U's' : U't';  // Romanian comma below
  if (c >= 0x1EA0 && c <= 0x1EB7) return U'a';                   // Vietnamese, as far as "tháng" needs it
  switch (c) {                                                   // Greek with tonos and dialytika
    case 0x386: case 0x3AC: return 0x3B1;
    case 0x388: case 0x3AD: return 0x3B5;
    case 0x389: case 0x3AE: return 0x3B7;
    case 0x38A: case 0x3AA: case 0x390: case 0x3AF: case 0x3CA: return 0x3B9;
    case 0x38C: case 0x3CC: return 0x3BF;
    case 0x38E: case 0x3AB: case 0x3B0: case 0x3CB: case 0x3CD: return 0x3C5;
    case 0x38F: case 0x3CE: return 0x3C9;
    case 0x3C2: return 0x3C3;  // final sigma
    default: break;
  }
  if (c >= 0x391 && c <= 0x3A9) return c + 32;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  return c;
}

int digit(char32_t c) {
  if (c >= '0' && c <= '9') return static_cast<int>(c - '0');
  if (c >= 0xFF10 && c <= 0xFF19) return static_cast<int>(c - 0xFF10);  // full width
  if (c >= 0x660 && c <= 0x669) return static_cast<int>(c - 0x660);     // Arabic-Indic
  if (c >= 0x6F0 && c <= 0x6F9) return static_cast<int>(c - 0x6F0);     // Persian
  if (c >= 0xE50 && c <= 0xE59) return static_cast<int>(c - 0xE50);     // Thai
  return -1;
}

bool is_space(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200B) || c == 0x202F ||
         c == 0xFEFF || c == 0x200E || c == 0x200F;
}

// The ASCII sign that a character stands for, or 0 where it is a letter.
char mark(char32_t c) {
  if (c < 0x80) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter ? '\0' : static_cast<char>(c);
  }
  switch (c) {
    case 0x2212: case 0x2010: case 0x2011: case 0x2013: case 0x2014: case 0xFF0D: return '-';
    case 0xFF0B: return '+';
    case 0xFF1A: return ':';
    case 0xFF0C: case 0x3001: case 0x60C: return ',';
    case 0xFF0E: case 0x3002: return '.';
    case 0xFF0F: return '/';
    case 0xFF08: return '(';
    case 0xFF09: return ')';
    case 0x2018: case 0x2019: return '\'';
    case 0xFFFD: return '?';
    default: return c >= 0xA1 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA ? '?' : '\0';
  }
}

struct Unit {
  char32_t point;
  char mark;
};
constexpr Unit kUnits[] = {
    {U'年', 'Y'}, {U'月', 'M'}, {U'日', 'D'}, {U'号', 'D'}, {U'號', 'D'}, {U'时', 'h'}, {U'時', 'h'}, {U'点', 'h'},
    {U'點', 'h'}, {U'分', 'm'}, {U'秒', 's'}, {U'년', 'Y'}, {U'월', 'M'}, {U'일', 'D'}, {U'시', 'h'}, {U'분', 'm'},
    {U'초', 's'},
};

char unit(char32_t c) {
  for (const Unit& u : kUnits)
    if (u.point == c) return u.mark;
  return 0;
}

bool is_hangul(char32_t c) { return c >= 0xAC00 && c <= 0xD7A3; }
bool is_thai(char32_t c) { return c >= 0xE01 && c <= 0xE4E; }

constexpr std::u32string_view kHanNumerals = U"一二三四五六七八九十";

}  // namespace

class DateTokens::Cutter {
 public:
  Cutter(DateTokens& out, std::string_view text) : out_(out), rest_(text) {}

  void run() {
    while (!rest_.empty() && out_.size_ < out_.tokens_.size()) {
      const Decoded c = decode(rest_);
      if (is_space(c.point)) {
        spaced_ = true;
        rest_.remove_prefix(c.length);
      } else if (digit(c.point) >= 0) {
        number();
      } else if (const char sign = mark(c.point)) {
        add({.kind = Kind::mark, .mark = sign});
        rest_.remove_prefix(c.length);
      } else if (!counter(c) && !han_month()) {
        word();
      }
    }
  }

 private:
  void add(DateToken token) {
    token.spaced = spaced_;
    spaced_ = false;
    out_.tokens_[out_.size_++] = token;
  }

  void number() {
    DateToken token{.kind = Kind::number};
    while (!rest_.empty()) {
      const Decoded c = decode(rest_);
      const int d = digit(c.point);
      if (d < 0) break;
      if (token.digits < 18) token.value = token.value * 10 + d;
      if (token.digits < 250) ++token.digits;
      rest_.remove_prefix(c.length);
    }
    add(token);
  }

  // A counter is one only behind a number: 日 also begins 日曜日.
  bool counter(const Decoded& c) {
    const char which = unit(c.point);
    if (which == 0 || out_.size_ == 0 || out_.tokens_[out_.size_ - 1].kind != Kind::number) return false;
    out_.korean_ = out_.korean_ || is_hangul(c.point);
    add({.kind = Kind::unit, .mark = which});
    rest_.remove_prefix(c.length);
    return true;
  }

  // 九月, 十二月: numerals are read only before 月, else they belong to 星期三 and the like.
  bool han_month() {
    int value = 0;
    std::string_view at = rest_;
    for (int i = 0; i < 3 && !at.empty(); ++i) {
      const Decoded c = decode(at);
      if (c.point == U'月' && value >= 1 && value <= 12) {
        add({.kind = Kind::number, .digits = 2, .value = value});
        rest_ = at;
        return true;
      }
      const auto index = kHanNumerals.find(c.point);
      if (index == std::u32string_view::npos) return false;
      value += static_cast<int>(index) + 1;
      at.remove_prefix(c.length);
    }
    return false;
  }

  void word() {
    const std::size_t begin = used_;
    bool upper = true;
    bool thai = false;
    while (!rest_.empty()) {
      const Decoded c = decode(rest_);
      const bool inner_dot = c.point == '.' && thai && rest_.size() > 1 && is_thai(decode(rest_.substr(1)).point);
      if (!inner_dot && (is_space(c.point) || digit(c.point) >= 0 || mark(c.point) != 0)) break;
      upper = upper && c.point >= 'A' && c.point <= 'Z';
      thai = is_thai(c.point);
      put(fold(c.point));
      rest_.remove_prefix(c.length);
    }
    const std::string_view text(out_.folded_.data() + begin, used_ - begin);
    add({.kind = Kind::word, .upper = upper, .text = text});
  }

  // A folded character is never longer than the one read, so the buffer cannot run over.
  void put(char32_t c) {
    const auto byte = [this](char32_t b) { out_.folded_[used_++] = static_cast<char>(static_cast<unsigned char>(b)); };
    if (c == 0) return;
    if (c < 0x80) return byte(c);
    if (c < 0x800) return byte(0xC0 | (c >> 6)), byte(0x80 | (c & 0x3F));
    if (c < 0x10000) return byte(0xE0 | (c >> 12)), byte(0x80 | ((c >> 6) & 0x3F)), byte(0x80 | (c & 0x3F));
    byte(0xF0 | (c >> 18)), byte(0x80 | ((c >> 12) & 0x3F)), byte(0x80 | ((c >> 6) & 0x3F)), byte(0x80 | (c & 0x3F));
  }

  DateTokens& out_;
  std::string_view rest_;
  std::size_t used_ = 0;
  bool spaced_ = false;
};

DateTokens::DateTokens(std::string_view text) {
  Cutter(*this, text.substr(0, kDateBytes)).run();
}

}  // namespace riverd::feeds::read
