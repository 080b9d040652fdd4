#include "feeds/read/date_words.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace riverd::feeds::read {
namespace {

// A month's whole name, folded, and how many of its bytes an abbreviation needs at least.
struct MonthName {
  std::string_view name;
  std::uint8_t least;
  std::uint8_t month;
};

// Sorted by their first byte in `kByFirstByte`; here by month, so that a reader can check a language.
constexpr MonthName kMonthNames[] = {
    // English, and what other languages share with it
    {"january", 3, 1}, {"february", 3, 2}, {"march", 3, 3}, {"april", 3, 4}, {"may", 3, 5}, {"june", 3, 6},
    {"july", 3, 7}, {"august", 3, 8}, {"september", 3, 9}, {"october", 3, 10}, {"november", 3, 11}, {"december", 3, 12},
    // French
    {"janvier", 4, 1}, {"fevrier", 3, 2}, {"mars", 4, 3}, {"avril", 3, 4}, {"mai", 3, 5}, {"juin", 4, 6},
    {"juillet", 4, 7}, {"aout", 3, 8}, {"septembre", 4, 9}, {"octobre", 4, 10}, {"novembre", 4, 11}, {"decembre", 4, 12},
    // German
    {"januar", 4, 1}, {"janner", 4, 1}, {"jaenner", 4, 1}, {"februar", 4, 2}, {"feber", 4, 2}, {"marz", 4, 3},
    {"maerz", 3, 3}, {"juni", 4, 6}, {"juli", 4, 7}, {"oktober", 3, 10}, {"dezember", 3, 12},
    // Spanish
    {"enero", 3, 1}, {"febrero", 4, 2}, {"marzo", 4, 3}, {"abril", 3, 4}, {"mayo", 4, 5}, {"junio", 4, 6},
    {"julio", 4, 7}, {"agosto", 3, 8}, {"septiembre", 5, 9}, {"setiembre", 3, 9}, {"octubre", 4, 10},
    {"noviembre", 4, 11}, {"diciembre", 3, 12},
    // Italian
    {"gennaio", 3, 1}, {"febbraio", 4, 2}, {"aprile", 6, 4}, {"maggio", 3, 5}, {"giugno", 3, 6}, {"luglio", 3, 7},
    {"settembre", 3, 9}, {"ottobre", 3, 10}, {"dicembre", 4, 12},
    // Portuguese
    {"janeiro", 4, 1}, {"fevereiro", 3, 2}, {"marco", 4, 3}, {"maio", 4, 5}, {"junho", 4, 6}, {"julho", 4, 7},
    {"setembro", 4, 9}, {"outubro", 3, 10}, {"novembro", 5, 11}, {"dezembro", 5, 12},
    // Dutch
    {"januari", 7, 1}, {"februari", 8, 2}, {"maart", 3, 3}, {"mrt", 3, 3}, {"mei", 3, 5}, {"augustus", 7, 8},
    // Danish, Norwegian, Swedish
    {"marts", 5, 3}, {"maj", 3, 5}, {"augusti", 7, 8}, {"desember", 3, 12},
    // Polish
    {"stycznia", 3, 1}, {"styczen", 7, 1}, {"lutego", 3, 2}, {"luty", 4, 2}, {"marca", 5, 3}, {"marzec", 5, 3},
    {"kwietnia", 3, 4}, {"kwiecien", 5, 4}, {"maja", 4, 5}, {"czerwca", 3, 6}, {"czerwiec", 6, 6}, {"lipca", 3, 7},
    {"lipiec", 4, 7}, {"sierpnia", 3, 8}, {"sierpien", 7, 8}, {"wrzesnia", 3, 9}, {"wrzesien", 7, 9},
    {"pazdziernika", 3, 10}, {"pazdziernik", 11, 10}, {"listopada", 3, 11}, {"grudnia", 3, 12}, {"grudzien", 5, 12},
    // Czech and Slovak
    {"ledna", 3, 1}, {"leden", 5, 1}, {"unora", 3, 2}, {"unor", 4, 2}, {"brezna", 3, 3}, {"brezen", 5, 3},
    {"dubna", 3, 4}, {"duben", 4, 4}, {"kvetna", 3, 5}, {"kveten", 5, 5}, {"cervna", 5, 6}, {"cerven", 6, 6},
    {"cervence", 7, 7}, {"cervenec", 7, 7}, {"srpna", 3, 8}, {"srpen", 4, 8}, {"zari", 3, 9}, {"rijna", 3, 10},
    {"rijen", 4, 10}, {"listopadu", 9, 11}, {"prosince", 3, 12}, {"prosinec", 7, 12}, {"januara", 7, 1},
    {"februara", 8, 2}, {"aprila", 6, 4}, {"juna", 4, 6}, {"jula", 4, 7}, {"augusta", 7, 8}, {"septembra", 9, 9},
    {"oktobra", 7, 10}, {"novembra", 8, 11}, {"decembra", 8, 12},
    // Slovene, Serbian in Latin letters
    {"avgust", 3, 8}, {"avgusta", 7, 8}, {"septembar", 8, 9}, {"oktobar", 6, 10}, {"novembar", 7, 11}, {"decembar", 7, 12},
    // Hungarian
    {"marcius", 5, 3}, {"aprilis", 6, 4}, {"majus", 4, 5}, {"junius", 4, 6}, {"julius", 4, 7}, {"augusztus", 5, 8},
    {"szeptember", 4, 9},
    // Finnish
    {"tammikuuta", 3, 1}, {"helmikuuta", 3, 2}, {"maaliskuuta", 4, 3}, {"huhtikuuta", 3, 4}, {"toukokuuta", 3, 5},
    {"kesakuuta", 3, 6}, {"heinakuuta", 3, 7}, {"elokuuta", 3, 8}, {"syyskuuta", 3, 9}, {"lokakuuta", 3, 10},
    {"marraskuuta", 4, 11}, {"joulukuuta", 3, 12},
    // Turkish
    {"ocak", 3, 1}, {"subat", 3, 2}, {"mart", 4, 3}, {"nisan", 3, 4}, {"mayis", 4, 5}, {"haziran", 3, 6},
    {"temmuz", 3, 7}, {"agustos", 3, 8}, {"eylul", 3, 9}, {"ekim", 3, 10}, {"kasim", 3, 11}, {"aralik", 3, 12},
    // Romanian
    {"ianuarie", 3, 1}, {"februarie", 9, 2}, {"martie", 5, 3}, {"aprilie", 6, 4}, {"iunie", 3, 6}, {"iulie", 3, 7},
    {"septembrie", 9, 9}, {"octombrie", 4, 10}, {"noiembrie", 3, 11}, {"decembrie", 8, 12},
    // Indonesian
    {"maret", 4, 3}, {"agustus", 6, 8},
    // Catalan
    {"gener", 4, 1}, {"febrer", 6, 2}, {"maig", 4, 5}, {"juny", 4, 6}, {"juliol", 6, 7}, {"agost", 5, 8},
    {"desembre", 8, 12},
    // Russian
    {"января", 6, 1}, {"январь", 12, 1}, {"февраля", 6, 2}, {"февраль", 14, 2}, {"марта", 6, 3}, {"апреля", 6, 4},
    {"апрель", 12, 4}, {"мая", 6, 5}, {"май", 6, 5}, {"июня", 6, 6}, {"июнь", 8, 6}, {"июля", 6, 7}, {"июль", 8, 7},
    {"августа", 6, 8}, {"сентября", 6, 9}, {"сентябрь", 16, 9}, {"октября", 6, 10}, {"октябрь", 14, 10},
    {"ноября", 6, 11}, {"ноябрь", 12, 11}, {"декабря", 6, 12}, {"декабрь", 14, 12},
    // Ukrainian
    {"січня", 6, 1}, {"лютого", 6, 2}, {"березня", 6, 3}, {"квітня", 6, 4}, {"травня", 6, 5}, {"червня", 6, 6},
    {"липня", 6, 7}, {"серпня", 6, 8}, {"вересня", 6, 9}, {"жовтня", 6, 10}, {"листопада", 6, 11}, {"грудня", 6, 12},
    // Bulgarian
    {"януари", 6, 1}, {"февруари", 10, 2}, {"април", 10, 4}, {"юни", 6, 6}, {"юли", 6, 7}, {"септември", 6, 9},
    {"октомври", 8, 10}, {"ноември", 6, 11}, {"декември", 8, 12},
    // Greek; the last of the short ones are those that broken code pages made of Μαρ, Ιουν and Ιουλ
    {"ιανουαριου", 6, 1}, {"ιανουαριοσ", 20, 1}, {"φεβρουαριου", 6, 2}, {"φεβρουαριοσ", 22, 2}, {"μαρτιου", 6, 3},
    {"μαρτιοσ", 14, 3}, {"απριλιου", 6, 4}, {"απριλιοσ", 16, 4}, {"μαιου", 6, 5}, {"μαιοσ", 10, 5}, {"ιουνιου", 8, 6},
    {"ιουνιοσ", 14, 6}, {"ιουλιου", 8, 7}, {"ιουλιοσ", 14, 7}, {"αυγουστου", 6, 8}, {"αυγουστοσ", 18, 8},
    {"σεπτεμβριου", 6, 9}, {"σεπτεμβριοσ", 22, 9}, {"οκτωβριου", 6, 10}, {"οκτωβριοσ", 18, 10}, {"νοεμβριου", 6, 11},
    {"νοεμβριοσ", 18, 11}, {"δεκεμβριου", 6, 12}, {"δεκεμβριοσ", 20, 12}, {"μαω", 6, 3}, {"ιον", 6, 6}, {"ιολ", 6, 7},
    // Hebrew, also with the preposition
    {"ינואר", 6, 1}, {"פברואר", 6, 2}, {"מרץ", 6, 3}, {"אפריל", 6, 4}, {"מאי", 6, 5}, {"יוני", 8, 6}, {"יולי", 8, 7},
    {"אוגוסט", 6, 8}, {"ספטמבר", 6, 9}, {"אוקטובר", 6, 10}, {"נובמבר", 6, 11}, {"דצמבר", 6, 12}, {"בינואר", 10, 1},
    {"בפברואר", 10, 2}, {"במרץ", 8, 3}, {"באפריל", 10, 4}, {"במאי", 8, 5}, {"ביוני", 10, 6}, {"ביולי", 10, 7},
    {"באוגוסט", 10, 8}, {"בספטמבר", 10, 9}, {"באוקטובר", 10, 10}, {"בנובמבר", 10, 11}, {"בדצמבר", 10, 12},
    // Arabic
    {"يناير", 10, 1}, {"فبراير", 12, 2}, {"مارس", 8, 3}, {"أبريل", 10, 4}, {"ابريل", 10, 4}, {"إبريل", 10, 4},
    {"مايو", 8, 5}, {"يونيو", 10, 6}, {"يونيه", 10, 6}, {"يوليو", 10, 7}, {"يوليه", 10, 7}, {"أغسطس", 10, 8},
    {"اغسطس", 10, 8}, {"سبتمبر", 12, 9}, {"أكتوبر", 12, 10}, {"اكتوبر", 12, 10}, {"نوفمبر", 12, 11}, {"ديسمبر", 12, 12},
    // Thai
    {"มกราคม", 18, 1}, {"กุมภาพันธ์", 30, 2}, {"มีนาคม", 18, 3}, {"เมษายน", 18, 4}, {"พฤษภาคม", 21, 5}, {"มิถุนายน", 24, 6},
    {"กรกฎาคม", 21, 7}, {"สิงหาคม", 21, 8}, {"กันยายน", 21, 9}, {"ตุลาคม", 18, 10}, {"พฤศจิกายน", 27, 11}, {"ธันวาคม", 21, 12},
    {"ม.ค", 7, 1}, {"ก.พ", 7, 2}, {"มี.ค", 10, 3}, {"เม.ย", 10, 4}, {"พ.ค", 7, 5}, {"มิ.ย", 10, 6}, {"ก.ค", 7, 7},
    {"ส.ค", 7, 8}, {"ก.ย", 7, 9}, {"ต.ค", 7, 10}, {"พ.ย", 7, 11}, {"ธ.ค", 7, 12},
};

struct ZoneName {
  std::string_view name;
  int minutes;
  bool capitals;  ///< only in capitals: written small it is a word
};

constexpr ZoneName kZones[] = {
    {"gmt", 0, false}, {"utc", 0, false}, {"ut", 0, false}, {"z", 0, false}, {"zulu", 0, false}, {"wet", 0, true},
    {"est", -300, false}, {"edt", -240, false}, {"et", -300, true}, {"cst", -360, false}, {"cdt", -300, false},
    {"ct", -360, true}, {"mst", -420, false}, {"mdt", -360, false}, {"mt", -420, true}, {"pst", -480, false},
    {"pdt", -420, false}, {"pt", -480, true}, {"akst", -540, false}, {"akdt", -480, false}, {"hst", -600, false},
    {"hdt", -540, false}, {"ast", -240, false}, {"adt", -180, false}, {"at", -240, true}, {"nst", -210, false},
    {"ndt", -150, false}, {"brt", -180, false}, {"brst", -120, false}, {"art", -180, true}, {"clt", -240, false},
    {"clst", -180, false}, {"cot", -300, true}, {"pet", -300, true}, {"bst", 60, false}, {"west", 60, true},
    {"cet", 60, false}, {"met", 60, true}, {"mez", 60, false}, {"cest", 120, false}, {"mest", 120, false},
    {"mesz", 120, false}, {"eet", 120, false}, {"eest", 180, false}, {"cat", 120, true}, {"sast", 120, false},
    {"eat", 180, true}, {"wat", 60, true}, {"msk", 180, false}, {"msd", 240, false}, {"trt", 180, false},
    {"gst", 240, false}, {"pkt", 300, false}, {"ist", 330, true}, {"npt", 345, false}, {"ict", 420, false},
    {"wib", 420, false}, {"wita", 480, false}, {"hkt", 480, false}, {"sgt", 480, false}, {"pht", 480, false},
    {"awst", 480, false}, {"jst", 540, false}, {"kst", 540, false}, {"wit", 540, true}, {"acst", 570, false},
    {"acdt", 630, false}, {"aest", 600, false}, {"aedt", 660, false}, {"nzst", 720, false}, {"nzdt", 780, false},
};

constexpr std::string_view kFillers[] = {
    "st", "nd", "rd", "th", "of", "the", "de", "del", "di", "den", "der", "d", "do", "da", "er", "e", "o", "a", "re", "le",
    "el", "il", "i", "\xC2\xBA", "\xC2\xAA", "г", "года",
};

// Month names by their first byte: a word is compared with a handful of them.
struct Index {
  std::array<std::uint16_t, 257> begin{};
  std::array<std::uint16_t, std::size(kMonthNames)> order{};
};

constexpr Index build_index() {
  Index index;
  std::uint16_t used = 0;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    index.begin[byte] = used;
    for (std::uint16_t i = 0; i < std::size(kMonthNames); ++i)
      if (static_cast<unsigned char>(kMonthNames[i].name[0]) == byte) index.order[used++] = i;
  }
  index.begin[256] = used;
  return index;
}

