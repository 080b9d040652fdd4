#include "config/expand.h"

#include <algorithm>
#include <optional>

#include "base/file.h"

namespace riverd::config {
namespace {

constexpr std::size_t kMaxSecret = 64U << 10U;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// What stands between ${ and }, replaced.
Result<std::string> reference(std::string_view name, const std::string& folder, const Environment& environment) {
  if (name.starts_with("file:")) return read_secret(path_in(folder, std::string(name.substr(5))));
  std::optional<std::string> fallback;
  if (const auto at = name.find(":-"); at != std::string_view::npos) {
    fallback = std::string(name.substr(at + 2));
    name = name.substr(0, at);
  }
  const bool usable = !name.empty() && std::ranges::all_of(name, [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
  if (!usable) return Error(Errc::invalid, "\"${" + std::string(name) + "}\" names no environment variable; write $${ for a plain ${");
  auto value = environment(std::string(name));
  if (!value && fallback) value = std::move(fallback);
  if (!value) return Error(Errc::invalid, "the environment variable " + std::string(name) + " is not set");
  return *std::move(value);
}

}  // namespace

std::string path_in(const std::string& folder, const std::string& path) {
  if (path.starts_with('/') || folder.empty()) return path;
  return folder.ends_with('/') ? folder + path : folder + '/' + path;
}

Result<std::string> read_secret(const std::string& path) {
  auto text = read_file(path, kMaxSecret);
  if (!text) return text;
  while (!text->empty() && is_space(text->back())) text->pop_back();
  text->erase(0, static_cast<std::size_t>(std::ranges::find_if_not(*text, is_space) - text->begin()));
  if (text->empty()) return Error(Errc::invalid, "the file " + path + " is empty");
  if (std::ranges::any_of(*text, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    return Error(Errc::invalid, "the file " + path + " holds more than one line or a control character");
  }
  return text;
}

Result<std::string> expand(std::string_view text, const std::string& folder, const Environment& environment) {
  std::string result;
  for (;;) {
    const auto at = text.find("${");
    if (at == std::string_view::npos) return result += text;
    if (at > 0 && text[at - 1] == '$') {
      result.append(text.substr(0, at - 1)).append("${");
      text.remove_prefix(at + 2);
      continue;
    }
    const auto close = text.find('}', at);
    if (close == std::string_view::npos) return Error(Errc::invalid, "\"${\" without its \"}\"; write $${ for a plain ${");
    auto value = reference(text.substr(at + 2, close - at - 2), folder, environment);
    if (!value) return value;
    result.append(text.substr(0, at)).append(*value);
    text.remove_prefix(close + 1);
  }
}

std::string without_references(std::string text) {
  for (auto at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3)) text.insert(at, "$");
  return text;
}

}  // namespace riverd::config
