#pragma once
/// A post as a static site's source file (contract 1.3): YAML front matter, then `## title` and the content in Markdown.

#include <string>
#include <string_view>
#include <vector>

#include "feeds/post.h"
#include "feeds/write/json.h"

namespace riverd::feeds::write {

/// The Markdown document of a post. Strings of the front matter are double-quoted YAML 1.1 and 1.2 scalars, so no title
/// can break out; a list with no element and a null value are left out. `sources` may be empty.
/// Where the content holds template marks ({{ {% {#), `disableNunjucks: true` keeps Hexo from running them.
[[nodiscard]] std::string post_markdown(const Post& post, const std::vector<SourceRef>& sources);

/// A double-quoted YAML scalar (1.2, section 7.3.1), everything a parser could trip over escaped.
[[nodiscard]] std::string yaml_string(std::string_view text);

}  // namespace riverd::feeds::write
