// How fast feeds are read, in processor time of one thread, side by side on the same bytes in the same run:
//   pugixml alone   load_buffer() with its default flags (entities, line ends and CDATA are handled;
//   comments, instructions
//                   and the doctype are left out), the tree thrown away: no entry is looked for. It copies
//                   the bytes first, as it must where they are not its own to write in; so does the copy of
//                   them that riverd's callers keep
//   (a) to entries  charset, XML with repair, every entry's fields, dates and URLs: read()
//   (b) to posts    read(), then normalise() with sanitised HTML, summaries and Markdown
//   (c) known       read() and normalise() where every entry's fingerprint is known, as when a feed changed
//   in its head only sfeed           Debian's sfeed as a process of its own, where installed: bytes from
//   memory to TSV on /dev/null, user and
//                   system time; what starting it takes (an empty input) is taken off. It does no more than
//                   (a), nor repairs
// All take turns, document set by document set, so that whatever else the machine does falls on each alike;
// the figures are medians over the turns. Usage: parse [--seconds N] [--only pugixml|a|b|c|sfeed] [FILE...]
//   without files, documents made here; files that are no XML feeds are left out

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "feeds/post.h"
#include "feeds/read/read.h"
#include "tests/bench/other_program.h"

namespace {

namespace bench = riverd::bench;
namespace feeds = riverd::feeds;

/// Time of this thread alone: what else the machine does is not counted.
double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Document {
  std::string bytes;
  std::unordered_set<feeds::Fingerprint> known;
};

std::string made_rss(int items) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" "
      "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" "
      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n"
      "<channel>\n<title>Bench</title>\n<link>http://example.org/</link>\n";
  for (int i = 0; i < items; ++i) {
    const std::string n = std::to_string(i);
    out += "<item>\n  <title>Story number " + n + " &amp; more</title>\n  <link>http://example.org/story/" +
           n + "</link>\n  <guid>tag:example.org,2024:" + n +
           "</guid>\n  <dc:creator>Jane Doe</dc:creator>\n  <pubDate>Wed, 18 Sep 2024 18:37:16 "
           "GMT</pubDate>\n  <category>news</category>\n"
           "  <description>A short description of story " +
           n + ".</description>\n  <content:encoded><![CDATA[";
    for (int p = 0; p < 6; ++p) {
      out += "<p>Paragraph with <b>bold</b>, <a href=\"/link/" + n +
             "\">a link</a> and enough plain words around them to look like what "
             "people write in their articles, day after day, in sentences of ordinary "
             "length.</p>\n<ul><li>one</li><li>two</li></ul>\n";
    }
    out +=
        "<img src=\"/image/" + n + ".jpg\" alt=\"An image\" width=\"640\"/>]]></content:encoded>\n</item>\n";
  }
  return out + "</channel>\n</rss>\n";
}

