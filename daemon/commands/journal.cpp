#include "daemon/commands/journal.h"

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace riverd::commands {
namespace {

constexpr const char* kSocket = "/run/systemd/journal/socket";  // systemd's interface, the same on every machine

/// A field's name may have capitals, digits and underscores.
std::string field_name(std::string_view key) {
  std::string name(key);
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; });
  return name;
}

void append_field(std::vector<std::string>& entry, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  entry.push_back(field_name(key) + '=' + std::string(value));
}

}  // namespace

bool error_output_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe): riverd never changes its environment
  struct stat status {};
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

bool journal_takes_fields() { return ::access(kSocket, W_OK) == 0; }

std::vector<std::string> journal_entry(int priority, std::string_view message, Fields fields) {
  std::vector<std::string> entry;
  entry.reserve(fields.size() + 3);
  append_field(entry, "MESSAGE", message);
  append_field(entry, "PRIORITY", std::to_string(priority));
  append_field(entry, "SYSLOG_IDENTIFIER", "riverd");
  for (const auto& [key, value] : fields) {
    std::string_view rest = value;
    for (auto comma = rest.find(','); key == "source" && comma != std::string_view::npos; comma = rest.find(',')) {
      append_field(entry, key, rest.substr(0, comma));
      rest.remove_prefix(comma + 1);
    }
    append_field(entry, key, rest);
  }
  return entry;
}

bool send_to_journal(const std::vector<std::string>& entry) noexcept {
  try {
    std::vector<iovec> parts;
    parts.reserve(entry.size());
    for (const auto& field : entry) parts.push_back({const_cast<char*>(field.data()), field.size()});  // only read
    return sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) >= 0;
  } catch (...) {
    return false;  // out of memory: the line is lost, the daemon is not
  }
}

}  // namespace riverd::commands
