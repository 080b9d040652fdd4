#include "storage/words.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "storage/fold.h"

namespace riverd::storage {
namespace {

bool without_spaces(char32_t c) {
  if (c < 0x0e00) return false;
  return (c >= 0x0e00 && c <= 0x0eff) ||                                    // Thai, Lao
         (c >= 0x1000 && c <= 0x109f) || (c >= 0x1780 && c <= 0x17ff) ||    // Myanmar, Khmer
         (c >= 0x3041 && c <= 0x30ff && c != 0x30fb) ||                     // kana, without the middle dot
         (c >= 0x31f0 && c <= 0x31ff) || (c >= 0x3400 && c <= 0x4dbf) ||    // kana, Han A
         (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7a3) ||    // Han, Hangul
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff66 && c <= 0xff9f) ||    // compatibility Han, half-width kana
         (c >= 0x20000 && c <= 0x3ffff) || c == 0x3005 || c == 0x3007;
}

/// Punctuation and symbols that unicode61 skips too. What is missing here merely becomes an empty word there.
constexpr bool separates(char32_t c) {
  if (c < 0x80) {
    return !((c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z'));
  }
  return c < 0xaa || c == 0xab || c == 0xac || c == 0xae || c == 0xaf || c == 0xb0 || c == 0xb1 || c == 0xb4 ||
         (c >= 0xb6 && c <= 0xb8) || c == 0xbb || c == 0xbf || c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c <= 0x206f) ||
         (c >= 0x20a0 && c <= 0x20cf) || (c >= 0x2190 && c <= 0x245f) || (c >= 0x2500 && c <= 0x27bf) ||
         (c >= 0x2900 && c <= 0x2bff) || (c >= 0x2e00 && c <= 0x2e7f) || (c >= 0x3000 && c <= 0x3004) ||
         (c >= 0x3008 && c <= 0x3020) || c == 0x30fb || (c >= 0xfe30 && c <= 0xfe6f) || c == 0xfeff ||
         (c >= 0xff01 && c <= 0xff0f) || (c >= 0xff1a && c <= 0xff20) || (c >= 0xff3b && c <= 0xff40) ||
         (c >= 0xff5b && c <= 0xff65) || c == 0xfffd || (c >= 0x1f000 && c <= 0x1faff);
}

/// Greek without its accents, which unicode61 leaves on.
char32_t without_accent(char32_t c) {
  switch (c) {
    case 0x386: case 0x3ac: return 0x3b1;
    case 0x388: case 0x3ad: return 0x3b5;
    case 0x389: case 0x3ae: return 0x3b7;
    case 0x38a: case 0x390: case 0x3aa: case 0x3af: case 0x3ca: return 0x3b9;
    case 0x38c: case 0x3cc: return 0x3bf;
    case 0x38e: case 0x3ab: case 0x3b0: case 0x3cb: case 0x3cd: return 0x3c5;
    case 0x38f: case 0x3ce: return 0x3c9;
    case 0x3c2: return 0x3c3;  // final sigma
    default: return c;
  }
}

char32_t half_width(char32_t c) { return c >= 0xff01 && c <= 0xff5e ? c - 0xfee0 : c; }

/// Whether a byte is an ASCII letter or digit: nearly all of what is prepared, and needs no decoding.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0; c < 0x80; ++c) plain[c] = !separates(static_cast<char32_t>(c));
  return plain;
}();

/// How many plain bytes are at the front.
std::size_t plain_run(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && kPlain[static_cast<unsigned char>(text[length])]) ++length;
  return length;
}

/// Takes characters, writes words with a space after each.
class Preparer {
 public:
  explicit Preparer(std::string& out) : out_(out) {}

  /// As put() for each byte of a plain_run(), while there is room.
  void put_plain(std::string_view run) {
    end_run(true);
    if (word_ >= kMaxWord) return;
    run = run.substr(0, std::min(kMaxWord - word_, kMaxWords - std::min(kMaxWords, out_.size())));
    out_ += run;
    word_ += run.size();
  }

  void put(char32_t c) {
    if (c == 0xad || (c >= 0x200b && c <= 0x200d)) return;  // soft hyphen, zero width: inside a word
    if (without_spaces(c)) return put_paired(half_width(c));
    end_run(true);
    c = without_accent(half_width(c));
    if (separates(c)) return end_word();
    if (word_ < kMaxWord) {
      const std::size_t before = out_.size();
      append_utf8(out_, c);
      word_ += out_.size() - before;
    }
  }

  void end_word() {
    end_run(true);
    if (word_ > 0) out_ += ' ';
    word_ = 0;
  }

  /// At the end of a search term: a run of several characters needs no last single one. True where the last is single.
  bool end_term() {
    const bool single = run_ == 1;
    end_run(single);
    if (word_ > 0) out_ += ' ';
    return single && word_ == 0;
  }

