#include "feeds/read/charset_names.h"

#include <iconv.h>

#include <cctype>

#include "feeds/read/names.h"

namespace riverd::feeds::read {
namespace {

using Kind = Charset::Kind;

struct Label {
  std::string_view key;  // letters and digits only, lower case
  Kind kind;
  std::string_view name;
  std::string_view iconv;
  std::string_view wider = {};
};

// What WHATWG's Encoding standard and IANA's registry list, as far as feeds use it. Where the standard decodes a label by a
// superset, so do we.
constexpr Label kLabels[] = {
    {"utf8", Kind::utf8, "utf-8", ""},
    {"unicode11utf8", Kind::utf8, "utf-8", ""},
    {"unicode", Kind::wide, "utf-16", ""},
    {"utf16", Kind::wide, "utf-16", ""},
    {"utf16le", Kind::wide, "utf-16le", ""},
    {"utf16be", Kind::wide, "utf-16be", ""},
    {"ucs2", Kind::wide, "utf-16", ""},
    {"iso10646ucs2", Kind::wide, "utf-16", ""},
    {"csunicode", Kind::wide, "utf-16", ""},
    {"utf32", Kind::wide, "utf-32", ""},
    {"utf32le", Kind::wide, "utf-32le", ""},
    {"utf32be", Kind::wide, "utf-32be", ""},
    {"ucs4", Kind::wide, "utf-32", ""},
    {"iso10646ucs4", Kind::wide, "utf-32", ""},
    {"csucs4", Kind::wide, "utf-32", ""},
    {"usascii", Kind::single_byte, "us-ascii", "CP1252", "windows-1252"},
    {"ascii", Kind::single_byte, "us-ascii", "CP1252", "windows-1252"},
    {"ansix341968", Kind::single_byte, "us-ascii", "CP1252", "windows-1252"},
    {"iso646us", Kind::single_byte, "us-ascii", "CP1252", "windows-1252"},
    {"iso88591", Kind::single_byte, "iso-8859-1", "CP1252", "windows-1252"},
    {"iso885911987", Kind::single_byte, "iso-8859-1", "CP1252", "windows-1252"},
    {"8859", Kind::single_byte, "iso-8859-1", "CP1252", "windows-1252"},
    {"88591", Kind::single_byte, "iso-8859-1", "CP1252", "windows-1252"},
    {"latin1", Kind::single_byte, "iso-8859-1", "CP1252", "windows-1252"},
    {"l1", Kind::single_byte, "iso-8859-1", "CP1252", "windows-1252"},
    {"csisolatin1", Kind::single_byte, "iso-8859-1", "CP1252", "windows-1252"},
    {"cp819", Kind::single_byte, "iso-8859-1", "CP1252", "windows-1252"},
    {"ansi", Kind::single_byte, "windows-1252", "CP1252"},
    {"iso88592", Kind::single_byte, "iso-8859-2", "ISO-8859-2"},
    {"latin2", Kind::single_byte, "iso-8859-2", "ISO-8859-2"},
    {"csisolatin2", Kind::single_byte, "iso-8859-2", "ISO-8859-2"},
    {"iso88593", Kind::single_byte, "iso-8859-3", "ISO-8859-3"},
    {"latin3", Kind::single_byte, "iso-8859-3", "ISO-8859-3"},
    {"iso88594", Kind::single_byte, "iso-8859-4", "ISO-8859-4"},
    {"latin4", Kind::single_byte, "iso-8859-4", "ISO-8859-4"},
    {"iso88595", Kind::single_byte, "iso-8859-5", "ISO-8859-5"},
    {"cyrillic", Kind::single_byte, "iso-8859-5", "ISO-8859-5"},
    {"iso88596", Kind::single_byte, "iso-8859-6", "ISO-8859-6"},
    {"arabic", Kind::single_byte, "iso-8859-6", "ISO-8859-6"},
    {"iso88597", Kind::single_byte, "iso-8859-7", "ISO-8859-7"},
    {"greek", Kind::single_byte, "iso-8859-7", "ISO-8859-7"},
    {"iso88598", Kind::single_byte, "iso-8859-8", "ISO-8859-8"},
    {"iso88598i", Kind::single_byte, "iso-8859-8-i", "ISO-8859-8"},
    {"hebrew", Kind::single_byte, "iso-8859-8", "ISO-8859-8"},
    {"iso88599", Kind::single_byte, "iso-8859-9", "CP1254", "windows-1254"},
    {"latin5", Kind::single_byte, "iso-8859-9", "CP1254", "windows-1254"},
    {"iso885910", Kind::single_byte, "iso-8859-10", "ISO-8859-10"},
    {"latin6", Kind::single_byte, "iso-8859-10", "ISO-8859-10"},
    {"iso885911", Kind::single_byte, "tis-620", "CP874", "windows-874"},
    {"tis620", Kind::single_byte, "tis-620", "CP874", "windows-874"},
    {"thai", Kind::single_byte, "tis-620", "CP874", "windows-874"},
    {"windows874", Kind::single_byte, "windows-874", "CP874"},
    {"cp874", Kind::single_byte, "windows-874", "CP874"},
    {"iso885913", Kind::single_byte, "iso-8859-13", "ISO-8859-13"},
    {"iso885914", Kind::single_byte, "iso-8859-14", "ISO-8859-14"},
    {"iso885915", Kind::single_byte, "iso-8859-15", "ISO-8859-15"},
    {"latin9", Kind::single_byte, "iso-8859-15", "ISO-8859-15"},
    {"iso885916", Kind::single_byte, "iso-8859-16", "ISO-8859-16"},
    {"koi8r", Kind::single_byte, "koi8-r", "KOI8-R"},
    {"koi8", Kind::single_byte, "koi8-r", "KOI8-R"},
    {"koi", Kind::single_byte, "koi8-r", "KOI8-R"},
    {"cskoi8r", Kind::single_byte, "koi8-r", "KOI8-R"},
    {"koi8u", Kind::single_byte, "koi8-u", "KOI8-U"},
    {"koi8ru", Kind::single_byte, "koi8-u", "KOI8-U"},
    {"koi8t", Kind::single_byte, "koi8-t", "KOI8-T"},
    {"macintosh", Kind::single_byte, "macintosh", "MACINTOSH"},
    {"mac", Kind::single_byte, "macintosh", "MACINTOSH"},
    {"macroman", Kind::single_byte, "macintosh", "MACINTOSH"},
    {"xmacroman", Kind::single_byte, "macintosh", "MACINTOSH"},
    {"maccyrillic", Kind::single_byte, "x-mac-cyrillic", "MAC-CYRILLIC"},
    {"xmaccyrillic", Kind::single_byte, "x-mac-cyrillic", "MAC-CYRILLIC"},
    {"xmacukrainian", Kind::single_byte, "x-mac-cyrillic", "MAC-UK"},
    {"maccentraleurope", Kind::single_byte, "x-mac-ce", "MAC-CENTRALEUROPE"},
    {"maclatin2", Kind::single_byte, "x-mac-ce", "MAC-CENTRALEUROPE"},
    {"gb2312", Kind::multi_byte, "gb18030", "GB18030"},
    {"gb231280", Kind::multi_byte, "gb18030", "GB18030"},
    {"csgb2312", Kind::multi_byte, "gb18030", "GB18030"},
    {"euccn", Kind::multi_byte, "gb18030", "GB18030"},
    {"xeuccn", Kind::multi_byte, "gb18030", "GB18030"},
    {"chinese", Kind::multi_byte, "gb18030", "GB18030"},
    {"gbk", Kind::multi_byte, "gb18030", "GB18030"},
    {"xgbk", Kind::multi_byte, "gb18030", "GB18030"},
    {"cp936", Kind::multi_byte, "gb18030", "GB18030"},
    {"windows936", Kind::multi_byte, "gb18030", "GB18030"},
    {"gb18030", Kind::multi_byte, "gb18030", "GB18030"},
    {"big5", Kind::multi_byte, "big5", "CP950"},
    {"big5tw", Kind::multi_byte, "big5", "CP950"},
    {"cnbig5", Kind::multi_byte, "big5", "CP950"},
    {"csbig5", Kind::multi_byte, "big5", "CP950"},
    {"xxbig5", Kind::multi_byte, "big5", "CP950"},
    {"cp950", Kind::multi_byte, "big5", "CP950"},
    {"big5hkscs", Kind::multi_byte, "big5-hkscs", "BIG5-HKSCS"},
    {"eucjp", Kind::multi_byte, "euc-jp", "EUC-JP-MS"},
    {"xeucjp", Kind::multi_byte, "euc-jp", "EUC-JP-MS"},
    {"xeuc", Kind::multi_byte, "euc-jp", "EUC-JP-MS"},
    {"ujis", Kind::multi_byte, "euc-jp", "EUC-JP-MS"},
    {"cseucpkdfmtjapanese", Kind::multi_byte, "euc-jp", "EUC-JP-MS"},
    {"iso2022jp", Kind::multi_byte, "iso-2022-jp", "ISO-2022-JP-3"},
    {"csiso2022jp", Kind::multi_byte, "iso-2022-jp", "ISO-2022-JP-3"},
    {"jis", Kind::multi_byte, "iso-2022-jp", "ISO-2022-JP-3"},
    {"shiftjis", Kind::multi_byte, "shift_jis", "CP932"},
    {"sjis", Kind::multi_byte, "shift_jis", "CP932"},
    {"xsjis", Kind::multi_byte, "shift_jis", "CP932"},
    {"mskanji", Kind::multi_byte, "shift_jis", "CP932"},
    {"csshiftjis", Kind::multi_byte, "shift_jis", "CP932"},
    {"cp932", Kind::multi_byte, "windows-31j", "CP932"},
    {"ms932", Kind::multi_byte, "windows-31j", "CP932"},
    {"windows31j", Kind::multi_byte, "windows-31j", "CP932"},
    {"euckr", Kind::multi_byte, "euc-kr", "UHC"},
    {"ksc56011987", Kind::multi_byte, "euc-kr", "UHC"},
    {"ksc5601", Kind::multi_byte, "euc-kr", "UHC"},
    {"ksc56011989", Kind::multi_byte, "euc-kr", "UHC"},
    {"korean", Kind::multi_byte, "euc-kr", "UHC"},
    {"cseuckr", Kind::multi_byte, "euc-kr", "UHC"},
    {"windows949", Kind::multi_byte, "euc-kr", "UHC"},
    {"cp949", Kind::multi_byte, "euc-kr", "UHC"},
    {"uhc", Kind::multi_byte, "euc-kr", "UHC"},
    {"iso2022kr", Kind::multi_byte, "iso-2022-kr", "ISO-2022-KR"},
    {"iso2022cn", Kind::multi_byte, "iso-2022-cn", "ISO-2022-CN"},
    {"johab", Kind::multi_byte, "johab", "JOHAB"},
};

std::string key_of(std::string_view label) {
  std::string key;
  for (const char c : label.substr(0, 64)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) key += lower(c);
  }
  return key;
}

bool iconv_knows(const std::string& name) {
  const iconv_t handle = iconv_open("UTF-8", name.c_str());
  // NOLINTNEXTLINE: the C API's own way of saying "none"
  if (handle == reinterpret_cast<iconv_t>(-1)) return false;
  iconv_close(handle);
  return true;
}

Charset single(std::string name, std::string iconv_name) {
  if (!iconv_knows(iconv_name)) return {};
  return {Kind::single_byte, std::move(name), std::move(iconv_name), {}};
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Code pages by number: windows-1250 to 1258, and IBM's.
Charset code_page(std::string_view key) {
  for (const std::string_view prefix : {"windows", "xcp", "cp", "win", "ibm", "csibm", "xibm", "ms", "dos", ""}) {
    if (key.substr(0, prefix.size()) != prefix) continue;
    const std::string number(key.substr(prefix.size()));
    if (!all_digits(number) || number.size() < 3 || number.size() > 5) continue;
    if (number.size() == 4 && number.compare(0, 3, "125") == 0) return single("windows-" + number, "CP" + number);
    Charset page = single("ibm" + number, "IBM" + number);
    return page.kind == Kind::none ? single("cp" + number, "CP" + number) : page;
  }
  return {};
}

/// Anything else that iconv knows by this name. The name goes to a C library, so only harmless characters pass.
Charset by_iconv(std::string_view label) {
  std::string name;
  for (const char c : label) {
    const bool safe = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == ':' || c == '.';
    if (!safe) return {};
    name += lower(c);
  }
  if (name.size() < 3 || name.size() > 40 || !iconv_knows(name)) return {};
  return {Kind::multi_byte, name, name, {}};
}

}  // namespace

Charset charset_of(std::string_view label) {
  label = trim(label);
  const std::string key = key_of(label);
  if (key.empty()) return {};
  for (const Label& known : kLabels) {
    if (known.key == key) {
      return {known.kind, std::string(known.name), std::string(known.iconv), std::string(known.wider)};
    }
  }
  Charset page = code_page(key);
  return page.kind == Kind::none ? by_iconv(label) : page;
}

}  // namespace riverd::feeds::read
