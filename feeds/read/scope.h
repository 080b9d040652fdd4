#pragma once
/// What elements inherit: xml:base and xml:lang.

#include <string>

#include "feeds/content/url.h"
#include "feeds/read/xml_tree.h"

namespace riverd::feeds::read {

/// What is in force at an element.
struct Scope {
  std::string base;      ///< absolute, or empty
  std::string language;  ///< BCP 47, or empty
};

/// A base URL of bounded length, as each relative URL of a document costs one resolution against it: a long query goes, as
/// no reference needs it; what is longer still is no base.
[[nodiscard]] std::string bounded_base(std::string base);

/// A language tag as feeds write it, as BCP 47: trimmed, '_' as '-'; empty for what is none (RFC 5646, 2.1).
[[nodiscard]] std::string language_tag(std::string_view text);

/// The language an element states itself (xml:lang, or plain lang), or empty.
[[nodiscard]] std::string stated_language(Xml element);

/// The scope inside `element`: `outer` itself where the element states nothing, else `storage`, filled.
[[nodiscard]] const Scope& enter(Xml element, const Scope& outer, Scope& storage);

}  // namespace riverd::feeds::read
