#include "daemon/commands/input.h"

#include <unistd.h>

#include <algorithm>

#include "base/file.h"

namespace riverd::commands {
namespace {

constexpr std::size_t kMaxInput = 64U << 20U;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

Result<std::string> read_input(const std::string& file) {
  if (file == "-") return read_descriptor(STDIN_FILENO, "standard input", kMaxInput);
  return read_file(file, kMaxInput);
}

std::string charset_of(std::string_view content_type) {
  for (auto at = content_type.find(';'); at != std::string_view::npos; at = content_type.find(';', at + 1)) {
    const auto parameter = content_type.substr(at + 1, content_type.find(';', at + 1) - at - 1);
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    if (!std::ranges::equal(trimmed(parameter.substr(0, equals)), std::string_view("charset"), {}, lower)) continue;
    auto value = trimmed(parameter.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return {};
}

}  // namespace riverd::commands
