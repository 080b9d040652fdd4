/// [server], [storage], [fetch], [schedule], [log] and [rules].

#include <algorithm>
#include <array>
#include <charconv>

#include "config/expand.h"
#include "config/sections.h"
#include "config/url.h"

namespace riverd::config {
namespace {

using namespace std::chrono_literals;

constexpr Seconds kYear = 365 * 86'400s;
constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info", "warn", "error", "off"};

/// A token goes into an Authorization header: visible ASCII (RFC 6750).
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

void set_token(const Value& value, std::string token, Server& server) {
  if (is_token(token)) {
    server.token = std::move(token);
  } else {
    value.fail(token.empty() ? "must not be empty" : "may hold visible ASCII characters only");
  }
}

void read_token_file(const Value& value, Server& server) {
  const auto path = value.expanded();
  if (!path) return;
  auto token = read_secret(path_in(value.context().folder, *path));
  if (token) {
    set_token(value, *std::move(token), server);
  } else {
    value.fail(token.error().message());
  }
}

void read_listen(const Value& value, Server& server) {
  auto listen = value.expanded();
  if (!listen) return;
  if (const auto checked = check_listen(*listen); checked) {
    server.listen = *std::move(listen);
  } else {
    value.fail(checked.error().message());
  }
}

/// An octal number in a string, as chmod(1) takes it.
void read_socket_mode(const Value& value, Server& server) {
  const auto text = value.text();
  if (!text) return;
  std::uint32_t mode = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), mode, 8);
  if (failed != std::errc{} || end != text->data() + text->size() || mode > 0777) {
    return value.fail("must be a mode such as \"0660\" or \"0666\"");
  }
  server.socket_mode = mode;
}

void read_hosts(const Value& value, Server& server) {
  auto hosts = value.labels();
  if (!hosts) return;
  for (const auto& host : *hosts) {
    if (const auto checked = check_served_host(host); !checked) value.fail(checked.error().message());
  }
  server.hosts = *std::move(hosts);
}

void read_public_url(const Value& value, Server& server) {
  const auto text = value.expanded();
  if (!text) return;
  if (auto checked = check_url(*text); checked) {
    server.public_url = std::move(checked->url);
  } else {
    value.fail(checked.error().message());
  }
}

constexpr std::array<std::string_view, 2> kOnOff = {"off", "on"};

/// true, false, "on" or "off".
std::optional<bool> images(const Value& value) {
  if (!value.is_string()) return value.boolean();
  const auto text = value.one_of(kOnOff);
  return text ? std::optional(*text == "on") : std::nullopt;
}

