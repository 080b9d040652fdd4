#include "feeds/read/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "feeds/read/charset_names.h"
#include "feeds/read/charset_tables.h"
#include "feeds/read/double_encoding.h"
#include "feeds/read/names.h"
#include "feeds/read/utf8.h"

namespace riverd::feeds::read {
namespace {

using Kind = Charset::Kind;
constexpr auto npos = std::string_view::npos;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

unsigned char byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : std::uint8_t{0};
}

Converted convert_by_iconv(std::string_view body, const std::string& charset) {
  Converted result;
  const iconv_t handle = iconv_open("UTF-8", charset.c_str());
  // NOLINTNEXTLINE: the C API's own way of saying "none"
  if (handle == reinterpret_cast<iconv_t>(-1)) return {std::string(body), body.size()};
  result.text.reserve(body.size() + body.size() / 4);
  std::array<char, 16384> buffer{};
  char* in = const_cast<char*>(body.data());  // iconv's signature; it does not write there
  std::size_t left = body.size();
  while (left > 0) {
    char* out = buffer.data();
    std::size_t room = buffer.size();
    const std::size_t done = iconv(handle, &in, &left, &out, &room);
    const int error = done == static_cast<std::size_t>(-1) ? errno : 0;
    result.text.append(buffer.data(), static_cast<std::size_t>(out - buffer.data()));
    if (error == 0 || error == E2BIG) continue;
    result.text += "\xEF\xBF\xBD";
    ++result.invalid;
    if (error == EINVAL) break;  // a sequence that the document breaks off
    ++in;
    --left;
  }
  iconv_close(handle);
  return result;
}

/// True where a text holds private characters, U+E000 to U+F8FF.
bool has_private_characters(std::string_view text) {
  for (std::size_t at = text.find_first_of("\xEE\xEF"); at != npos; at = text.find_first_of("\xEE\xEF", at + 1)) {
    if (byte_at(text, at) == 0xEE || byte_at(text, at + 1) < 0xA4) return true;
  }
  return false;
}

Converted convert(std::string_view body, const std::string& charset) {
  if (auto result = convert_by_table(body, charset)) return *std::move(result);
  if (charset == "@hz") return convert_by_iconv(euc_of_hz(body), "GB18030");
  Converted result = convert_by_iconv(body, charset);
  // Big5 in Hong Kong has more characters; elsewhere the two differ in a few signs, where Taiwan's are right.
  if (charset == "CP950" && (result.invalid != 0 || has_private_characters(result.text))) {
    Converted wider = convert_by_iconv(body, "BIG5-HKSCS");
    if (wider.invalid <= result.invalid) result = std::move(wider);
  }
  return result;
}

// ---- UTF-16 and UTF-32 ---------------------------------------------------------------------------------------------

struct Wide {
  std::string_view name;
  std::size_t unit;  // bytes
  bool big;
};

constexpr Wide kUtf16Le{"utf-16le", 2, false};
constexpr Wide kUtf16Be{"utf-16be", 2, true};
constexpr Wide kUtf32Le{"utf-32le", 4, false};
constexpr Wide kUtf32Be{"utf-32be", 4, true};

char32_t unit_at(std::string_view body, std::size_t at, const Wide& wide) {
  char32_t value = 0;
  for (std::size_t i = 0; i < wide.unit; ++i) {
    value = value << 8 | byte_at(body, at + (wide.big ? i : wide.unit - 1 - i));
  }
  return value;
}

std::string from_wide(std::string_view body, const Wide& wide) {
  std::string out;
  out.reserve(body.size() / wide.unit + body.size() / 8);
  for (std::size_t at = 0; at + wide.unit <= body.size(); at += wide.unit) {
    char32_t point = unit_at(body, at, wide);
    if (wide.unit == 2 && (point & 0xFC00) == 0xD800 && at + 4 <= body.size()) {
      const char32_t low = unit_at(body, at + 2, wide);
      if ((low & 0xFC00) == 0xDC00) {
        point = 0x10000 + ((point & 0x3FF) << 10 | (low & 0x3FF));
        at += 2;
      }
    }
    append_utf8(out, point);
  }
  return out;
}

/// What four bytes at the start tell: a byte order mark, or a '<' (XML 1.0, appendix F).
std::optional<Wide> sniff_wide(std::string_view body) {
  const auto is = [body](unsigned a, unsigned b, unsigned c, unsigned d) {
    return body.size() >= 4 && byte_at(body, 0) == a && byte_at(body, 1) == b && byte_at(body, 2) == c && byte_at(body, 3) == d;
  };
  const unsigned a = byte_at(body, 0);
  const unsigned b = byte_at(body, 1);
  const auto begins = [](unsigned x) { return x == '<' || x == '{' || is_space(static_cast<char>(x)); };
  if (is(0, 0, 0xFE, 0xFF) || (begins(byte_at(body, 3)) && is(0, 0, 0, byte_at(body, 3)))) return kUtf32Be;
  if (is(0xFF, 0xFE, 0, 0) || (begins(a) && is(a, 0, 0, 0))) return kUtf32Le;
  if (body.size() < 2) return std::nullopt;
  if (a == 0xFE && b == 0xFF) return kUtf16Be;
  if (a == 0xFF && b == 0xFE) return kUtf16Le;
  const unsigned c = byte_at(body, 2);
  const unsigned d = byte_at(body, 3);
  if (a == 0 && begins(b) && c == 0 && d != 0) return kUtf16Be;
  if (begins(a) && b == 0 && c != 0 && d == 0) return kUtf16Le;
  return std::nullopt;
}

// ---- choosing --------------------------------------------------------------------------------------------------------

class Decoder {
 public:
  Decoder(std::string_view body, std::string_view http_charset, Warnings& warnings)
      : body_(body), http_(http_charset), warnings_(warnings) {}

