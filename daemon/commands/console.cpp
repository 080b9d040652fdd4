#include "daemon/commands/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <filesystem>

#include "base/file.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/journal.h"

namespace riverd::commands {
namespace {

constexpr char32_t kReplacement = 0xfffd;

/// Takes one character off the front of UTF-8 text; kReplacement, and one byte, for what is none.
char32_t take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t length = 1;
  char32_t value = first;
  char32_t least = 0;
  if (first >= 0xf0 && first < 0xf5) length = 4, value = first & 0x07U, least = 0x10000;
  else if (first >= 0xe0 && first < 0xf0) length = 3, value = first & 0x0fU, least = 0x800;
  else if (first >= 0xc2 && first < 0xe0) length = 2, value = first & 0x1fU, least = 0x80;
  else if (first >= 0x80) length = 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U) {
      length = 0;
      break;
    }
    value = (value << 6U) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  if (length == 0 || value < least || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
    text.remove_prefix(1);
    return kReplacement;
  }
  text.remove_prefix(length);
  return value;
}

bool reorders_text(char32_t c) { return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f; }

std::string without_controls(std::string_view text, bool keep_lines) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto before = text;
    const char32_t c = take_character(text);
    if (c == '\n' || c == '\t' || c == '\r') {
      if (keep_lines && c != '\r') result += static_cast<char>(c);
      else if (!keep_lines) result += ' ';
    } else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || reorders_text(c) || c == kReplacement) {
      result += "\xef\xbf\xbd";
    } else {
      result.append(before.substr(0, before.size() - text.size()));
    }
  }
  return result;
}

/// East Asian wide and full-width ranges and emoji take two columns, combining marks none.
std::size_t width(char32_t c) {
  if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200d) || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0x20d0 && c <= 0x20ff)) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
                    (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                    (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
  return wide ? 2 : 1;
}

/// sd-daemon(3)'s prefix where the journal reads along; nothing elsewhere.
std::string priority(int level) { return error_output_is_journal() ? "<" + std::to_string(level) + ">" : ""; }

void say(int level, std::string_view message) {
  // Nobody is left to tell when this fails.
  static_cast<void>(write_descriptor(STDERR_FILENO, "the messages", priority(level) + "riverd: " + printable(message) + "\n"));
}

/// A file that cannot be read now may be readable later; one that is no text to read never is a config.
int status_of_unread(const std::string& path, const Error& error) {
  std::error_code ignored;
  if (error.code() == Errc::io && std::filesystem::is_directory(path, ignored)) return kConfig;
  return error.code() == Errc::not_found || error.code() == Errc::io ? exit_status(error) : kConfig;
}

}  // namespace

int exit_status(const Error& error) {
  switch (error.code()) {
    case Errc::not_a_feed: return kNotAFeed;
    case Errc::not_found: return kNoInput;
    case Errc::config: return kConfig;
    case Errc::invalid:
    case Errc::exists: return kUsage;
    case Errc::internal: return kInternal;
    default: return kIo;
  }
}

int print(std::string_view text) {
  const auto written = write_descriptor(STDOUT_FILENO, "the output", text);
  if (written) return kDone;
  if (errno != EPIPE) complain(written.error().message());
  return kIo;
}

void complain(std::string_view message) { say(3, message); }
void warn(std::string_view message) { say(4, std::string(message) + " (warning)"); }

int fail(const Error& error) {
  complain(error.message());
  return exit_status(error);
}

std::string printable(std::string_view text) { return without_controls(text, false); }
std::string printable_lines(std::string_view text) { return without_controls(text, true); }

std::size_t columns(std::string_view text) {
  std::size_t sum = 0;
  while (!text.empty()) sum += width(take_character(text));
  return sum;
}

std::string cut_to_columns(std::string_view text, std::size_t most) {
  if (columns(text) <= most) return std::string(text);
  if (most == 0) return {};
  auto rest = text;
  std::size_t used = 0;
  std::size_t kept = 0;
  while (!rest.empty()) {
    used += width(take_character(rest));
    if (used + 1 > most) break;
    kept = text.size() - rest.size();
  }
  return std::string(text.substr(0, kept)) + "…";
}

bool output_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::optional<config::Config> load_config(const std::string& path, int& status) {
  auto loaded = config::load(path);
  if (!loaded) {
    complain(loaded.error().message());
    status = status_of_unread(path, loaded.error());
    return std::nullopt;
  }
  std::string report;
  for (const auto& error : loaded->errors) report += priority(3) + printable(error.text()) + '\n';
  for (const auto& warning : loaded->warnings) report += priority(4) + printable(warning.text()) + " (warning)\n";
  static_cast<void>(write_descriptor(STDERR_FILENO, "the messages", report));
  if (loaded->ok()) return std::move(loaded->config);
  complain(path + " has " + std::to_string(loaded->errors.size()) + (loaded->errors.size() == 1 ? " mistake" : " mistakes"));
  status = kConfig;
  return std::nullopt;
}

const config::Source* find_source(const config::Config& config, std::string_view name) {
  const auto found = std::ranges::find(config.sources, name, &config::Source::name);
  if (found != config.sources.end()) return &*found;
  complain("there is no source named \"" + std::string(name) + "\" in " + config.file);
  return nullptr;
}

}  // namespace riverd::commands
