#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "config/config.h"

namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(std::string(RIVERD_SOURCE_DIR) + "/" + path);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The keys that riverd.toml(5) describes, as section.key: `.It Ic key = ...` and `.It Ic a , b` below `.Ss [section]`.
std::set<std::string> described_keys() {
  const auto text = file_text("packaging/man/riverd.toml.5");
  const std::regex line(R"(^\.(Ss|It Ic) (.*)$)", std::regex::multiline);
  std::set<std::string> keys;
  std::string section;
  for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
    const auto rest = (*it)[2].str();
    if ((*it)[1] == "Ss") {
      section = rest.starts_with("[") ? rest.substr(rest.find_first_not_of('['), rest.find(']') - rest.find_first_not_of('[')) + "." : "";
      continue;
    }
    const std::regex word("[a-z_]+");
    const auto names = rest.substr(0, rest.find('='));
    for (std::sregex_iterator name(names.begin(), names.end(), word); name != std::sregex_iterator(); ++name) keys.insert(section + name->str());
  }
  return keys;
}

}  // namespace

TEST_CASE("riverd.toml(5) describes every key there is, and none that there is not", "[config][issue6]") {
  std::set<std::string> known;
  for (const auto& key : riverd::config::known_keys()) {
    if (!key.starts_with("defaults.") && !key.starts_with("group.")) known.insert(key);
  }
  CHECK(described_keys() == known);
}

TEST_CASE("the sample config names every table of settings", "[config]") {
  const auto text = file_text("config/riverd.toml");
  for (const auto* table : {"[server]", "[storage]", "[fetch]", "[schedule]", "[log]", "[[source]]"}) {
    CAPTURE(table);
    CHECK(text.find(table) != std::string::npos);
  }
}
