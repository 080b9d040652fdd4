/// The config in force, as TOML.

#include <array>
#include <cstdio>

#include "config/append.h"
#include "config/expand.h"

namespace riverd::config {
namespace {

constexpr std::string_view kSecret = "***";

/// Writes `key = value` lines, one overload a type.
class Writer {
 public:
  void section(std::string_view header) { text_.append(text_.empty() ? "" : "\n").append(header).append("\n"); }
  void raw(std::string_view key, std::string_view value) { text_.append(key).append(" = ").append(value).append("\n"); }
  void write(std::string_view key, const std::string& value) { raw(key, toml_string(value)); }
  /// A text that is read with its ${references} replaced: those that are left are meant as they are.
  void write_plain(std::string_view key, const std::string& value) { raw(key, toml_string(without_references(value))); }
  void write(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
  void write(std::string_view key, std::uint64_t value) { raw(key, std::to_string(value)); }
  void write(std::string_view key, Milliseconds value) { raw(key, toml_string(duration_text(value))); }
  void write(std::string_view key, const std::vector<std::string>& values) {
    std::string list;
    for (const auto& value : values) list += (list.empty() ? "" : ", ") + toml_string(value);
    raw(key, "[" + list + "]");
  }
  template <class T>
  void write(std::string_view key, const std::optional<T>& value) {
    if (value) write(key, *value);
  }
  void secret(std::string_view key, bool is_set) {
    if (is_set) raw(key, toml_string(kSecret));
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// user:password@ becomes ***@.
std::string without_credentials(const std::string& proxy) {
  const auto at = proxy.rfind('@');
  if (at == std::string::npos) return proxy;
  const auto scheme = proxy.find("://");
  const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  return proxy.substr(0, begin) + std::string(kSecret) + proxy.substr(at);
}

void write_conditions(Writer& out, std::string_view key, const std::vector<feeds::Condition>& conditions) {
  if (conditions.empty()) return;
  std::string list;
  for (const auto& condition : conditions) {
    std::string fields;
    for (const auto& match : condition) {
      fields += (fields.empty() ? " " : ", ") + std::string(to_string(match.field)) + " = " + toml_string(match.pattern);
    }
    list += (list.empty() ? "{" : ", {") + fields + " }";
  }
  out.raw(key, "[" + list + "]");
}

void write_rewrites(Writer& out, std::string_view key, const std::vector<feeds::Rewrite>& rewrites) {
  if (rewrites.empty()) return;
  std::string list;
  for (const auto& rewrite : rewrites) {
    list += (list.empty() ? "" : ", ") + ("{ match = " + toml_string(rewrite.pattern)) + ", replace = " + toml_string(rewrite.replacement) + " }";
  }
  out.raw(key, "[" + list + "]");
}

void write_rules(Writer& out, const feeds::RuleSet& rules) {
  write_conditions(out, "include", rules.include);
  write_conditions(out, "exclude", rules.exclude);
  write_rewrites(out, "rewrite_title", rules.titles);
  write_rewrites(out, "rewrite_tags", rules.tags);
  write_rewrites(out, "rewrite_categories", rules.categories);
}

void write_settings(Writer& out, const Config& config) {
  out.section("[server]");
  out.write_plain("listen", config.server.listen);
  std::array<char, 16> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", config.server.socket_mode);
  out.write("socket_mode", std::string(mode.data()));
  if (!config.server.socket_group.empty()) out.write("socket_group", config.server.socket_group);
  out.secret("token", !config.server.token.empty());
  out.write("protect_reads", config.server.protect_reads);
  out.write("hosts", config.server.hosts);
  out.write("cors_origins", config.server.cors_origins);
  out.write("max_connections", std::uint64_t{config.server.max_connections});
  out.write("images", config.server.images);
  out.write("title", config.server.title);
  if (config.server.public_url) out.write_plain("public_url", *config.server.public_url);
  out.section("[storage]");
  out.write_plain("path", config.storage.path);
  out.write("keep", config.storage.keep);
  out.write("keep_posts", config.storage.keep_posts);
  out.section("[fetch]");
  if (!config.fetch.user_agent.empty()) out.write("user_agent", config.fetch.user_agent);
  out.write("timeout", config.fetch.timeout);
  out.write("connect_timeout", config.fetch.connect_timeout);
  out.raw("max_body", toml_string(size_text(config.fetch.max_body)));
  out.write("concurrency", std::uint64_t{config.fetch.concurrency});
  out.write("per_host", std::uint64_t{config.fetch.per_host});
  out.write("allow_private_networks", config.fetch.allow_private_networks);
  if (config.fetch.proxy) out.write_plain("proxy", without_credentials(*config.fetch.proxy));
}

void write_rest(Writer& out, const Config& config) {
  out.section("[schedule]");
  out.write("min_interval", Milliseconds(config.schedule.min_interval));
  out.write("hinted_min_interval", Milliseconds(config.schedule.hinted_min_interval));
  out.write("max_interval", Milliseconds(config.schedule.max_interval));
  std::array<char, 32> budget{};
  std::snprintf(budget.data(), budget.size(), "%.10g", config.schedule.budget);
  out.raw("budget", budget.data());
  out.section("[log]");
  out.write("level", config.log.level);
  if (config.rules.empty()) return;
  out.section("[rules]");
  write_rules(out, config.rules);
}

void write_extra(Writer& out, const Source::Extra& extra) {
  if (extra.keep) out.write("keep", Milliseconds(*extra.keep));
  std::string headers;
  for (const auto& [name, value] : extra.headers) {
    headers += (headers.empty() ? " " : ", ") + toml_string(name) + " = " + toml_string(kSecret);
  }
  if (!headers.empty()) out.raw("headers", "{" + headers + " }");
  out.write("user_agent", extra.user_agent);
  if (extra.basic_auth) out.write("basic_auth", std::string(kSecret) + ":" + std::string(kSecret));
  if (extra.proxy) out.write_plain("proxy", without_credentials(*extra.proxy));
  write_rules(out, extra.rules);
}

void write_source(Writer& out, const Source& source) {
  out.section("[[source]]");
  out.write("name", source.name);
  out.write_plain("url", source.url);
  out.write("title", source.title);
  if (!source.site_url.empty()) out.write_plain("site_url", source.site_url);
  if (!source.categories.empty()) out.write("categories", source.categories);
  if (!source.tags.empty()) out.write("tags", source.tags);
  if (!source.enabled) out.write("enabled", false);
  if (source.interval) out.write("interval", Milliseconds(*source.interval));
  if (source.max_posts > 0) out.write("max_posts", std::uint64_t{source.max_posts});
  if (source.full_text != FullText::off) out.write("full_text", std::string(source.full_text == FullText::on ? "on" : "wait"));
  if (source.extra) write_extra(out, *source.extra);
}

}  // namespace

std::string resolved(const Config& config) {
  Writer out;
  write_settings(out, config);
  write_rest(out, config);
  for (const auto& source : config.sources) write_source(out, source);
  return out.take();
}

}  // namespace riverd::config
