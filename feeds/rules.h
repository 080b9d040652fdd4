#pragma once
/// Filters and clean-ups that a config asks for, compiled into feeds::Rule. Patterns are RE2 syntax, so matching takes time
/// linear in the text whatever the pattern; they match anywhere in the field unless anchored, and see UTF-8 characters.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feeds/post.h"

namespace riverd::feeds {

/// What a pattern looks at. A field with several values (authors, tags, categories) matches when one of them does.
enum class Field : std::uint8_t {
  title,
  author,    ///< name or email
  tag,
  category,
  url,       ///< Post::link
  content,   ///< the words of the content, else of the summary
};

[[nodiscard]] std::string_view to_string(Field field);
[[nodiscard]] std::optional<Field> field_of(std::string_view name);

struct Match {
  Field field = Field::title;
  std::string pattern;
  bool operator==(const Match&) const = default;
};

/// Holds for a post when every match in it does. Never empty.
using Condition = std::vector<Match>;

struct Rewrite {
  std::string pattern;
  std::string replacement;  ///< \0 the whole match, \1..\9 its groups; empty removes
  bool operator==(const Rewrite&) const = default;
};

/// The rules of one source, or of all.
struct RuleSet {
  std::vector<Condition> include;  ///< where any is given, a post must meet one of them
  std::vector<Condition> exclude;  ///< a post that meets one of them is left out
  std::vector<Rewrite> titles;     ///< each applied to what the one before left; a title is never made empty
  std::vector<Rewrite> tags;       ///< a tag that becomes empty is dropped, one that repeats another too
  std::vector<Rewrite> categories;
  [[nodiscard]] bool empty() const {
    return include.empty() && exclude.empty() && titles.empty() && tags.empty() && categories.empty();
  }
  bool operator==(const RuleSet&) const = default;
};

/// Whether a pattern can be used. Errors: invalid, with RE2's reason.
[[nodiscard]] Result<void> check_pattern(std::string_view pattern);

/// Whether pattern and replacement fit together (no \3 where there are two groups). Errors: invalid.
[[nodiscard]] Result<void> check_rewrite(const Rewrite& rewrite);

/// Compiles a set: at most one Rule, which filters on what the feed said and then rewrites. It may be copied and shared
/// between threads. Errors: invalid, for the first pattern that cannot be used.
[[nodiscard]] Result<std::vector<Rule>> compile(const RuleSet& rules);

}  // namespace riverd::feeds
