/// vacuum and backup.

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/river.h"

namespace riverd::commands {
namespace {

std::string size_of(const std::string& path) {
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(path, failed);
  if (failed) return "an unknown size";
  return bytes < (1U << 20U) ? std::to_string(bytes >> 10U) + " KiB" : std::to_string(bytes >> 20U) + " MiB";
}

bool is_database(const std::string& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);  // https://sqlite.org/fileformat.html, 1.3
  std::string beginning(kMagic.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  return file.gcount() == static_cast<std::streamsize>(kMagic.size()) && beginning == kMagic;
}

bool belongs_to_store(const std::string& path, const std::string& store) {
  std::error_code ignored;
  const std::string name = std::filesystem::weakly_canonical(path, ignored).string();
  const std::string base = std::filesystem::weakly_canonical(store, ignored).string();
  return std::ranges::any_of(std::initializer_list<const char*>{"-wal", "-shm", "-journal", ".lock"},
                             [&](const char* ending) { return name == base + ending; });
}

/// A copy takes the place of an older copy only: not of a config, nor of a file that the store itself needs.
Result<void> may_hold_backup(const std::string& path, const std::string& store) {
  const auto refused = [&](const char* why) { return Error(Errc::invalid, "back up to " + path + ": " + why); };
  if (path == "-") return refused("a backup goes to a file, not to standard output");
  if (belongs_to_store(path, store)) return refused("that file is part of the store");
  std::error_code failed;
  const auto there = std::filesystem::status(path, failed);
  if (std::filesystem::is_regular_file(there) && !is_database(path)) {
    return refused("that file is there already, and is no database; name another one");
  }
  return {};
}

}  // namespace

int run_vacuum(const std::string& config_file) {
  int status = kDone;
  const auto config = load_config(config_file, status);
  if (!config) return status;
  const auto store = open_river(*config);
  if (!store) return fail(store.error());
  const auto before = size_of(config->storage.path);
  if (const auto done = (*store)->vacuum(); !done) return fail(done.error());
  return print(config->storage.path + ": " + before + " before, " + size_of(config->storage.path) + " now\n");
}

int run_backup(const std::string& config_file, const std::string& file) {
  int status = kDone;
  const auto config = load_config(config_file, status);
  if (!config) return status;
  if (const auto fit = may_hold_backup(file, config->storage.path); !fit) return fail(fit.error());
  const auto store = open_river(*config);
  if (!store) return fail(store.error());
  if (const auto done = (*store)->backup(file); !done) return fail(done.error());
  return print("wrote " + size_of(file) + " to " + file + "\n");
}

}  // namespace riverd::commands
