#include "feeds/content/attributes.h"

#include "feeds/content/entities.h"
#include "feeds/content/name_table.h"

namespace riverd::feeds::content {
namespace {

/// In the order of Name.
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
constexpr NameTable<kNames, 128> kByName(kAttributeNames);

}  // namespace

Attributes::Attributes(AttributeScanner scanner) {
  Attribute attribute;
  for (unsigned i = 0; i < kMaxAttributes && scanner.next(attribute); ++i) {
    const std::size_t name = kByName.find(attribute.name);
    if (name == kNames || present_[name]) continue;
    present_[name] = true;
    values_[name] = attribute.value;
  }
}

std::string_view Attributes::view(Name name, std::string& storage) const {
  const std::string_view written = raw(name);
  if (find_encoded(written) == written.size()) return written;
  storage = value(name);
  return storage;
}

std::string Attributes::value(Name name) const {
  std::string out;
  append_decoded(out, raw(name), true);
  return out;
}

}  // namespace riverd::feeds::content
