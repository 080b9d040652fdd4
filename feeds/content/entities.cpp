#include "feeds/content/entities.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "feeds/content/byte_vector.h"

namespace riverd::feeds::content {
namespace {

/// The longest name, CounterClockwiseContourIntegral, has 31 letters; the longest legacy one ("yacute") six.
constexpr std::size_t kLongestName = 31;
constexpr std::size_t kLongestLegacyName = 6;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct Named {
  std::string_view name;
  std::string value;  // UTF-8
  bool legacy = false;
};

/// The table as a hash table of open addressing, unpacked at first use.
class Names {
 public:
  Names() {
    for (std::size_t at = 0; at < kEntityTable.size();) {
      const std::size_t end = kEntityTable.find(' ', at);
      insert(kEntityTable.substr(at, end - at));
      at = end + 1;
    }
  }

  [[nodiscard]] const Named* find(std::string_view name) const {
    for (std::size_t slot = hash(name);; ++slot) {
      const Named* entry = slots_[slot % kSlots];
      if (entry == nullptr || entry->name == name) return entry;
    }
  }

 private:
  static constexpr std::size_t kSlots = 8192;

  static std::size_t hash(std::string_view name) {
    std::uint32_t h = 2166136261U;
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 16777619U;
    return h ^ (h >> 15);
  }

  void insert(std::string_view word) {
    const std::size_t mark = word.find_first_of("=~");
    Named entry{word.substr(0, mark), {}, word[mark] == '~'};
    char32_t code_point = 0;
    for (const char c : word.substr(mark + 1)) {
      if (c == ',') {
        append_code_point(entry.value, code_point);
        code_point = 0;
      } else {
        code_point = code_point * 16 + static_cast<char32_t>(hex_digit(c));
      }
    }
    append_code_point(entry.value, code_point);
    entries_.push_back(std::move(entry));
    std::size_t slot = hash(entries_.back().name);
    while (slots_[slot % kSlots] != nullptr) ++slot;
    slots_[slot % kSlots] = &entries_.back();
  }

  struct Storage : std::vector<Named> {
    Storage() { reserve(2200); }  // pointers into it stay
  } entries_;
  std::array<const Named*, kSlots> slots_{};
};

const Names& names() {
  static const Names table;
  return table;
}

/// What &#128; to &#159; stand for: windows-1252, as ever on the web.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

std::size_t decode_numeric(std::string_view text, std::string& out) {
  const bool hex = text.size() > 2 && (text[2] | 0x20) == 'x';
  std::size_t at = hex ? 3 : 2;
  const std::size_t first = at;
  char32_t code_point = 0;
  for (; at < text.size(); ++at) {
    const int digit = hex_digit(text[at]);
    if (digit < 0 || (!hex && digit > 9)) break;
    code_point = std::min<char32_t>(code_point * (hex ? 16 : 10) + static_cast<char32_t>(digit), 0x110000);
  }
  if (at == first) return 0;
  if (at < text.size() && text[at] == ';') ++at;
  if (code_point >= 0x80 && code_point <= 0x9F) code_point = kWindows1252[code_point - 0x80];
  append_code_point(out, code_point == 0 ? 0xFFFD : code_point);
  return at;
}

std::size_t decode_named(std::string_view text, bool in_attribute, std::string& out) {
  std::size_t end = 1;
  const std::size_t limit = std::min(text.size(), kLongestName + 2);
  while (end < limit && is_alphanumeric(text[end])) ++end;
  const std::string_view run = text.substr(1, end - 1);
  if (run.empty()) return 0;
  if (end < text.size() && text[end] == ';') {
    if (const Named* entry = names().find(run)) {
      out += entry->value;
      return end + 1;
    }
  }
  for (std::size_t length = std::min(run.size(), kLongestLegacyName); length >= 2; --length) {
    const Named* entry = names().find(run.substr(0, length));
    if (entry == nullptr || !entry->legacy) continue;
    const char next = length + 1 < text.size() ? text[length + 1] : '\0';
    if (in_attribute && (next == '=' || is_alphanumeric(next))) return 0;
    out += entry->value;
    return length + 1;
  }
  return 0;
}

}  // namespace

void append_code_point(std::string& out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = 0xFFFD;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::size_t decode_reference(std::string_view text, bool in_attribute, std::string& out) {
  if (text.size() < 2) return 0;
  return text[1] == '#' ? decode_numeric(text, out) : decode_named(text, in_attribute, out);
}

std::size_t find_encoded(std::string_view text, std::size_t from) {
  return find_where(text, from, [](auto c) { return (c == '&') | (c == '\r'); });
}

void append_decoded(std::string& out, std::string_view text, bool in_attribute) {
  std::size_t done = 0;
  for (std::size_t at = find_encoded(text); at < text.size(); at = find_encoded(text, at)) {
    out.append(text, done, at - done);
    if (text[at] == '\r') {
      out += '\n';
      at += at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
    } else if (const std::size_t used = decode_reference(text.substr(at), in_attribute, out)) {
      at += used;
    } else {
      out += '&';
      ++at;
    }
    done = at;
  }
  out.append(text, done);
}

}  // namespace riverd::feeds::content
