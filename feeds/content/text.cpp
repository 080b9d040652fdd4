#include "feeds/content/text.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "feeds/content/byte_vector.h"
#include "feeds/content/entities.h"
#include "feeds/content/utf8.h"

namespace riverd::feeds::content {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";     // U+2026

/// Where fold_space may have to do something: at white space but for a single space between words, and at
/// controls, be they beyond ASCII (U+0080 to U+00A0, U+1680, U+2000 to U+207F, U+3000 to U+303F begin like
/// that).
std::size_t find_fold(std::string_view text, std::size_t from) {
  const auto is_odd = [](auto c) { return (c < 0x20) | (c == 0x7F); };
  return find_pair_where(text, from, [is_odd](auto c, auto next) {
    return is_odd(c) | ((c == ' ') & ((next == ' ') | is_odd(next))) | ((c == 0xC2) & (next <= 0xA0)) |
           ((c == 0xE1) & (next == 0x9A)) | ((c == 0xE2) & (next <= 0x81)) | ((c == 0xE3) & (next == 0x80));
  });
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

/// Whether a code point starts or ends a word by itself: the scripts written without spaces.
bool breaks_anywhere(char32_t c) {
  return c >= 0x2E80 && c < 0xD7B0 && !(c >= 0xA000 && c < 0xAC00);
}

/// The byte offset of the code point that ends before `at`.
std::size_t before(std::string_view text, std::size_t at) {
  do --at;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return at;
}

/// Where to cut the words of text[0, end): after a whole word, or at `end` where the only word is longer than
/// that.
std::size_t word_end(std::string_view text, std::size_t end) {
  const CodePoint next = decode_utf8(text.substr(end));
  if (is_space(next.value) || breaks_anywhere(next.value)) return end;
  for (std::size_t at = end; at > 0;) {
    const std::size_t start = before(text, at);
    const char32_t c = decode_utf8(text.substr(start)).value;
    if (is_space(c)) return start;
    if (breaks_anywhere(c)) return at;
    at = start;
  }
  return end;
}

}  // namespace

bool is_space(char32_t c) {
  if (c <= 0x20) return c == ' ' || (c >= 9 && c <= 13);
  if (c < 0x85) return false;
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

void append_folded(std::string& out, std::string_view text) {
  std::size_t at = 0;
  bool pending = false;
  const auto word = [&](std::size_t from, std::size_t size) {
    if (pending && !out.empty() && out.back() != ' ') out += ' ';
    pending = false;
    out.append(text, from, size);
  };
  while (at < text.size()) {
    if (text[at] == ' ') {
      pending = true;
      ++at;
      continue;
    }
    const std::size_t end = find_fold(text, at);
    if (end > at) word(at, end - at);
    if (end == text.size()) break;
    const CodePoint c = decode_utf8(text.substr(end));
    if (is_space(c.value)) {
      pending = true;
    } else if (!is_control(c.value)) {
      word(end, c.size);
    }
    at = end + c.size;
  }
  if (pending && !out.empty() && out.back() != ' ') out += ' ';
}

std::string fold_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_folded(out, text);
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string excerpt(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t characters = 0;
  std::size_t last = 0;  // where the limit-th character starts: the ellipsis takes its place
  for (std::size_t at = 0; at < text.size(); at += decode_utf8(text.substr(at)).size) {
    if (++characters == limit) last = at;
    if (characters <= limit) continue;
    std::size_t cut = word_end(text, last);
    while (cut > 0 && is_space(decode_utf8(text.substr(before(text, cut))).value)) cut = before(text, cut);
    return std::string(text.substr(0, cut)).append(kEllipsis);
  }
  return std::string(text);
}

std::string decode_entities(std::string_view text) {
  if (text.find('&') == std::string_view::npos) return std::string(text);
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (std::size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at)) {
    out.append(text, done, at - done);
    done = at;
    const std::size_t used = decode_reference(text.substr(at), false, out);
    at += used == 0 ? 1 : used;
    if (used != 0) done = at;
  }
  return out.append(text, done);
}

bool is_ascii(std::string_view text) {
  std::uint64_t all = 0;  // eight bytes at once
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    all |= word;
  }
  for (; i < text.size(); ++i) all |= static_cast<unsigned char>(text[i]);
  return (all & 0x8080808080808080U) == 0;
}

bool is_valid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    while (at + 8 <= text.size()) {
      std::memcpy(&eight, text.data() + at, 8);
      if ((eight & 0x8080808080808080U) != 0) break;
      at += 8;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
    while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80) {
      const CodePoint c = decode_utf8(text.substr(at));
      if (!c.valid) return false;
      at += c.size;
    }
  }
  return true;
}

std::string valid_utf8(std::string_view text) {
  if (std::memchr(text.data(), 0, text.size()) == nullptr && is_valid_utf8(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text.substr(at));
    out += c.valid && c.value != 0 ? text.substr(at, c.size) : kReplacement;
    at += c.size;
  }
  return out;
}

void append_escaped(std::string& out, std::string_view text) {
  std::size_t done = 0;
  std::size_t at = 0;
  const auto replace = [&](std::size_t size, std::string_view with) {
    out.append(text, done, at - done).append(with);
    at += size;
    done = at;
  };
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x80) {
      const CodePoint c = decode_utf8(text.substr(at));
      if (!c.valid) {
        replace(c.size, kReplacement);
      } else if (c.value == 0xFFFE || c.value == 0xFFFF) {
        replace(c.size, "");
      } else {
        at += c.size;
      }
      continue;
    }
    switch (byte) {
      case '&':
        replace(1, "&amp;");
        break;
      case '<':
        replace(1, "&lt;");
        break;
      case '>':
        replace(1, "&gt;");
        break;
      case '"':
        replace(1, "&quot;");
        break;
      case '\'':
        replace(1, "&#39;");
        break;
      case '\r':
        replace(1, "&#13;");
        break;
      case '\t':
      case '\n':
        ++at;
        break;
      default:
        if (byte < 0x20) {
          replace(1, "");
        } else {
          ++at;
        }
    }
  }
  out.append(text, done);
}

}  // namespace riverd::feeds::content
