#include "feeds/read/charset_names.h"

#include <iconv.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "feeds/read/names.h"

namespace riverd::feeds::read {
namespace {

using Kind = Charset::Kind;

struct Label {
  std::string_view key;  // letters and digits only, lower case
  Kind kind;
  std::string_view name;
  std::string_view converter;  // iconv's name, or one of charset_tables.h
  std::string_view wider = {};
};

// The charsets that IANA's registry and WHATWG's Encoding standard list, as far as feeds use them. Where the standard decodes
// one by a superset, so do we.
constexpr Label kLabels[] = {
    {"utf8", Kind::utf8, "utf-8", ""},
    {"utf16", Kind::wide, "utf-16", ""},
    {"utf16le", Kind::wide, "utf-16le", ""},
    {"utf16be", Kind::wide, "utf-16be", ""},
    {"utf32", Kind::wide, "utf-32", ""},
    {"utf32le", Kind::wide, "utf-32le", ""},
    {"utf32be", Kind::wide, "utf-32be", ""},
    {"usascii", Kind::single_byte, "us-ascii", "CP1252", "windows-1252"},
    {"iso88591", Kind::single_byte, "iso-8859-1", "CP1252", "windows-1252"},
    {"ansi", Kind::single_byte, "windows-1252", "CP1252"},
    {"iso88592", Kind::single_byte, "iso-8859-2", "ISO-8859-2"},
    {"iso88593", Kind::single_byte, "iso-8859-3", "ISO-8859-3"},
    {"iso88594", Kind::single_byte, "iso-8859-4", "ISO-8859-4"},
    {"iso88595", Kind::single_byte, "iso-8859-5", "ISO-8859-5"},
    {"iso88596", Kind::single_byte, "iso-8859-6", "ISO-8859-6"},
    {"iso88597", Kind::single_byte, "iso-8859-7", "ISO-8859-7"},
    {"iso88598", Kind::single_byte, "iso-8859-8", "ISO-8859-8"},
    {"iso885910", Kind::single_byte, "iso-8859-10", "ISO-8859-10"},
    {"iso885913", Kind::single_byte, "iso-8859-13", "ISO-8859-13"},
    {"iso885914", Kind::single_byte, "iso-8859-14", "ISO-8859-14"},
    {"iso885915", Kind::single_byte, "iso-8859-15", "ISO-8859-15"},
    {"iso885916", Kind::single_byte, "iso-8859-16", "ISO-8859-16"},
    {"iso88598i", Kind::single_byte, "iso-8859-8-i", "ISO-8859-8"},
    {"iso88599", Kind::single_byte, "iso-8859-9", "CP1254", "windows-1254"},
    {"iso885911", Kind::single_byte, "iso-8859-11", "CP874", "windows-874"},
    {"tis620", Kind::single_byte, "tis-620", "CP874", "windows-874"},
    {"windows874", Kind::single_byte, "windows-874", "CP874"},
    {"koi8r", Kind::single_byte, "koi8-r", "KOI8-R"},
    {"koi8u", Kind::single_byte, "koi8-u", "KOI8-U"},
    {"koi8t", Kind::single_byte, "koi8-t", "KOI8-T"},
    {"macintosh", Kind::single_byte, "macintosh", "MACINTOSH"},
    {"macarabic", Kind::single_byte, "x-mac-arabic", "@mac-arabic"},
    {"maccroatian", Kind::single_byte, "x-mac-croatian", "@mac-croatian"},
    {"maccyrillic", Kind::single_byte, "x-mac-cyrillic", "@mac-cyrillic"},
    {"macfarsi", Kind::single_byte, "x-mac-farsi", "@mac-farsi"},
    {"macgreek", Kind::single_byte, "x-mac-greek", "@mac-greek"},
    {"macromanian", Kind::single_byte, "x-mac-romanian", "@mac-romanian"},
    {"macturkish", Kind::single_byte, "x-mac-turkish", "@mac-turkish"},
    {"maciceland", Kind::single_byte, "x-mac-icelandic", "@mac-iceland"},
    {"maccentraleurope", Kind::single_byte, "x-mac-ce", "MAC-CENTRALEUROPE"},
    {"hproman8", Kind::single_byte, "hp-roman8", "HP-ROMAN8"},
    {"ptcp154", Kind::single_byte, "ptcp154", "PT154"},
    {"kz1048", Kind::single_byte, "kz-1048", "RK1048"},
    {"cp720", Kind::single_byte, "cp720", "@cp720"},
    {"cp1006", Kind::single_byte, "cp1006", "@cp1006"},
    {"gb18030", Kind::multi_byte, "gb18030", "GB18030"},
    {"hzgb2312", Kind::multi_byte, "hz-gb-2312", "@hz"},
    {"big5", Kind::multi_byte, "big5", "CP950"},
    {"big5hkscs", Kind::multi_byte, "big5-hkscs", "BIG5-HKSCS"},
    {"eucjp", Kind::multi_byte, "euc-jp", "EUC-JP-MS"},
    {"eucjisx0213", Kind::multi_byte, "euc-jisx0213", "EUC-JISX0213"},
    {"iso2022jp", Kind::multi_byte, "iso-2022-jp", "ISO-2022-JP-3"},
    {"iso2022jp2", Kind::multi_byte, "iso-2022-jp-2", "ISO-2022-JP-2"},
    {"shiftjis", Kind::multi_byte, "shift_jis", "CP932"},
    {"windows31j", Kind::multi_byte, "windows-31j", "CP932"},
    {"shiftjisx0213", Kind::multi_byte, "shift_jisx0213", "SHIFT_JISX0213"},
    {"euckr", Kind::multi_byte, "euc-kr", "UHC"},
    {"iso2022kr", Kind::multi_byte, "iso-2022-kr", "ISO-2022-KR"},
    {"iso2022cn", Kind::multi_byte, "iso-2022-cn", "ISO-2022-CN"},
    {"johab", Kind::multi_byte, "johab", "JOHAB"},
    {"utf7", Kind::multi_byte, "utf-7", "UTF-7"},
};

struct Alias {
  std::string_view key;
  std::string_view of;  // the key of a label, or of a code page
};

// Their other names, without the "x-" and "cs" that stand before any and the year that stands behind some.
constexpr Alias kAliases[] = {
    {"unicode11utf8", "utf8"}, {"unicode20utf8", "utf8"}, {"utf8sig", "utf8"}, {"cp65001", "utf8"}, {"65001", "utf8"},
    {"u8", "utf8"}, {"utf", "utf8"}, {"utf8ucs2", "utf8"}, {"utf8ucs4", "utf8"}, {"unicode", "utf16"},
    {"unicodefeff", "utf16"}, {"unicodefffe", "utf16"}, {"ucs2", "utf16"}, {"iso10646ucs2", "utf16"},
    {"u16", "utf16"}, {"iso10646", "utf16"}, {"ucs4", "utf32"}, {"iso10646ucs4", "utf32"}, {"u32", "utf32"},
    {"u7", "utf7"}, {"unicode11utf7", "utf7"}, {"ascii", "usascii"}, {"ansix34", "usascii"},
    {"ansix341986", "usascii"}, {"iso646us", "usascii"}, {"isoir6", "usascii"}, {"iso646irv", "usascii"},
    {"us", "usascii"}, {"646", "usascii"}, {"ibm367", "usascii"}, {"cp367", "usascii"}, {"367", "usascii"},
    {"iso8859", "iso88591"}, {"8859", "iso88591"}, {"88591", "iso88591"}, {"latin1", "iso88591"},
    {"latin", "iso88591"}, {"l1", "iso88591"}, {"isolatin1", "iso88591"}, {"isoir100", "iso88591"},
    {"cp819", "iso88591"}, {"ibm819", "iso88591"}, {"819", "iso88591"}, {"latin2", "iso88592"}, {"l2", "iso88592"},
    {"isolatin2", "iso88592"}, {"isoir101", "iso88592"}, {"latin3", "iso88593"}, {"l3", "iso88593"},
    {"isolatin3", "iso88593"}, {"isoir109", "iso88593"}, {"latin4", "iso88594"}, {"l4", "iso88594"},
    {"isolatin4", "iso88594"}, {"isoir110", "iso88594"}, {"cyrillic", "iso88595"}, {"isolatincyrillic", "iso88595"},
    {"isoir144", "iso88595"}, {"arabic", "iso88596"}, {"isolatinarabic", "iso88596"}, {"isoir127", "iso88596"},
    {"asmo708", "iso88596"}, {"ecma114", "iso88596"}, {"iso88596e", "iso88596"}, {"iso88596i", "iso88596"},
    {"greek", "iso88597"}, {"greek8", "iso88597"}, {"isolatingreek", "iso88597"}, {"isoir126", "iso88597"},
    {"ecma118", "iso88597"}, {"elot928", "iso88597"}, {"suneugreek", "iso88597"}, {"hebrew", "iso88598"},
    {"isolatinhebrew", "iso88598"}, {"isoir138", "iso88598"}, {"iso88598e", "iso88598"}, {"visual", "iso88598"},
    {"logical", "iso88598i"}, {"latin5", "iso88599"}, {"l5", "iso88599"}, {"isolatin5", "iso88599"},
    {"isoir148", "iso88599"}, {"latin6", "iso885910"}, {"l6", "iso885910"}, {"isolatin6", "iso885910"},
    {"isoir157", "iso885910"}, {"latin7", "iso885913"}, {"l7", "iso885913"}, {"isoir179", "iso885913"},
    {"latin8", "iso885914"}, {"l8", "iso885914"}, {"isoir199", "iso885914"}, {"isoceltic", "iso885914"},
    {"latin9", "iso885915"}, {"l9", "iso885915"}, {"isolatin9", "iso885915"}, {"isoir203", "iso885915"},
    {"latin10", "iso885916"}, {"l10", "iso885916"}, {"isoir226", "iso885916"}, {"thai", "tis620"},
    {"isoir166", "tis620"}, {"tis6200", "tis620"}, {"tis62025290", "tis620"}, {"tis62025291", "tis620"},
    {"tis62025330", "tis620"}, {"cp874", "windows874"}, {"dos874", "windows874"}, {"koi8", "koi8r"}, {"koi", "koi8r"},
    {"koi8ru", "koi8u"}, {"mac", "macintosh"}, {"macroman", "macintosh"}, {"macukrainian", "maccyrillic"},
    {"macuk", "maccyrillic"}, {"10007", "maccyrillic"}, {"cp10007", "maccyrillic"}, {"macce", "maccentraleurope"},
    {"maccenteuro", "maccentraleurope"}, {"maclatin2", "maccentraleurope"}, {"macicelandic", "maciceland"},
    {"macis", "maciceland"}, {"roman8", "hproman8"}, {"r8", "hproman8"}, {"cp1051", "hproman8"},
    {"ibm1051", "hproman8"}, {"cp154", "ptcp154"}, {"pt154", "ptcp154"}, {"cyrillicasian", "ptcp154"},
    {"rk1048", "kz1048"}, {"strk1048", "kz1048"}, {"720", "cp720"}, {"ibm720", "cp720"}, {"1006", "cp1006"},
    {"ibm1006", "cp1006"}, {"cpgr", "cp869"}, {"cpis", "cp861"}, {"cp866u", "cp1125"}, {"ruscii", "cp1125"},
    {"gb2312", "gb18030"}, {"gb231280", "gb18030"}, {"gb23121980", "gb18030"}, {"gbk", "gb18030"},
    {"cp936", "gb18030"}, {"ms936", "gb18030"}, {"936", "gb18030"}, {"windows936", "gb18030"}, {"cngb", "gb18030"},
    {"euccn", "gb18030"}, {"eucgb2312cn", "gb18030"}, {"iso58gb231280", "gb18030"}, {"isoir58", "gb18030"},
    {"chinese", "gb18030"}, {"macsimpchinese", "gb18030"}, {"hz", "hzgb2312"}, {"hzgb", "hzgb2312"},
    {"big5tw", "big5"}, {"cnbig5", "big5"}, {"xbig5", "big5"}, {"cp950", "big5"}, {"ms950", "big5"}, {"950", "big5"},
    {"mactradchinese", "big5"}, {"bigfive", "big5"}, {"hkscs", "big5hkscs"}, {"euc", "eucjp"}, {"ujis", "eucjp"},
    {"eucpkdfmtjapanese", "eucjp"}, {"eucjpms", "eucjp"}, {"eucjis2004", "eucjisx0213"}, {"jisx0213", "eucjisx0213"},
    {"jis", "iso2022jp"}, {"iso2022jp3", "iso2022jp"}, {"iso2022jp2004", "iso2022jp"}, {"iso2022jp1", "iso2022jp2"},
    {"iso2022jpext", "iso2022jp2"}, {"sjis", "shiftjis"}, {"mskanji", "shiftjis"}, {"macjapanese", "shiftjis"},
    {"japanese", "shiftjis"}, {"cp932", "windows31j"}, {"ms932", "windows31j"}, {"932", "windows31j"},
    {"mskanji932", "windows31j"}, {"sjisx0213", "shiftjisx0213"}, {"shiftjis2004", "shiftjisx0213"},
    {"sjis2004", "shiftjisx0213"}, {"ksc5601", "euckr"}, {"ksx1001", "euckr"}, {"korean", "euckr"},
    {"isoir149", "euckr"}, {"windows949", "euckr"}, {"cp949", "euckr"}, {"ms949", "euckr"}, {"949", "euckr"},
    {"uhc", "euckr"}, {"mackorean", "euckr"}, {"cp1361", "johab"}, {"ms1361", "johab"},
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
  if (name.size() < 3 || name.size() > 40) return {};
  if (!iconv_knows(name)) std::replace(name.begin(), name.end(), '_', '-');
  if (!iconv_knows(name)) return {};
  return {Kind::multi_byte, name, name, {}};
}

const Label* find_label(std::string_view key) {
  const auto found = std::find_if(std::begin(kLabels), std::end(kLabels), [key](const Label& one) { return one.key == key; });
  return found == std::end(kLabels) ? nullptr : found;
}

std::string_view main_key(std::string_view key) {
  const auto found = std::find_if(std::begin(kAliases), std::end(kAliases), [key](const Alias& one) { return one.key == key; });
  return found == std::end(kAliases) ? key : found->of;
}

Charset by_key(std::string_view key) {
  const Label* known = find_label(key);  // first: most documents name a charset by its own name
  if (known == nullptr) known = find_label(key = main_key(key));
  if (known == nullptr) return code_page(key);
  return {known->kind, std::string(known->name), std::string(known->converter), std::string(known->wider)};
}

/// "iso88592" of "iso885921987" (ISO_8859-2:1987).
std::string_view without_year(std::string_view key) {
  if (key.size() < 8 || !all_digits(key.substr(key.size() - 4))) return key;
  const auto century = key.substr(key.size() - 4, 2);
  return century == "19" || century == "20" ? key.substr(0, key.size() - 4) : key;
}

}  // namespace

Charset charset_of(std::string_view label) {
  label = trim(label);
  const std::string whole = key_of(label);
  std::string_view key = whole;
  if (key.empty()) return {};
  for (const std::string_view prefix : {"", "x", "cs", "x"}) {
    if (key.substr(0, prefix.size()) != prefix) continue;
    key.remove_prefix(prefix.size());
    for (const std::string_view form : {key, without_year(key)}) {
      if (Charset found = by_key(form); found.kind != Kind::none) return found;
    }
  }
  return by_iconv(label);
}

}  // namespace riverd::feeds::read
