// Runs a fuzzer's target without libFuzzer: on each of its seeds, then on a fixed number of mutations of them. The same
// inputs at every run, so that a failure can be repeated; with RIVERD_HEAVY twenty times as many. RIVERD_FUZZ_SEED, a number,
// chooses other mutations. The input that ended it is left in the file crash-NAME.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
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
constexpr unsigned kSeed = 20240918;

std::string last_input;
std::string crash_file;

/// What cannot be repeated cannot be mended: the input is written where the process dies (or aborts on a broken promise).
void leave_input(int sign) {
  const int file = open(crash_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0) static_cast<void>(!write(file, last_input.data(), last_input.size()));
  std::signal(sign, SIG_DFL);
  std::raise(sign);
}

void run(const std::string& input) {
  last_input = input;
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
  Mutator(const std::vector<std::string>& seeds, unsigned seed) : seeds_(seeds), random_(seed) {}

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
  std::mt19937 random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s SEED-FOLDER\n", argv[0]);
    return EXIT_FAILURE;
  }
  crash_file = "crash-" + std::filesystem::path(argv[0]).filename().string();
  std::signal(SIGABRT, leave_input);
  std::signal(SIGSEGV, leave_input);
  auto seeds = read_seeds(argv[1]);
  if (seeds.empty()) seeds.emplace_back();
  for (const auto& seed : seeds) run(seed);
  const char* chosen = std::getenv("RIVERD_FUZZ_SEED");
  Mutator mutator(seeds, chosen == nullptr ? kSeed : static_cast<unsigned>(std::strtoul(chosen, nullptr, 10)));
  const std::size_t mutations = kMutations * (std::getenv("RIVERD_HEAVY") == nullptr ? 1 : 20);
  for (std::size_t i = 0; i < mutations; ++i) run(mutator.next());
  std::printf("%zu seeds, %zu mutations\n", seeds.size(), mutations);
  return EXIT_SUCCESS;
}
