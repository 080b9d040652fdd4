#pragma once
/// The tables of a config file and their keys. Internal to config/.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.h"

namespace riverd::config {

void read_server(const Value& value, Config& config);
void read_storage(const Value& value, Config& config);
void read_fetch(const Value& value, Config& config);
void read_schedule(const Value& value, Config& config);
void read_log(const Value& value, Config& config);
void read_rules(const Value& value, Config& config);

/// A source while its keys are read. It starts as a copy of the defaults that hold for it.
struct SourceDraft {
  Source source;
  bool named = false;
  bool authorised = false;  ///< basic_auth is its own, not the defaults'

  /// The rare settings, to be changed: a copy of the defaults' from the first change on.
  Source::Extra& extra();

 private:
  std::shared_ptr<Source::Extra> own_;
};

/// Reads [defaults] or a [group.NAME] over what `draft` holds already.
void read_defaults(const toml::table& table, std::string_view section, Context& context, SourceDraft& draft);

/// Reads one [[source]] over the defaults that `draft` holds already. Its group is known to the caller.
void read_source(const toml::table& table, Context& context, SourceDraft& draft);

/// Readers of rule keys, shared by [rules] and [[source]].
[[nodiscard]] std::vector<feeds::Condition> read_conditions(const Value& value);
[[nodiscard]] std::vector<feeds::Rewrite> read_rewrites(const Value& value);

/// Appends `section.key` for each key of the tables read above.
void append_setting_keys(std::vector<std::string>& names);
void append_source_keys(std::vector<std::string>& names);

}  // namespace riverd::config