 private:
  void put_paired(char32_t c) {
    if (word_ > 0) end_word();
    if (run_ > 0) {
      append_utf8(out_, last_);
      append_utf8(out_, c);
      out_ += ' ';
    }
    last_ = c;
    ++run_;
  }

  void end_run(bool write_last) {
    if (run_ > 0 && write_last) {
      append_utf8(out_, last_);
      out_ += ' ';
    }
    run_ = 0;
  }

  std::string& out_;
  std::size_t word_ = 0;  ///< bytes of the word begun
  std::size_t run_ = 0;   ///< characters of a run without spaces
  char32_t last_ = 0;
};

constexpr std::array<std::string_view, 22> kInline = {"a",  "abbr", "b",   "bdi",   "bdo",  "cite", "code", "del",
                                                      "em", "i",    "ins", "kbd",   "mark", "q",    "s",    "small",
                                                      "span", "strong", "sub", "sup", "u", "wbr"};

/// Skips a tag at the front; true where it parts words (a paragraph), false where it may stand inside one (<b>).
bool skip_tag(std::string_view& html) {
  std::size_t i = 1;
  if (i < html.size() && html[i] == '/') ++i;
  const std::size_t name = i;
  while (i < html.size() && html[i] != '>' && html[i] != ' ' && html[i] != '/') ++i;
  const std::string_view tag = html.substr(name, i - name);
  for (char quote = 0; i < html.size() && (quote != 0 || html[i] != '>'); ++i) {
    if (quote != 0) {
      if (html[i] == quote) quote = 0;
    } else if (html[i] == '"' || html[i] == '\'') {
      quote = html[i];
    }
  }
  html.remove_prefix(std::min(i + 1, html.size()));
  for (const auto inside : kInline) {
    if (tag == inside) return false;
  }
  return true;
}

/// The character of a reference at the front ("&amp;"), removed; an ampersand that begins none stands for itself.
char32_t take_reference(std::string_view& html) {
  const std::size_t end = html.substr(0, 12).find(';');
  if (end == std::string_view::npos) {
    html.remove_prefix(1);
    return U'&';
  }
  std::string_view name = html.substr(1, end - 1);
  html.remove_prefix(end + 1);
  if (name.starts_with('#')) {
    const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    name.remove_prefix(hex ? 2 : 1);
    std::uint32_t code = 0;
    std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? char32_t{code} : U' ';
  }
  return U' ';  // amp, lt, gt, quot, nbsp: all part words
}

}  // namespace

void append_words(std::string& out, std::string_view text) {
  Preparer preparer(out);
  while (!text.empty() && out.size() < kMaxWords) {
    if (const std::size_t plain = plain_run(text); plain > 0) {
      preparer.put_plain(text.substr(0, plain));
      text.remove_prefix(plain);
    } else {
      preparer.put(next_character(text));
    }
  }
  preparer.end_word();
}

void append_words_of_html(std::string& out, std::string_view html) {
  Preparer preparer(out);
  while (!html.empty() && out.size() < kMaxWords) {
    if (html.front() == ' ') {  // by far the most frequent
      preparer.end_word();
      html.remove_prefix(1);
    } else if (const std::size_t plain = plain_run(html); plain > 0) {
      preparer.put_plain(html.substr(0, plain));
      html.remove_prefix(plain);
    } else if (html.front() == '<') {
      if (skip_tag(html)) preparer.end_word();
    } else if (html.front() == '&') {
      preparer.put(take_reference(html));
    } else {
      preparer.put(next_character(html));
    }
  }
  preparer.end_word();
}

void append_text_of_html(std::string& out, std::string_view html) {
  std::size_t tag = html.find('<');
  std::size_t reference = html.find('&');
  std::string_view rest = html;
  const auto next = [&](char c) {
    const std::size_t done = html.size() - rest.size();
    return html.find(c, done);
  };
  while (tag != std::string_view::npos || reference != std::string_view::npos) {
    const std::size_t at = std::min(tag, reference);
    const std::size_t done = html.size() - rest.size();
    out += rest.substr(0, at - done);
    rest.remove_prefix(at - done);
    if (at == tag) {
      if (skip_tag(rest)) out += ' ';
    } else {
      append_utf8(out, take_reference(rest));
    }
    const std::size_t now = html.size() - rest.size();
    if (tag != std::string_view::npos && tag < now) tag = next('<');
    if (reference != std::string_view::npos && reference < now) reference = next('&');
  }
  out += rest;
}

std::vector<std::string> words_of(std::string_view text) {
  std::string prepared;
  append_words(prepared, text);
  std::vector<std::string> words;
  for (std::size_t at = 0; at < prepared.size();) {
    const std::size_t end = prepared.find(' ', at);
    words.push_back(prepared.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

PreparedTerm prepare_term(std::string_view text) {
  PreparedTerm term;
  Preparer preparer(term.words);
  while (!text.empty()) preparer.put(next_character(text));
  term.open_ended = preparer.end_term();
  if (!term.words.empty()) term.words.pop_back();
  return term;
}

}  // namespace riverd::storage
