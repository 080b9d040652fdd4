#include "feeds/read/scope.h"

#include <algorithm>
#include <cctype>

namespace riverd::feeds::read {

std::string bounded_base(std::string base) {
  constexpr std::size_t kLongest = 512;
  if (base.size() > kLongest) base.resize(std::min(base.size(), base.find('?')));
  if (base.size() > kLongest) base.clear();
  return base;
}

std::string language_tag(std::string_view text) {
  text = trim(text);
  text = text.substr(0, text.find_first_of(",; \t\n"));
  std::string tag;
  std::size_t part = 0;
  for (const char raw : text) {
    const char c = raw == '_' ? '-' : raw;
    if (c == '-' ? part == 0 : std::isalnum(static_cast<unsigned char>(c)) == 0) return {};
    part = c == '-' ? 0 : part + 1;
    if (part > 8) return {};
    tag += c;
  }
  const std::size_t primary = std::min(tag.find('-'), tag.size());  // "x" and "i" begin private and old ones; no name is longer
  const bool known_form = (primary == 1 && primary < tag.size()) || primary == 2 || primary == 3;
  return part == 0 || tag.size() > 64 || !known_form ? std::string() : tag;
}

std::string stated_language(Xml element) {
  if (element.node().attribute_count == 0) return {};
  const std::string language = element.attribute("xml:lang");
  return language_tag(language.empty() ? element.attribute("lang") : language);
}

const Scope& enter(Xml element, const Scope& outer, Scope& storage) {
  if (element.node().attribute_count == 0) return outer;
  const bool rebased = element.has_attribute("xml:base");
  const bool spoken = element.has_attribute("xml:lang") || element.has_attribute("lang");
  if (!rebased && !spoken) return outer;
  storage.base = rebased ? bounded_base(content::rebase(element.attribute("xml:base"), outer.base)) : outer.base;
  storage.language = spoken ? stated_language(element) : outer.language;
  return storage;
}

}  // namespace riverd::feeds::read
