#include "parse.h"

using namespace riverd::feeds;
using namespace riverd::feeds::test;
using namespace std::string_literals;

namespace {

struct Case {
  std::string declared;  // in the XML declaration, or empty
  std::string http;
  std::string bytes;     // of the title
  std::string title;
  std::string encoding;
};

std::string document(const std::string& declared, const std::string& title) {
  const std::string encoding = declared.empty() ? "" : " encoding=\"" + declared + "\"";
  return "<?xml version=\"1.0\"" + encoding + "?><rss><channel><item><title>" + title + "</title></item></channel></rss>";
}

std::string utf16(const std::string& ascii, bool big) {
  std::string out;
  for (const char c : ascii) out += big ? std::string({'\0', c}) : std::string({c, '\0'});
  return out;
}

}  // namespace

TEST_CASE("a document's charset is found, common lies forgiven", "[read][charset]") {
  const auto c = GENERATE(values<Case>({
      {"utf-8", "", "\xC3\xA9", "é", "utf-8"},
      {"", "", "\xC3\xA9", "é", "utf-8"},
      {"iso-8859-1", "", "\xE9", "é", "iso-8859-1"},
      {"iso-8859-1", "", "\x93\xE9\x94", "“é”", "windows-1252"},
      {"iso-8859-1", "", "\xE6\x97\xA5", "日", "utf-8"},
      {"utf-8", "", "\x93\xE9\x94", "“é”", "windows-1252"},
      {"utf-8", "", "\xC3\xA9\xC3\xA9 a\xFF", "éé a\xEF\xBF\xBD", "utf-8"},
      {"utf-16", "", "\xC3\xA9", "é", "utf-8"},
      {"bogus", "", "\xC3\xA9", "é", "utf-8"},
      {"gb2312", "", "\xBC\xF2\xCC\xE5", "简体", "gb18030"},
      {"koi8-r", "", "\xD0\xD2", "пр", "koi8-r"},
      {"utf-8", "windows-1251", "\xEF\xF0", "пр", "windows-1251"},
      {"windows-1251", "utf-8", "\xEF\xF0", "пр", "windows-1251"},
      {"windows-1251", "koi8-r", "\xD0\xD2", "пр", "koi8-r"},
      {"shift_jis", "iso-8859-1", "\x93\xFA\x96\x7B", "日本", "shift_jis"},
      {"iso-2022-jp", "", "\x1B$BF|\x1B(B", "日", "iso-2022-jp"},
      {"windows-1251", "us-ascii", "\xEF\xF0", "пр", "windows-1251"},
      {"us-ascii", "", "\xE9", "é", "windows-1252"},
      {"big5", "", "中文字", "中文字", "utf-8"},
      {"utf-8", "big5", "中", "中", "utf-8"},
      {"big5", "", "\xA4\xA4\xA4\xE5", "中文", "big5"},
      {"big5", "", "\xC6\xE7\xC6\xE8", "ぁあ", "big5"},
      {"hz-gb-2312", "", "a~~~{VPND~}b", "a~中文b", "hz-gb-2312"},
      {"iso-2022-jp-2", "", "\x1B$BF|\x1B(B", "日", "iso-2022-jp-2"},
      {"utf-7", "", "a+AOk-", "aé", "utf-7"},
  }));
  CAPTURE(c.declared, c.http, c.bytes);
  const auto parsed = parse(document(c.declared, c.bytes), {}, c.http);
  CHECK(parsed.posts.at(0).title == c.title);
  CHECK(parsed.feed.encoding == c.encoding);
}

TEST_CASE("charsets are known by all their names", "[read][charset]") {
  struct Name { std::string label, bytes, title, encoding; };
  const auto c = GENERATE(values<Name>({
      {"ISO_8859-2:1987", "\xE8", "č", "iso-8859-2"},
      {"iso_8859_5_1988", "\xD6", "ж", "iso-8859-5"},
      {"csISOLatinCyrillic", "\xD6", "ж", "iso-8859-5"},
      {"iso-ir-126", "\xE1", "α", "iso-8859-7"},
      {"x-sjis", "\x93\xFA", "日", "shift_jis"},
      {"cp866", "\xA6", "ж", "ibm866"},
      {"x-cp1250", "\xE8", "č", "windows-1250"},
      {"KS_C_5601-1987", "\xB0\xA1", "가", "euc-kr"},
      {"iso-8859-11", "\xA1", "ก", "iso-8859-11"},
      {"cp1051", "\xCC", "ä", "hp-roman8"},
      {"kz1048", "\xE6", "ж", "kz-1048"},
      {"x-mac-cyrillic", "\xE6\xFF", "ж€", "x-mac-cyrillic"},
      {"x-mac-greek", "\xE1", "α", "x-mac-greek"},
      {"mac_turkish", "\xDD", "ı", "x-mac-turkish"},
      {"cp720", "\x82", "é", "cp720"},
  }));
  CAPTURE(c.label);
  const auto parsed = parse(document(c.label, c.bytes));
  CHECK(parsed.posts.at(0).title == c.title);
  CHECK(parsed.feed.encoding == c.encoding);
  CHECK(parsed.warnings.empty());
}

TEST_CASE("a declaration counts in any case, and within white space", "[read][charset]") {
  CHECK(parse("\n<?xml version='1.0' ENCODING = 'ISO-8859-2' ?><rss><channel><title>\xE8</title></channel></rss>").feed.title == "č");
  const std::string wide = "\n <rss><channel><title>T</title></channel></rss>";
  std::string utf32;
  for (const char c : wide) utf32 += std::string({c, '\0', '\0', '\0'});
  CHECK(parse(utf32).feed.encoding == "utf-32le");
}

TEST_CASE("UTF-16 is read with and without a byte order mark", "[read][charset]") {
  CHECK(parse("\xFF\xFE" + utf16(document("utf-16", "T"), false)).feed.encoding == "utf-16le");
  CHECK(parse("\xFE\xFF" + utf16(document("utf-16", "T"), true)).feed.encoding == "utf-16be");
  CHECK(parse(utf16(document("utf-16", "T"), false)).posts.at(0).title == "T");
  CHECK(parse(utf16(document("", "T"), true)).posts.at(0).title == "T");
}

TEST_CASE("byte order marks, NULs and control characters are no text", "[read][charset]") {
  CHECK(parse("\xEF\xBB\xBF\xEF\xBB\xBF" + document("utf-8", "a\0b\x08"s + "c&#8;d")).posts.at(0).title == "abcd");
}

TEST_CASE("text that was encoded twice is read once more, unless a character of it was not", "[read][charset]") {
  CHECK(parse(document("utf-8", "fÃ¼r â\u0082¬")).posts.at(0).title == "für €");
  CHECK(parse(document("", "MÃ©s")).warnings == std::vector<std::string>{"its text was encoded in utf-8 twice"});
  for (const char* honest : {"Ã© é", "AÇÃO", "é", "«Ä»", "日Ã©", "Ã", "â€œ"}) CHECK(parse(document("utf-8", honest)).posts.at(0).title == honest);
}

TEST_CASE("what was replaced is warned of", "[read][charset]") {
  CHECK(!parse(document("utf-8", "\xC3\xA9\xFF")).warnings.empty());
  CHECK(parse(document("utf-8", "\xC3\xA9")).warnings.empty());
}
