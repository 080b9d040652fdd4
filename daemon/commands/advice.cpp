#include "daemon/commands/advice.h"

#include <grp.h>

#include <string_view>
#include <unordered_map>

namespace riverd::commands {
namespace {

void find_repeated_urls(const config::Config& config, std::vector<std::string>& found) {
  std::unordered_map<std::string_view, std::string_view> named;
  for (const auto& source : config.sources) {
    if (!source.enabled) continue;
    const auto [first, fresh] = named.try_emplace(source.url, source.name);
    if (fresh) continue;
    found.push_back("the sources \"" + std::string(first->second) + "\" and \"" + source.name + "\" have the same URL");
  }
}

bool has_group(const std::string& name) {
  return ::getgrnam(name.c_str()) != nullptr;  // NOLINT(concurrency-mt-unsafe): no thread runs yet
}

}  // namespace

std::optional<std::string> locked_reads(const config::Config& config) {
  if (!config.server.protect_reads || !config.server.token.empty()) return std::nullopt;
  return "server.protect_reads is set and there is no token: nobody can read unless the service hands one over (credential riverd.token)";
}

std::vector<std::string> advice(const config::Config& config) {
  std::vector<std::string> found;
  if (auto locked = locked_reads(config)) found.push_back(*std::move(locked));
  if (const auto& group = config.server.socket_group; !group.empty() && !has_group(group)) {
    found.push_back("server.socket_group: there is no group \"" + group + "\" here");
  }
  find_repeated_urls(config, found);
  return found;
}

}  // namespace riverd::commands
