/// Include, exclude and rewrite rules as the config writes them.

#include "config/sections.h"

namespace riverd::config {
namespace {

/// Reads one pattern; nothing after it has reported why it cannot be used.
std::optional<std::string> read_pattern(const Value& value) {
  auto pattern = value.text();
  if (!pattern) return std::nullopt;
  if (pattern->empty()) return value.fail("an empty pattern matches everything"), std::nullopt;
  if (const auto checked = feeds::check_pattern(*pattern); !checked) {
    return value.fail(checked.error().message()), std::nullopt;
  }
  return pattern;
}

feeds::Condition read_condition(const Value& value) {
  feeds::Condition condition;
  if (value.is_string()) {
    if (auto pattern = read_pattern(value)) condition.push_back({feeds::Field::title, *std::move(pattern)});
    return condition;
  }
  const auto* table = value.table();
  if (table == nullptr) return condition;
  if (table->empty()) value.fail("names no field");
  for (const auto& [key, node] : *table) {
    const auto field = feeds::field_of(key.str());
    if (!field) {
      value.context().fail(key.source(), "unknown field \"" + std::string(key.str()) +
                                             "\"; a rule looks at title, author, tag, category, url or content");
    } else if (auto pattern = read_pattern(value.part(node))) {
      condition.push_back({*field, *std::move(pattern)});
    }
  }
  return condition;
}

struct RewriteDraft {
  feeds::Rewrite rewrite;
};

const Keys<RewriteDraft>& rewrite_keys() {
  static const Keys<RewriteDraft> keys = {
      {"match", [](const Value& v, RewriteDraft& d) { assign(read_pattern(v), d.rewrite.pattern); }},
      {"replace", [](const Value& v, RewriteDraft& d) { assign(v.text(), d.rewrite.replacement); }},
  };
  return keys;
}

}  // namespace

std::vector<feeds::Condition> read_conditions(const Value& value) {
  std::vector<feeds::Condition> result;
  const auto* items = value.array("rules such as { title = \"pattern\" }");
  if (items == nullptr) return result;
  for (const auto& item : *items) {
    if (auto condition = read_condition(value.part(item)); !condition.empty()) result.push_back(std::move(condition));
  }
  return result;
}

std::vector<feeds::Rewrite> read_rewrites(const Value& value) {
  std::vector<feeds::Rewrite> result;
  const auto* items = value.array("tables such as { match = \"pattern\", replace = \"text\" }");
  if (items == nullptr) return result;
  for (const auto& item : *items) {
    const auto part = value.part(item);
    const auto* table = part.table();
    if (table == nullptr) continue;
    RewriteDraft draft;
    read_table(*table, value.section(), rewrite_keys(), value.context(), draft);
    if (!table->contains("match")) {
      part.fail("match is missing");
    } else if (draft.rewrite.pattern.empty()) {
      continue;
    } else if (const auto checked = feeds::check_rewrite(draft.rewrite); !checked) {
      part.fail(checked.error().message());
    } else {
      result.push_back(std::move(draft.rewrite));
    }
  }
  return result;
}

}  // namespace riverd::config
