#include <algorithm>
#include <array>
#include <string>

#include "config/config.h"

namespace riverd::config {
namespace {

constexpr std::size_t kMaxName = 60;

/// Words of a path that every feed has, and that tell nothing.
constexpr std::array<std::string_view, 16> kNoise = {"rss",  "rss2", "feed", "feeds", "atom",  "xml", "rdf", "json",
                                                     "html", "htm",  "php",  "index", "aspx",  "cgi", "jsp", "default"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Runs of [a-z0-9], lower-cased; everything else separates.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char raw : text) {
    const char c = lower(raw);
    if (is_word(c)) {
      if (!inside) words.emplace_back();
      words.back() += c;
    }
    inside = is_word(c);
  }
  return words;
}

void append_words(std::string& name, const std::vector<std::string>& words) {
  for (const auto& word : words) {
    const auto room = kMaxName - std::min(kMaxName, name.size() + 1);
    if (room < word.size() && !name.empty()) return;
    if (!name.empty()) name += '-';
    name += word.substr(0, kMaxName);
  }
}

}  // namespace

std::string derive_name(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  const auto host_end = std::min(url.find_first_of("/?#"), url.size());
  auto host = url.substr(0, host_end);
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  auto path = url.substr(host_end);
  path = path.substr(0, path.find('#'));

  auto host_words = words_of(host);
  if (host_words.size() > 2 && host_words.front() == "www") host_words.erase(host_words.begin());
  auto path_words = words_of(path);
  std::erase_if(path_words, [](const auto& word) { return std::ranges::find(kNoise, word) != kNoise.end(); });

  std::string name;
  append_words(name, host_words);
  append_words(name, path_words);
  return name.empty() ? "source" : name;
}

Result<void> check_name(std::string_view name) {
  constexpr std::size_t kMost = 100;  // more than a name that is derived
  const bool good = !name.empty() && name.size() <= kMost && std::ranges::all_of(name, [](char c) { return is_word(c) || c == '-'; });
  if (!good) return Error(Errc::invalid, "must be 1 to 100 of the characters a-z, 0-9 and -");
  return {};
}

std::string NameGiver::give(std::string_view url) {
  auto base = derive_name(url);
  if (taken_.insert(base).second) return base;
  auto& number = next_.try_emplace(base, 2U).first->second;
  for (;;) {
    auto name = base + '-' + std::to_string(number++);
    if (taken_.insert(name).second) return name;
  }
}

}  // namespace riverd::config
