#include "feeds/read/utf8.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "feeds/content/byte_vector.h"

namespace riverd::feeds::read {
namespace {

constexpr std::size_t kBlock = 64;

// windows-1252, 0x80 to 0x9F; 0 where it has nothing.
constexpr std::array<char32_t, 32> kWindows1252 = {
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool continues(std::string_view text, std::size_t at) { return at < text.size() && (byte_at(text, at) & 0xC0) == 0x80; }

constexpr bool is_control(unsigned char c) { return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F; }

/// What 64 bytes hold besides plain ASCII text.
struct Odd {
  bool high;
  bool control;
};
Odd odd_in_block(const char* p) {
  // This is the first look at the document as a rule: what comes soon is asked for while this is waited for.
  constexpr std::size_t kAhead = 1024;
  __builtin_prefetch(p + kAhead);
  const content::ByteVector a = content::load_bytes(p);
  const content::ByteVector b = content::load_bytes(p + 16);
  const content::ByteVector c = content::load_bytes(p + 32);
  const content::ByteVector d = content::load_bytes(p + 48);
  const auto controls = [](content::ByteVector v) { return ((v < 0x20) & (v != '\t') & (v != '\n') & (v != '\r')) | (v == 0x7F); };
  return {content::any((a | b | c | d) & 0x80), content::any(controls(a) | controls(b) | controls(c) | controls(d))};
}

/// Four bytes as a number, the first one highest.
std::uint32_t four_bytes(const char* from) {
  std::uint32_t four = 0;
  std::memcpy(&four, from, sizeof four);
  return std::endian::native == std::endian::big ? four : __builtin_bswap32(four);
}

/// Counts sequences from `at` to `stop` or beyond; returns where the last one ends. Most text that is not ASCII is of two
/// or three bytes a character: those are told by one look at four bytes.
std::size_t scan_sequences(std::string_view text, std::size_t at, std::size_t stop, Utf8Scan& scan) {
  while (at < stop) {
    if (at + 4 <= text.size()) {
      const std::uint32_t four = four_bytes(text.data() + at);
      const std::uint32_t lead = four & 0xFF200000;  // with the bit that overlong forms and surrogates hang on
      if ((four & 0xF0C0C000) == 0xE0808000 && lead != 0xE0000000 && lead != 0xED200000) {
        ++scan.multibyte;
        at += 3;
        continue;
      }
      if ((four & 0xE0C00000) == 0xC0800000 && four >= 0xC2800000) {
        ++scan.multibyte;
        scan.controls |= four < 0xC2A00000;
        at += 2;
        continue;
      }
    }
    if (byte_at(text, at) < 0x80) {
      at = next_high(text, at, stop);
      continue;
    }
    const std::size_t length = utf8_sequence(text, at);
    if (length == 0) ++scan.invalid;
    else ++scan.multibyte;
    scan.controls |= length == 2 && byte_at(text, at) == 0xC2 && byte_at(text, at + 1) < 0xA0;
    at += length == 0 ? 1 : length;
  }
  return at;
}

void append_cleaned(std::string& out, std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) {
    if (!is_control(first)) out += sequence[0];
  } else if (sequence.size() == 2 && first == 0xC2 && byte_at(sequence, 1) < 0xA0) {
    append_character(out, byte_at(sequence, 1));
  } else if (sequence != "\xEF\xBF\xBE" && sequence != "\xEF\xBF\xBF") {
    out.append(sequence);
  }
}

}  // namespace

std::size_t next_high(std::string_view text, std::size_t at, std::size_t stop) {
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  while (stop - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & kHigh) != 0) return at + content::first_set_byte(word & kHigh);
    at += 8;
  }
  while (at < stop && byte_at(text, at) < 0x80) ++at;
  return at;
}

std::size_t utf8_sequence(std::string_view text, std::size_t at) {
  const unsigned char c = byte_at(text, at);
  if (c < 0x80) return 1;
  if (c < 0xC2 || c > 0xF4 || !continues(text, at + 1)) return 0;
  if (c < 0xE0) return 2;
  const unsigned char second = byte_at(text, at + 1);
  if (!continues(text, at + 2)) return 0;
  if (c < 0xF0) {
    if (c == 0xE0 && second < 0xA0) return 0;
    return c == 0xED && second > 0x9F ? 0 : 3;
  }
  if (!continues(text, at + 3) || (c == 0xF0 && second < 0x90)) return 0;
  return c == 0xF4 && second > 0x8F ? 0 : 4;
}

Utf8Scan scan_utf8(std::string_view text) {
  Utf8Scan scan;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t stop = std::min(text.size(), i + kBlock);
    bool high = true;
    if (stop - i == kBlock) {
      const Odd odd = odd_in_block(text.data() + i);
      high = odd.high;
      scan.controls |= odd.control;
    } else {
      for (std::size_t k = i; k < stop; ++k) scan.controls |= is_control(byte_at(text, k));
    }
    i = high ? scan_sequences(text, i, stop, scan) : stop;
  }
  return scan;
}

void append_utf8(std::string& out, char32_t point) {
  if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) point = 0xFFFD;
  const auto put = [&out](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

void append_character(std::string& out, char32_t point) {
  if (point >= 0x80 && point < 0xA0) point = kWindows1252[point - 0x80];
  if (point < 0x80 && is_control(static_cast<unsigned char>(point))) return;
  if ((point & 0xFFFE) == 0xFFFE) return;
  append_utf8(out, point);
}

std::string clean_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (std::size_t i = 0; i < text.size();) {
    std::size_t run = i;
    while (run < text.size() && byte_at(text, run) < 0x80 && !is_control(byte_at(text, run))) ++run;
    out.append(text, i, run - i);
    i = run;
    if (i == text.size()) break;
    const std::size_t length = utf8_sequence(text, i);
    if (length == 0) out += "\xEF\xBF\xBD";
    else append_cleaned(out, text.substr(i, length));
    i += length == 0 ? 1 : length;
  }
  return out;
}

}  // namespace riverd::feeds::read
