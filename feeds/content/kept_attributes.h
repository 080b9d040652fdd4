#pragma once
/// The attributes that elements of safe HTML have, written anew: only these, in one order, each value
/// checked.

#include <string>
#include <string_view>

#include "feeds/content/attributes.h"
#include "feeds/content/tree.h"

namespace riverd::feeds::content {

/// Appends what a kept element (fate `keep`) may have: title, lang and dir, and what belongs to its tag.
void append_kept_attributes(std::string& out, Tag tag, const Attributes& attributes, std::string_view base);

/// Appends title, lang and dir.
void append_global_attributes(std::string& out, const Attributes& attributes);

/// Appends width and height where they are numbers above one (one alone would make a tracking pixel of it
/// next time).
void append_size(std::string& out, const Attributes& attributes);

/// Appends alt, also an empty one: it says that the image is a decoration.
void append_alternative(std::string& out, const Attributes& attributes);

/// Appends sizes, which goes with a srcset.
void append_image_sizes(std::string& out, const Attributes& attributes);

/// Appends what a source or track has beside its address.
void append_source_attributes(std::string& out, Tag tag, const Attributes& attributes);

/// Appends class="language-x" where an element (pre, code) or one around it names the language of its code.
void append_code_language(std::string& out, Node element, const Attributes& attributes);

/// Appends ` name="url"` of an attribute that is a URL and can be resolved.
void append_url(std::string& out, std::string_view name, Name attribute, const Attributes& attributes,
                std::string_view base);

}  // namespace riverd::feeds::content