  Decoded run() {
    if (const auto wide = sniff_wide(body_)) {
      use(from_wide(body_, *wide), std::string(wide->name));
    } else if (body_.substr(0, 4) == "\x4C\x6F\xA7\x94") {  // "<?xm" in EBCDIC
      decode_ebcdic();
    } else {
      const bool marked = body_.substr(0, 3) == kUtf8Mark;
      while (body_.substr(0, 3) == kUtf8Mark) body_.remove_prefix(3);
      scan_ = scan_utf8(body_);
      if (marked) use_utf8();
      else choose();
      if (result_.encoding == "utf-8" && !result_.stored && scan_.valid() && scan_.multibyte > 1) undo_second_encoding();
    }
    clean();
    return std::move(result_);
  }

 private:
  void use(std::string text, std::string name) {
    result_.storage = std::move(text);
    result_.stored = true;
    result_.encoding = std::move(name);
  }

  void use_utf8() {
    result_.body = body_;
    result_.encoding = "utf-8";
    if (!scan_.valid()) warnings_.add(std::to_string(scan_.invalid) + " bytes are not UTF-8; each was replaced");
  }

  void undo_second_encoding() {
    auto once = undo_double_encoding(body_);
    if (!once) return;
    warnings_.add("its text was encoded in utf-8 twice");
    use(*std::move(once), "utf-8");
  }

  void use_converted(const Charset& charset, Converted converted) {
    const bool wider = !charset.wider.empty() && (charset.name == "us-ascii" ? !scan_.ascii() : has_c1_bytes());
    if (converted.invalid != 0) {
      warnings_.add(std::to_string(converted.invalid) + " bytes are not " + charset.name + "; each was replaced");
    }
    use(std::move(converted.text), wider ? charset.wider : charset.name);
  }

  [[nodiscard]] bool has_c1_bytes() const {
    for (const char c : body_) {
      if ((static_cast<unsigned char>(c) & 0xE0) == 0x80) return true;
    }
    return false;
  }

  void decode_ebcdic() {
    const Converted head = convert(body_.substr(0, 400), "IBM037");
    Charset charset = charset_of(declared_encoding(head.text));
    if (charset.kind == Kind::none) charset = charset_of("ibm037");
    use_converted(charset, convert(body_, charset.iconv.empty() ? "IBM037" : charset.iconv));
  }

  /// True where a claim settled the matter.
  bool try_claim(std::string_view label, bool last) {
    if (label.empty()) return false;
    const Charset charset = charset_of(label);
    const std::string shown(label.substr(0, 40));
    switch (charset.kind) {
      case Kind::none:
        warnings_.add("nobody knows the charset \"" + clean_utf8(shown) + "\"");
        return false;
      case Kind::wide:
        warnings_.add("it says " + charset.name + ", and its bytes are not");
        return false;
      case Kind::utf8:
        if (!scan_.valid() && (!last || scan_.multibyte == 0)) return false;
        use_utf8();
        return true;
      case Kind::single_byte: return try_single_byte(charset);
      case Kind::multi_byte: return try_multi_byte(charset, last);
    }
    return false;
  }

