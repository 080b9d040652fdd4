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
  }));
  CAPTURE(c.declared, c.http, c.bytes);
  const auto parsed = parse(document(c.declared, c.bytes), {}, c.http);
  CHECK(parsed.posts.at(0).title == c.title);
  CHECK(parsed.feed.encoding == c.encoding);
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

TEST_CASE("what was replaced is warned of", "[read][charset]") {
  CHECK(!parse(document("utf-8", "\xC3\xA9\xFF")).warnings.empty());
  CHECK(parse(document("utf-8", "\xC3\xA9")).warnings.empty());
}
