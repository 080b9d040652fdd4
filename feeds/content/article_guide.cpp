#include "feeds/content/article_guide.h"

#include <array>
#include <cstddef>

namespace riverd::feeds::content::extract {
namespace {

constexpr std::size_t kRun = 4;
constexpr std::uint64_t kPrime = 0x100000001B3ULL;

// Calls `take(hash)` for each run of four words. A word is a run of ASCII letters and digits, case ignored, or of other
// characters; characters of three bytes and more (CJK and kin) are words of their own.
template <class Take>
void for_each_run(std::string_view text, const Take& take) {
  std::array<std::uint64_t, kRun> last{};
  std::size_t count = 0;
  std::uint64_t word = 0;
  const auto end_word = [&] {
    if (word == 0) return;
    last[count++ % kRun] = word;
    word = 0;
    if (count < kRun) return;
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < kRun; ++i) hash = (hash ^ last[(count + i) % kRun]) * kPrime;
    take(hash);
  };
  for (const char raw : text) {
    auto c = static_cast<unsigned char>(raw);
    if (c >= 'A' && c <= 'Z') c = static_cast<unsigned char>(c + 32);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
    if (!letter || c >= 0xE3) end_word();
    if (letter) word = ((word == 0 ? 0xCBF29CE484222325ULL : word) ^ c) * kPrime;
  }
  end_word();
}

}  // namespace

Guide::Guide(std::string_view body) {
  for_each_run(body, [this](std::uint64_t run) { runs_.insert(run); });
}

float Guide::share(std::string_view text) const {
  std::size_t all = 0;
  std::size_t hits = 0;
  for_each_run(text, [&](std::uint64_t run) {
    ++all;
    hits += runs_.count(run);
  });
  return all < 2 ? -1.0F : static_cast<float>(hits) / static_cast<float>(all);
}

}  // namespace riverd::feeds::content::extract
