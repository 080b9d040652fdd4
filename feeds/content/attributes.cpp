#include "feeds/content/attributes.h"

#include <algorithm>

#include "feeds/content/entities.h"

namespace riverd::feeds::content {
namespace {

/// Sorted, in the order of Name.
constexpr std::array<std::string_view, kNames> kAttributeNames = {"align",         "alt",
                                                                  "cite",          "class",
                                                                  "colspan",       "data",
                                                                  "data-language", "data-lazy",
                                                                  "data-lazy-src", "data-lazy-srcset",
                                                                  "data-original", "data-original-src",
                                                                  "data-src",      "data-srcset",
                                                                  "datetime",      "default",
                                                                  "dir",           "height",
                                                                  "href",          "kind",
                                                                  "label",         "lang",
                                                                  "media",         "open",
                                                                  "poster",        "reversed",
                                                                  "rowspan",       "scope",
                                                                  "sizes",         "src",
                                                                  "srclang",       "srcset",
                                                                  "start",         "style",
                                                                  "title",         "type",
                                                                  "value",         "width",
                                                                  "xml:lang"};
static_assert(std::is_sorted(kAttributeNames.begin(), kAttributeNames.end()));

constexpr std::size_t kLongestName = 17;

std::size_t find_name(std::string_view name) {
  if (name.size() > kLongestName) return kNames;
  std::array<char, kLongestName> lower{};
  for (std::size_t i = 0; i < name.size(); ++i) {
    lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? static_cast<char>(name[i] | 0x20) : name[i];
  }
  const std::string_view wanted(lower.data(), name.size());
  const auto found = std::lower_bound(kAttributeNames.begin(), kAttributeNames.end(), wanted);
  if (found == kAttributeNames.end() || *found != wanted) return kNames;
  return static_cast<std::size_t>(found - kAttributeNames.begin());
}

}  // namespace

Attributes::Attributes(AttributeScanner scanner) {
  Attribute attribute;
  for (unsigned i = 0; i < kMaxAttributes && scanner.next(attribute); ++i) {
    const std::size_t name = find_name(attribute.name);
    if (name == kNames || present_[name]) continue;
    present_[name] = true;
    values_[name] = attribute.value;
  }
}

std::string Attributes::value(Name name) const {
  std::string out;
  append_decoded(out, raw(name), true);
  return out;
}

}  // namespace riverd::feeds::content