std::string file_bytes(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// One thing to measure: `turn` goes over all documents once and says how many seconds that took.
struct Contender {
  std::string_view name;
  std::string_view label;
  std::function<double()> turn;
  std::vector<double> seconds;

  [[nodiscard]] double median() {
    if (seconds.empty()) return 0;
    const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    std::nth_element(seconds.begin(), middle, seconds.end());
    return *middle;
  }
};

class Bench {
 public:
  void add(std::string bytes) {
    const auto feed = feeds::read::read(bytes, hints_);
    if (!feed.has_value() || feed->info.format.compare(0, 4, "json") == 0) return;
    entries_ += feed->entries.size();
    total_ += bytes.size();
    Document document{std::move(bytes), {}};
    for (const feeds::Post& post : feeds::normalise(*feed, {}).posts) document.known.insert(post.fingerprint);
    documents_.push_back(std::move(document));
  }

  [[nodiscard]] bool empty() const { return documents_.empty(); }

  void run(double seconds, std::string_view only) {
    full_.markdown = true;
    std::vector<Contender> contenders = all();
    if (!only.empty()) std::erase_if(contenders, [only](const Contender& one) { return one.name != only; });
    const double end = seconds * static_cast<double>(contenders.size());
    for (double spent = 0; spent < end;) {
      for (Contender& one : contenders) {
        one.seconds.push_back(one.turn());
        spent += one.seconds.back();
      }
    }
    report(contenders);
  }

 private:
  /// Goes over the documents until enough time has passed to be measured; seconds for one time.
  double each(const std::function<void(const Document&)>& work) const {
    constexpr double kLeast = 0.02;
    const double begin = processor_seconds();
    double spent = 0;
    int times = 0;
    while (spent < kLeast) {
      for (const Document& document : documents_) work(document);
      ++times;
      spent = processor_seconds() - begin;
    }
    return spent / times;
  }

  std::vector<Contender> all() {
    std::vector<Contender> contenders;
    const auto in_process = [&](std::string_view name, std::string_view label,
                                std::function<void(const Document&)> work) {
      contenders.push_back({name, label, [this, work = std::move(work)] { return each(work); }, {}});
    };
    in_process("pugixml", "pugixml alone", [](const Document& document) {
      pugi::xml_document tree;
      tree.load_buffer(document.bytes.data(), document.bytes.size(), pugi::parse_default);
    });
    in_process("a", "(a) to entries",
               [this](const Document& document) { (void)feeds::read::read(document.bytes, hints_); });
    in_process("b", "(b) to posts, HTML and Markdown", [this](const Document& document) {
      const auto feed = feeds::read::read(document.bytes, hints_);
      (void)feeds::normalise(*feed, full_);
    });
    in_process("c", "(c) all entries known", [this](const Document& document) {
      const auto feed = feeds::read::read(document.bytes, hints_);
      (void)feeds::normalise(*feed, full_,
                             [&](feeds::Fingerprint one) { return document.known.count(one) != 0; });
    });
    if (bench::OtherProgram("sfeed").seconds({}))
      contenders.push_back({"sfeed", "sfeed", [this] { return sfeed(); }, {}});
    return contenders;
  }

  double sfeed() const {
    const bench::OtherProgram program("sfeed");
    double spent = 0;
    for (const Document& document : documents_)
      spent += program.seconds(document.bytes).value_or(0) - program.seconds({}).value_or(0);
    return spent;
  }

  void report(std::vector<Contender>& contenders) const {
    std::printf("%zu documents, %.1f MB, %zu entries; pugixml %.2f, parse_default\n", documents_.size(),
                static_cast<double>(total_) / 1e6, entries_, PUGIXML_VERSION / 1000.0);
    const auto seconds_of = [&](std::string_view name) {
      const auto found = std::find_if(contenders.begin(), contenders.end(),
                                      [&](const Contender& one) { return one.name == name; });
      return found == contenders.end() ? 0.0 : found->median();
    };
    const double pugixml = seconds_of("pugixml");
    const double a = seconds_of("a");
    for (Contender& one : contenders) {
      const double spent = one.median();
      std::printf("%-31.*s %6.0f MB/s", static_cast<int>(one.label.size()), one.label.data(),
                  static_cast<double>(total_) / 1e6 / spent);
      if (one.name != "pugixml") std::printf(" %8.0f entries/s", static_cast<double>(entries_) / spent);
      if (one.name != "pugixml" && pugixml > 0) std::printf(", %.3f of pugixml alone", pugixml / spent);
      if ((one.name == "c" || one.name == "sfeed") && a > 0) std::printf(", %.2f of (a)", a / spent);
      std::printf("\n");
    }
    if (seconds_of("sfeed") == 0)
      std::printf("sfeed                           not installed (Debian package sfeed), or not asked for\n");
  }

  feeds::read::Hints hints_{{}, "http://example.org/feed"};
  feeds::Settings full_;
  std::vector<Document> documents_;
  std::size_t entries_ = 0;
  std::size_t total_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  double seconds = 2;
  std::string_view only;
  Bench bench;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--seconds" && i + 1 < argc)
      seconds = std::atof(argv[++i]);
    else if (argument == "--only" && i + 1 < argc)
      only = argv[++i];
    else
      bench.add(file_bytes(argv[i]));
  }
  if (bench.empty()) bench.add(made_rss(2000));
  if (bench.empty()) return 1;
  bench.run(seconds, only);
  return 0;
}