const Keys<Server>& server_keys() {
  static const Keys<Server> keys = {
      {"listen", read_listen},
      {"socket_mode", read_socket_mode},
      {"socket_group", [](const Value& v, Server& s) { assign(v.label(), s.socket_group); }},
      {"token", [](const Value& v, Server& s) { if (auto token = v.expanded()) set_token(v, *std::move(token), s); }},
      {"token_file", read_token_file},
      {"protect_reads", [](const Value& v, Server& s) { assign(v.boolean(), s.protect_reads); }},
      {"hosts", read_hosts},
      {"cors_origins", [](const Value& v, Server& s) { assign(v.labels(), s.cors_origins); }},
      {"max_connections", [](const Value& v, Server& s) { assign(v.integer(1, 100'000), s.max_connections); }},
      {"images", [](const Value& v, Server& s) { assign(images(v), s.images); }},
      {"title", [](const Value& v, Server& s) { assign(v.label(), s.title); }},
      {"public_url", read_public_url},
  };
  return keys;
}

void read_path(const Value& value, Storage& storage) {
  auto path = value.expanded();
  if (!path) return;
  if (path->empty() || path->find('\0') != std::string::npos) return value.fail("must name a file");
  storage.path = *std::move(path);
}

const Keys<Storage>& storage_keys() {
  static const Keys<Storage> keys = {
      {"path", read_path},
      {"keep", [](const Value& v, Storage& s) { assign(v.seconds(1s, 100 * kYear), s.keep); }},
      {"keep_posts", [](const Value& v, Storage& s) { assign(v.integer(0, 1'000'000'000'000), s.keep_posts); }},
  };
  return keys;
}

void read_proxy(const Value& value, Fetch& fetch) {
  auto proxy = value.expanded();
  if (!proxy) return;
  if (const auto checked = check_proxy(*proxy); checked) {
    fetch.proxy = *std::move(proxy);
  } else {
    value.fail(checked.error().message());
  }
}

const Keys<Fetch>& fetch_keys() {
  static const Keys<Fetch> keys = {
      {"user_agent", [](const Value& v, Fetch& f) { assign(v.label(), f.user_agent); }},
      {"timeout", [](const Value& v, Fetch& f) { assign(v.duration(1ms, 24h), f.timeout); }},
      {"connect_timeout", [](const Value& v, Fetch& f) { assign(v.duration(1ms, 24h), f.connect_timeout); }},
      {"max_body", [](const Value& v, Fetch& f) { assign(v.size(1, 1ULL << 30U), f.max_body); }},
      {"concurrency", [](const Value& v, Fetch& f) { assign(v.integer(1, 10'000), f.concurrency); }},
      {"per_host", [](const Value& v, Fetch& f) { assign(v.integer(1, 10'000), f.per_host); }},
      {"allow_private_networks", [](const Value& v, Fetch& f) { assign(v.boolean(), f.allow_private_networks); }},
      {"proxy", read_proxy},
  };
  return keys;
}

const Keys<Schedule>& schedule_keys() {
  static const Keys<Schedule> keys = {
      {"min_interval", [](const Value& v, Schedule& s) { assign(v.seconds(1s, kYear), s.min_interval); }},
      {"hinted_min_interval", [](const Value& v, Schedule& s) { assign(v.seconds(1s, kYear), s.hinted_min_interval); }},
      {"max_interval", [](const Value& v, Schedule& s) { assign(v.seconds(1s, kYear), s.max_interval); }},
      {"budget", [](const Value& v, Schedule& s) { assign(v.number(0, 86'400), s.budget); }},
  };
  return keys;
}

/// Defaults give way to what was set: only two values that were both set can contradict each other.
void settle_intervals(const Value& value, const toml::table& table, Schedule& schedule) {
  const bool min_set = table.contains("min_interval");
  const bool max_set = table.contains("max_interval");
  if (min_set && max_set && schedule.min_interval > schedule.max_interval) {
    const Value min(*table.get("min_interval"), "schedule", "min_interval", value.context());
    return min.fail("is longer than max_interval");
  }
  if (max_set) schedule.min_interval = std::min(schedule.min_interval, schedule.max_interval);
  schedule.max_interval = std::max(schedule.min_interval, schedule.max_interval);
  schedule.hinted_min_interval = std::min(schedule.hinted_min_interval, schedule.min_interval);
}

const Keys<Log>& log_keys() {
  static const Keys<Log> keys = {
      {"level", [](const Value& v, Log& l) { assign(v.one_of(kLevels), l.level); }},
  };
  return keys;
}

const Keys<feeds::RuleSet>& rules_keys() {
  using feeds::RuleSet;
  static const Keys<RuleSet> keys = {
      {"include", [](const Value& v, RuleSet& r) { r.include = read_conditions(v); }},
      {"exclude", [](const Value& v, RuleSet& r) { r.exclude = read_conditions(v); }},
      {"rewrite_title", [](const Value& v, RuleSet& r) { r.titles = read_rewrites(v); }},
      {"rewrite_tags", [](const Value& v, RuleSet& r) { r.tags = read_rewrites(v); }},
      {"rewrite_categories", [](const Value& v, RuleSet& r) { r.categories = read_rewrites(v); }},
  };
  return keys;
}

template <class T>
const toml::table* read_section(const Value& value, std::string_view name, const Keys<T>& keys, T& into) {
  const auto* table = value.table();
  if (table != nullptr) read_table(*table, name, keys, value.context(), into);
  return table;
}

template <class T>
void append_keys(std::vector<std::string>& names, std::string_view section, const Keys<T>& keys) {
  for (const auto& key : keys) names.push_back(std::string(section) + '.' + std::string(key.name));
}

}  // namespace

void read_server(const Value& value, Config& config) {
  const auto* table = read_section(value, "server", server_keys(), config.server);
  if (table == nullptr) return;
  const auto* file = table->get("token_file");
  if (file != nullptr && table->contains("token")) {
    Value(*file, "server", "token_file", value.context()).fail("token is set already; keep one of the two");
  }
}

void read_storage(const Value& value, Config& config) { read_section(value, "storage", storage_keys(), config.storage); }
void read_fetch(const Value& value, Config& config) { read_section(value, "fetch", fetch_keys(), config.fetch); }
void read_log(const Value& value, Config& config) { read_section(value, "log", log_keys(), config.log); }
void read_rules(const Value& value, Config& config) { read_section(value, "rules", rules_keys(), config.rules); }

void read_schedule(const Value& value, Config& config) {
  const auto* table = read_section(value, "schedule", schedule_keys(), config.schedule);
  if (table != nullptr) settle_intervals(value, *table, config.schedule);
}

void append_setting_keys(std::vector<std::string>& names) {
  append_keys(names, "server", server_keys());
  append_keys(names, "storage", storage_keys());
  append_keys(names, "fetch", fetch_keys());
  append_keys(names, "schedule", schedule_keys());
  append_keys(names, "log", log_keys());
  append_keys(names, "rules", rules_keys());
}

}  // namespace riverd::config
