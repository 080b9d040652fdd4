#pragma once
/// Configs given as text, and what came of them.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "config/config.h"

namespace riverd::config::test {

inline Environment environment(std::map<std::string, std::string> values = {}) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

inline Loaded read(std::string_view toml, std::map<std::string, std::string> values = {}) {
  return parse(toml, "riverd.toml", environment(std::move(values)));
}

/// `LINE:COL: message` of each mistake.
inline std::vector<std::string> mistakes(const Loaded& loaded) {
  std::vector<std::string> result;
  for (const auto& error : loaded.errors) {
    result.push_back(std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.message);
  }
  return result;
}

/// A folder that is gone with its content at the end of the scope.
class Folder {
 public:
  Folder() {
    std::string path = (std::filesystem::temp_directory_path() / "riverd-config-XXXXXX").string();
    path_ = ::mkdtemp(path.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// Writes a file and returns its path.
  std::string write(const std::string& name, std::string_view text) const {
    const auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace riverd::config::test
