/// MB/s of finding articles, single thread: build/bench/article FILE... (without files: the fixtures, and one long page).

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "feeds/content/article.h"

namespace {

std::string file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

void run(const char* name, const std::vector<std::string>& pages) {
  std::size_t bytes = 0;
  std::size_t kept = 0;
  const std::clock_t start = std::clock();  // processor time: what else runs on the machine does not count
  do {
    for (const std::string& page : pages) {
      const auto article = riverd::feeds::content::extract_article(page, "https://bench.example/a");
      bytes += page.size();
      if (article) kept += article->content_html.size();
    }
  } while (std::clock() - start < 2 * CLOCKS_PER_SEC);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("%-10s %8.1f MB/s  (%zu pages, %.0f %% kept)\n", name, static_cast<double>(bytes) / seconds / 1e6, pages.size(),
              100.0 * static_cast<double>(kept) / static_cast<double>(bytes));
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> pages;
  for (int i = 1; i < argc; ++i) pages.push_back(file(argv[i]));
  if (!pages.empty()) {
    run("files", pages);
    return 0;
  }
  const auto fixtures = std::filesystem::path(RIVERD_SOURCE_DIR) / "tests" / "fixtures" / "article";
  for (const auto& entry : std::filesystem::directory_iterator(fixtures))
    if (entry.path().extension() == ".html") pages.push_back(file(entry.path()));
  run("fixtures", pages);
  std::string all;
  for (int i = 0; i < 20; ++i)
    for (const std::string& page : pages) all += page;
  run("long page", {all});
}