constexpr std::size_t kEnglish = 12;  // the first so many of kMonthNames

/// Eastern, Central, Mountain, Pacific and (Canada's) Atlantic Time.
constexpr bool is_american(std::string_view zone) {
  return zone.size() == 2 && zone[1] == 't' && std::string_view("ecmpa").find(zone[0]) != std::string_view::npos;
}

int letter_offset(char letter) {  // RFC 822 (5.1), J is not used
  if (letter >= 'a' && letter <= 'i') return -(letter - 'a' + 1) * 60;
  if (letter >= 'k' && letter <= 'm') return -(letter - 'a') * 60;
  return letter == 'z' ? 0 : (letter - 'n' + 1) * 60;
}

}  // namespace

std::optional<int> month_of(std::string_view folded) {
  static constexpr Index kIndex = build_index();
  if (folded.size() < 3) return std::nullopt;
  const auto first = static_cast<unsigned char>(folded[0]);
  for (std::size_t i = kIndex.begin[first]; i < kIndex.begin[first + 1U]; ++i) {
    const MonthName& m = kMonthNames[kIndex.order[i]];
    if (folded.size() >= m.least && m.name.starts_with(folded)) return m.month;
  }
  return std::nullopt;
}

std::optional<int> month_by_stem(std::string_view folded) {
  for (std::size_t i = 0; i < kEnglish; ++i)
    if (folded.starts_with(kMonthNames[i].name.substr(0, 3))) return kMonthNames[i].month;
  return std::nullopt;
}

std::optional<Zone> zone_of(std::string_view folded, bool upper) {
  if (folded.size() > 4 || folded.empty()) return std::nullopt;
  for (const ZoneName& z : kZones)
    if (z.name == folded) return upper || !z.capitals ? std::optional(Zone{z.minutes, is_american(z.name)}) : std::nullopt;
  const bool letter = folded.size() == 1 && upper && folded[0] >= 'a' && folded[0] <= 'z' && folded[0] != 'j';
  return letter ? std::optional(Zone{letter_offset(folded[0])}) : std::nullopt;
}

HalfDay half_day_of(std::string_view folded) {
  for (const std::string_view am : {"오전", "上午", "午前", "早上", "凌晨"})
    if (folded == am) return HalfDay::am;
  for (const std::string_view pm : {"오후", "下午", "午後", "午后", "晚上"})
    if (folded == pm) return HalfDay::pm;
  return HalfDay::none;
}

bool is_filler(std::string_view folded) {
  return std::ranges::find(kFillers, folded) != std::end(kFillers);
}

}  // namespace riverd::feeds::read
