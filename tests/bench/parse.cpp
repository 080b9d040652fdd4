// How fast feeds are read, in processor time of one thread, side by side with pugixml alone on the same bytes in the same run:
//   (a) bytes to entries   (b) to posts with HTML and Markdown   (c) a document whose entries are all known
// Usage: parse [--seconds N] [FILE...]; without files, documents made here. Files that are no XML feeds are left out.

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "feeds/post.h"
#include "feeds/read/read.h"

namespace {

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
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" "
                    "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n"
                    "<channel>\n<title>Bench</title>\n<link>http://example.org/</link>\n";
  for (int i = 0; i < items; ++i) {
    const std::string n = std::to_string(i);
    out += "<item>\n  <title>Story number " + n + " &amp; more</title>\n  <link>http://example.org/story/" + n + "</link>\n  <guid>tag:example.org,2024:" +
           n + "</guid>\n  <dc:creator>Jane Doe</dc:creator>\n  <pubDate>Wed, 18 Sep 2024 18:37:16 GMT</pubDate>\n  <category>news</category>\n"
           "  <description>A short description of story " + n + ".</description>\n  <content:encoded><![CDATA[";
    for (int p = 0; p < 6; ++p) {
      out += "<p>Paragraph with <b>bold</b>, <a href=\"/link/" + n + "\">a link</a> and enough plain words around them to look like what "
             "people write in their articles, day after day, in sentences of ordinary length.</p>\n<ul><li>one</li><li>two</li></ul>\n";
    }
    out += "<img src=\"/image/" + n + ".jpg\" alt=\"An image\" width=\"640\"/>]]></content:encoded>\n</item>\n";
  }
  return out + "</channel>\n</rss>\n";
}

std::string file_bytes(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Runs over all documents again and again for at least `seconds`; MB/s.
double measure(const std::vector<Document>& documents, double seconds, const std::function<void(const Document&)>& work) {
  std::size_t bytes = 0;
  const double begin = processor_seconds();
  double spent = 0;
  do {
    for (const Document& document : documents) {
      work(document);
      bytes += document.bytes.size();
    }
    spent = processor_seconds() - begin;
  } while (spent < seconds);
  return static_cast<double>(bytes) / 1e6 / spent;
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 2;
  std::vector<Document> documents;
  feeds::read::Hints hints;
  hints.base = "http://example.org/feed";
  const auto add = [&](std::string bytes) {
    const auto feed = feeds::read::read(bytes, hints);
    if (!feed.has_value() || feed->info.format.compare(0, 4, "json") == 0) return;
    Document document{std::move(bytes), {}};
    for (const feeds::Post& post : feeds::normalise(*feed, {}).posts) document.known.insert(post.fingerprint);
    documents.push_back(std::move(document));
  };
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--seconds" && i + 1 < argc) seconds = std::atof(argv[++i]);
    else add(file_bytes(argv[i]));
  }
  if (documents.empty()) add(made_rss(2000));
  if (documents.empty()) return 1;

  std::size_t entries = 0;
  std::size_t total = 0;
  for (const Document& document : documents) {
    total += document.bytes.size();
    entries += feeds::read::read(document.bytes, hints)->entries.size();
  }
  const double per_mb = static_cast<double>(entries) / (static_cast<double>(total) / 1e6);
  feeds::Settings full;
  full.markdown = true;
  const double pugi = measure(documents, seconds, [](const Document& document) {
    pugi::xml_document tree;
    tree.load_buffer(document.bytes.data(), document.bytes.size());
  });
  const double a = measure(documents, seconds, [&](const Document& document) { (void)feeds::read::read(document.bytes, hints); });
  const double b = measure(documents, seconds, [&](const Document& document) {
    const auto feed = feeds::read::read(document.bytes, hints);
    (void)feeds::normalise(*feed, full);
  });
  const double c = measure(documents, seconds, [&](const Document& document) {
    const auto feed = feeds::read::read(document.bytes, hints);
    (void)feeds::normalise(*feed, full, [&](feeds::Fingerprint one) { return document.known.count(one) != 0; });
  });
  std::printf("%zu documents, %.1f MB, %zu entries\n", documents.size(), static_cast<double>(total) / 1e6, entries);
  std::printf("pugixml alone              %8.0f MB/s\n", pugi);
  std::printf("(a) to entries             %8.0f MB/s %9.0f entries/s, %.2f of pugixml alone\n", a, a * per_mb, a / pugi);
  std::printf("(b) to posts, HTML and Markdown %3.0f MB/s %9.0f entries/s\n", b, b * per_mb);
  std::printf("(c) all entries known      %8.0f MB/s %9.0f entries/s, %.2f of (a)\n", c, c * per_mb, c / a);
  return 0;
}
