// MB/s of sanitising, Markdown and plain text, one thread, in CPU time, over files of HTML:
//   build/bench/html FILE...        each file one body; with no file, a body made up here
#include "feeds/content/html.h"

#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace content = riverd::feeds::content;

namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::string made_up_body() {
  std::string body;
  for (int i = 0; i < 200; ++i) {
    body += "<p>Some <em>ordinary</em> words of a story, with <a href=\"/story/" + std::to_string(i) +
            "?id=1&amp;utm_source=rss\">a link</a>, and &ldquo;quotes&rdquo; around what somebody said about "
            "it all.</p>\n"
            "<img src=\"https://example.org/i.png\" alt=\"An image\" width=\"640\" "
            "height=\"480\"><ul><li>one<li>two</ul>";
  }
  return body;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> bodies;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    bodies.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (bodies.empty()) bodies.assign(100, made_up_body());
  std::size_t bytes = 0;
  for (const auto& body : bodies) bytes += body.size();
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> safe;
    std::size_t out = 0;
    const double start = cpu_seconds();
    for (const auto& body : bodies) safe.push_back(content::sanitise(body, "https://example.org/").html);
    const double sanitised = cpu_seconds();
    for (const auto& body : safe) out += content::markdown(body).size();
    const double marked = cpu_seconds();
    for (const auto& body : bodies) out += content::plain_text(body).size();
    const double end = cpu_seconds();
    const auto rate = [&](double seconds) { return static_cast<double>(bytes) / 1e6 / seconds; };
    std::cout << "sanitise " << rate(sanitised - start) << " MB/s, markdown " << rate(marked - sanitised)
              << " MB/s, both " << rate(marked - start) << " MB/s, plain text " << rate(end - marked)
              << " MB/s (" << bytes << " bytes in, " << out << " out)\n";
  }
}