  bool try_single_byte(const Charset& charset) {
    if (scan_.valid() && scan_.multibyte > 0) {
      warnings_.add("it says " + charset.name + ", and is utf-8");
      use_utf8();
      return true;
    }
    if (charset.name == "us-ascii" && scan_.ascii()) {
      use_utf8();
      result_.encoding = charset.name;
      return true;
    }
    use_converted(charset, convert(body_, charset.iconv));
    return true;
  }

  bool try_multi_byte(const Charset& charset, bool last) {
    constexpr std::size_t kNoAccident = 3;  // characters: so many are not valid UTF-8 by chance
    const bool utf8 = scan_.valid() && (scan_.multibyte >= kNoAccident || (scan_.multibyte > 0 && claims_utf8_));
    Converted converted = utf8 ? Converted() : convert(body_, charset.iconv);
    if (utf8 || (converted.invalid != 0 && scan_.valid() && scan_.multibyte > 0)) {
      warnings_.add("it says " + charset.name + ", and is utf-8");
      use_utf8();
      return true;
    }
    if (converted.invalid > body_.size() / 50 && !last) return false;
    use_converted(charset, std::move(converted));
    return true;
  }

  void choose() {
    const std::string declared = declared_encoding(body_);
    std::array<std::string_view, 2> claims = {trim(http_), declared};
    if (latin_by_default(claims)) std::swap(claims[0], claims[1]);
    for (const auto claim : claims) claims_utf8_ = claims_utf8_ || charset_of(claim).kind == Kind::utf8;
    if (try_claim(claims[0], claims[1].empty()) || try_claim(claims[1], true)) return;
    if (scan_.valid() || scan_.multibyte > scan_.invalid) return use_utf8();
    if (!scan_.valid()) warnings_.add("its bytes are not utf-8: read as windows-1252");
    use_converted(charset_of("windows-1252"), convert(body_, "CP1252"));
  }

  /// Servers send latin-1 (or ASCII) for every document without knowing it. Against a declaration of a multi-byte charset
  /// that explains every byte, such a claim is worth nothing; ASCII is refuted by any other byte.
  [[nodiscard]] bool latin_by_default(const std::array<std::string_view, 2>& claims) const {
    const Charset http = charset_of(claims[0]);
    if (http.wider != "windows-1252" || scan_.ascii()) return false;
    const Charset declared = charset_of(claims[1]);
    if (http.name == "us-ascii" && declared.kind != Kind::none && declared.kind != Kind::wide) return true;
    return declared.kind == Kind::multi_byte && convert(body_, declared.iconv).invalid == 0;
  }

  void clean() {
    const Utf8Scan scan = result_.stored ? scan_utf8(result_.storage) : scan_;
    const bool marked = result_.text().substr(0, 3) == kUtf8Mark;
    if (scan.valid() && !scan.controls && !marked) return;
    if (scan.controls) warnings_.add("control characters were dropped");
    std::string_view rest = result_.text();
    while (rest.substr(0, 3) == kUtf8Mark) rest.remove_prefix(3);
    result_.storage = clean_utf8(rest);
    result_.stored = true;
  }

  std::string_view body_;
  const std::string_view http_;
  Warnings& warnings_;
  Utf8Scan scan_;
  bool claims_utf8_ = false;
  Decoded result_;
};

/// The value after `name=` within a tag, quoted or not.
std::string value_after(std::string_view tag, std::string_view name) {
  for (std::size_t at = tag.find(name); at != npos; at = tag.find(name, at + 1)) {
    std::size_t i = at + name.size();
    while (i < tag.size() && is_space(tag[i])) ++i;
    if (i >= tag.size() || tag[i] != '=') continue;
    ++i;
    while (i < tag.size() && (is_space(tag[i]) || tag[i] == '"' || tag[i] == '\'')) ++i;
    const std::size_t end = std::min(tag.find_first_of("\"' \t\r\n;>?", i), tag.size());
    return std::string(tag.substr(i, end - i));
  }
  return {};
}

}  // namespace

std::string declared_encoding(std::string_view text) {
  std::string head(text.substr(0, 2048));
  std::transform(head.begin(), head.end(), head.begin(), lower);
  const std::size_t declaration = head.find("<?xml");
  if (declaration != npos) {
    const auto tag = std::string_view(head).substr(declaration, head.find('>', declaration) - declaration);
    std::string value = value_after(tag, "encoding");
    if (!value.empty()) return value;
  }
  const std::size_t meta = head.find("<meta");
  return meta == npos ? std::string() : value_after(std::string_view(head).substr(meta), "charset");
}

Decoded decode(std::string_view body, std::string_view http_charset, Warnings& warnings) {
  return Decoder(body, http_charset, warnings).run();
}

}  // namespace riverd::feeds::read
