// Runs a fuzzer's target without libFuzzer: on each of its seeds, then on a fixed number of mutations of them. The same
// inputs at every run, so that a failure can be repeated.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kMutations = 3000;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::vector<std::string> read_seeds(const char* folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> seeds;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string text = seeds_[below(seeds_.size())];
    for (std::size_t steps = 1 + below(6); steps > 0; --steps) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  void change(std::string& text) {
    const auto at = below(text.size() + 1);
    const auto length = below(16) + 1;
    switch (below(6)) {
      case 0: text.erase(at, length); break;
      case 1: text.insert(at, length, static_cast<char>(below(256))); break;
      case 2: if (at < text.size()) text[at] = static_cast<char>(below(256)); break;
      case 3: text.insert(at, text.substr(below(text.size() + 1), below(64))); break;
      case 4: text.resize(at); break;
      default: splice(text, at); break;
    }
  }

  void splice(std::string& text, std::size_t at) {
    const auto& other = seeds_[below(seeds_.size())];
    text.insert(at, other.substr(below(other.size() + 1), below(128)));
  }

  const std::vector<std::string>& seeds_;
  std::mt19937 random_{20240918};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s SEED-FOLDER\n", argv[0]);
    return EXIT_FAILURE;
  }
  auto seeds = read_seeds(argv[1]);
  if (seeds.empty()) seeds.emplace_back();
  for (const auto& seed : seeds) run(seed);
  Mutator mutator(seeds);
  for (std::size_t i = 0; i < kMutations; ++i) run(mutator.next());
  std::printf("%zu seeds, %zu mutations\n", seeds.size(), kMutations);
  return EXIT_SUCCESS;
}
