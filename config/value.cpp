#include "config/value.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "config/expand.h"
#include "config/nearest.h"

namespace riverd::config {
namespace {

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a float";
    case toml::node_type::boolean: return "a boolean";
    case toml::node_type::date: return "a date";
    case toml::node_type::time: return "a time";
    case toml::node_type::date_time: return "a date with time";
    case toml::node_type::none: break;
  }
  return "nothing";
}

/// A name for a message: no control characters, not endless.
std::string shown(std::string_view name) {
  std::string result;
  for (const char c : name.substr(0, 80)) result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return name.size() > 80 ? result + "..." : result;
}

std::string number_text(double value) {
  auto text = std::to_string(value);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// The section that has a key of this name, where there is one.
std::optional<std::string> home_of(std::string_view name) {
  for (const auto& key : known_keys()) {
    const auto dot = key.rfind('.');
    if (dot == std::string::npos && key == name) return "";
    if (dot != std::string::npos && std::string_view(key).substr(dot + 1) == name) return key.substr(0, dot);
  }
  return std::nullopt;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

void Context::fail(const toml::source_region& where, std::string message) {
  errors.push_back({file, std::max<std::uint32_t>(where.begin.line, 1), std::max<std::uint32_t>(where.begin.column, 1), std::move(message)});
}

void Value::fail(std::string_view message) const {
  std::string text;
  if (!section_.empty()) text.append(section_).append(".");
  text.append(key_).append(": ").append(message);
  context_->fail(node_->source(), std::move(text));
}

void Value::wrong_type(std::string_view expected) const {
  fail("expected " + std::string(expected) + ", got " + std::string(type_name(*node_)));
}

std::optional<std::string> Value::text() const {
  const auto* text = node_->as_string();
  if (text == nullptr) return wrong_type("a string"), std::nullopt;
  return text->get();
}

std::optional<std::string> Value::expanded() const {
  auto raw = text();
  if (!raw || raw->find("${") == std::string::npos) return raw;
  auto result = expand(*raw, context_->folder, context_->environment);
  if (!result) return fail(result.error().message()), std::nullopt;
  return *std::move(result);
}

std::optional<bool> Value::boolean() const {
  const auto* value = node_->as_boolean();
  if (value == nullptr) return wrong_type("true or false"), std::nullopt;
  return value->get();
}

std::optional<std::int64_t> Value::integer(std::int64_t least, std::int64_t most) const {
  const auto* value = node_->as_integer();
  if (value == nullptr) return wrong_type("an integer"), std::nullopt;
  if (value->get() >= least && value->get() <= most) return value->get();
  return fail("must be from " + std::to_string(least) + " to " + std::to_string(most) + ", not " + std::to_string(value->get())),
         std::nullopt;
}

std::optional<double> Value::number(double least, double most) const {
  if (!node_->is_number()) return wrong_type("a number"), std::nullopt;
  const double value = node_->is_integer() ? static_cast<double>(node_->as_integer()->get()) : node_->as_floating_point()->get();
  if (std::isfinite(value) && value >= least && value <= most) return value;
  return fail("must be from " + number_text(least) + " to " + number_text(most)), std::nullopt;
}

std::optional<Milliseconds> Value::duration(Milliseconds least, Milliseconds most) const {
  if (!node_->is_string()) return wrong_type("a duration such as \"30s\""), std::nullopt;
  const auto raw = expanded();
  if (!raw) return std::nullopt;
  const auto value = parse_duration(*raw);
  if (!value) return fail(value.error().message()), std::nullopt;
  if (*value >= least && *value <= most) return *value;
  return fail("must be from " + duration_text(least) + " to " + duration_text(most) + ", not " + shown(*raw)), std::nullopt;
}

std::optional<Seconds> Value::seconds(Seconds least, Seconds most) const {
  const auto value = duration(least, most);
  if (!value) return std::nullopt;
  const auto whole = std::chrono::duration_cast<Seconds>(*value);
  if (whole != *value) return fail("must be whole seconds"), std::nullopt;
  return whole;
}

std::optional<std::uint64_t> Value::size(std::uint64_t least, std::uint64_t most) const {
  if (!node_->is_string()) return wrong_type("a size such as \"16MiB\""), std::nullopt;
  const auto raw = expanded();
  if (!raw) return std::nullopt;
  const auto value = parse_size(*raw);
  if (!value) return fail(value.error().message()), std::nullopt;
  if (*value >= least && *value <= most) return *value;
  return fail("must be from " + size_text(least) + " to " + size_text(most) + ", not " + shown(*raw)), std::nullopt;
}

std::optional<std::string> Value::label() const {
  auto result = text();
  if (!result) return std::nullopt;
  if (result->find_first_not_of(' ') == std::string::npos) return fail("must not be empty"), std::nullopt;
  if (has_control(*result)) return fail("must not hold control characters"), std::nullopt;
  if (result->size() > 1000) return fail("must not be longer than 1000 bytes"), std::nullopt;
  return result;
}

std::optional<std::vector<std::string>> Value::labels() const {
  const auto* items = array("strings");
  if (items == nullptr) return std::nullopt;
  std::vector<std::string> result;
  bool good = true;
  for (const auto& item : *items) {
    auto text = part(item).label();
    good = good && text.has_value();
    if (text && std::ranges::find(result, *text) == result.end()) result.push_back(*std::move(text));
  }
  if (!good) return std::nullopt;
  result.shrink_to_fit();
  return result;
}

std::optional<std::string> Value::one_of(std::span<const std::string_view> choices) const {
  auto result = text();
  if (!result || std::ranges::find(choices, *result) != choices.end()) return result;
  std::string message = "must be ";
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) message += i + 1 == choices.size() ? " or " : ", ";
    message.append("\"").append(choices[i]).append("\"");
  }
  return fail(message + ", not \"" + shown(*result) + "\""), std::nullopt;
}

const toml::array* Value::array(std::string_view of) const {
  if (!node_->is_array()) wrong_type("an array of " + std::string(of));
  return node_->as_array();
}

const toml::table* Value::table() const {
  if (!node_->is_table()) wrong_type("a table");
  return node_->as_table();
}

void report_unknown(const toml::key& key, std::string_view section, std::span<const std::string_view> known, Context& context) {
  auto message = "unknown key \"" + shown(key.str()) + "\"";
  if (!section.empty()) message += " in [" + std::string(section) + "]";
  if (const auto home = home_of(key.str()); home) {
    message += home->empty() ? "; it belongs at the top of the file" : "; it belongs in [" + *home + "]";
  } else if (const auto hint = nearest(key.str(), known); !hint.empty()) {
    message += "; did you mean \"" + std::string(hint) + "\"?";
  }
  context.fail(key.source(), std::move(message));
}

}  // namespace riverd::config
