// Any text as a config: it is read or refused with its mistakes in place, and what is accepted resolves to what is accepted.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace riverd::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find("include") != text.npos || text.find("sources_dir") != text.npos || text.find("file") != text.npos ||
      text.find("opml") != text.npos) {
    return 0;  // no input may name files of the machine it runs on
  }
  const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
  const auto loaded = parse(text, "riverd.toml", nothing);
  for (const auto& error : loaded.errors) {
    if (error.line == 0 || error.column == 0 || error.message.empty()) std::abort();
  }
  if (loaded.ok() && !parse(resolved(loaded.config), "resolved.toml", nothing).ok()) std::abort();
  return 0;
}
