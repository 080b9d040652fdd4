#pragma once
/// One key's value, read with its type checked and every mistake reported where it stands; tables of known keys. Internal
/// to config/.

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace riverd::config {

/// The file that is being read, and where its mistakes go.
struct Context {
  std::string file;
  std::string folder;  ///< of the file: what relative references resolve against; empty: the working directory
  const Environment& environment;
  std::vector<Diagnostic>& errors;
  std::vector<Diagnostic>& warnings;

  void fail(const toml::source_region& where, std::string message);
};

/// A value of the config. Each reader returns nothing after it has reported why.
class Value {
 public:
  Value(const toml::node& node, std::string_view section, std::string_view key, Context& context)
      : node_(&node), section_(section), key_(key), context_(&context) {}

  [[nodiscard]] std::optional<std::string> text() const;      ///< a string, as written
  [[nodiscard]] std::optional<std::string> expanded() const;  ///< a string with its ${references} replaced
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::int64_t least, std::int64_t most) const;
  [[nodiscard]] std::optional<double> number(double least, double most) const;
  [[nodiscard]] std::optional<Milliseconds> duration(Milliseconds least, Milliseconds most) const;
  [[nodiscard]] std::optional<Seconds> seconds(Seconds least, Seconds most) const;  ///< a duration of whole seconds
  [[nodiscard]] std::optional<std::uint64_t> size(std::uint64_t least, std::uint64_t most) const;
  [[nodiscard]] std::optional<std::string> label() const;               ///< text that is neither empty nor has controls
  [[nodiscard]] std::optional<std::vector<std::string>> labels() const; ///< an array of them, without repeats
  [[nodiscard]] std::optional<std::string> one_of(std::span<const std::string_view> choices) const;

  [[nodiscard]] const toml::array* array(std::string_view of) const;
  [[nodiscard]] const toml::table* table() const;
  [[nodiscard]] bool is_boolean() const { return node_->is_boolean(); }
  [[nodiscard]] bool is_string() const { return node_->is_string(); }

  /// A part of this value: an element of an array, a member of a table.
  [[nodiscard]] Value part(const toml::node& node) const { return {node, section_, key_, *context_}; }

  /// Reports "section.key: message" where the value stands.
  void fail(std::string_view message) const;
  [[nodiscard]] Context& context() const { return *context_; }
  [[nodiscard]] const toml::source_region& where() const { return node_->source(); }
  [[nodiscard]] std::string_view section() const { return section_; }

 private:
  void wrong_type(std::string_view expected) const;

  const toml::node* node_;
  std::string_view section_;
  std::string_view key_;
  Context* context_;
};

/// A key that a table may have, and what its value does. `read` reports what is wrong through the value.
template <class T>
struct Key {
  std::string_view name;
  void (*read)(const Value& value, T& into);
};

/// Reports a key that is not known, with the known one that it resembles.
void report_unknown(const toml::key& key, std::string_view section, std::span<const std::string_view> known, Context& context);

template <class T>
using Keys = std::vector<Key<T>>;

template <class T>
std::vector<std::string_view> names_of(const Keys<T>& keys) {
  std::vector<std::string_view> names;
  for (const auto& key : keys) names.push_back(key.name);
  return names;
}

/// Reads every key of a table into `into`.
template <class T>
void read_table(const toml::table& table, std::string_view section, const Keys<T>& keys, Context& context, T& into) {
  for (const auto& [key, node] : table) {
    const Key<T>* known = nullptr;
    for (const auto& candidate : keys) {
      if (candidate.name == key.str()) known = &candidate;
    }
    if (known != nullptr) {
      known->read(Value(node, section, known->name, context), into);
    } else {
      report_unknown(key, section, names_of(keys), context);
    }
  }
}

/// Puts a value read where it belongs, unless it was refused.
template <class From, class To>
void assign(std::optional<From> from, To& to) {
  if (from) to = static_cast<To>(*std::move(from));
}

}  // namespace riverd::config
