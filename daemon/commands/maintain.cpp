/// vacuum and backup.

#include <filesystem>

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
  const auto store = open_river(*config);
  if (!store) return fail(store.error());
  if (const auto done = (*store)->backup(file); !done) return fail(done.error());
  return print("wrote " + size_of(file) + " to " + file + "\n");
}

}  // namespace riverd::commands
