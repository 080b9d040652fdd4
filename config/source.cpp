/// [[source]], [defaults] and [group.NAME].

#include <algorithm>
#include <array>

#include "config/sections.h"
#include "config/url.h"

namespace riverd::config {
namespace {

using namespace std::chrono_literals;

constexpr Seconds kYear = 365 * 86'400s;
constexpr std::array<std::string_view, 3> kFullText = {"off", "on", "wait"};

/// Fields that belong to the transfer, not to a source.
constexpr std::array<std::string_view, 9> kOwnHeaders = {
    "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"};

/// RFC 9110, 5.6.2.
bool is_field_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

/// A header's value: one line.
std::optional<std::string> read_header_value(const Value& value) {
  auto text = value.expanded();
  if (!text) return std::nullopt;
  const bool one_line = std::ranges::none_of(*text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
  if (!one_line) return value.fail("must not hold control characters"), std::nullopt;
  return text;
}

void read_headers(const Value& value, SourceDraft& draft) {
  const auto* table = value.table();
  if (table == nullptr) return;
  std::map<std::string, std::string> headers;
  for (const auto& [key, node] : *table) {
    const auto part = value.part(node);
    if (!is_field_name(key.str())) {
      part.fail("\"" + std::string(key.str().substr(0, 80)) + "\" is no header name");
    } else if (std::ranges::find(kOwnHeaders, lower_case(key.str())) != kOwnHeaders.end()) {
      part.fail("the header " + std::string(key.str()) + " is not yours to set");
    } else if (auto text = read_header_value(part)) {
      headers.emplace(key.str(), *std::move(text));
    }
  }
  draft.extra().headers = std::move(headers);
}

void read_basic_auth(const Value& value, SourceDraft& draft) {
  auto text = read_header_value(value);
  if (!text) return;
  if (text->find(':') == std::string::npos) return value.fail("must be \"user:password\"");
  draft.extra().basic_auth = *std::move(text);
  draft.authorised = true;
}

void read_source_proxy(const Value& value, SourceDraft& draft) {
  auto text = value.expanded();
  if (!text) return;
  if (const auto checked = check_proxy(*text); !checked) return value.fail(checked.error().message());
  draft.extra().proxy = *std::move(text);
}

void read_full_text(const Value& value, SourceDraft& draft) {
  if (value.is_boolean()) {
    draft.source.full_text = *value.boolean() ? FullText::on : FullText::off;
  } else if (!value.is_string()) {
    value.fail("expected true, false or \"wait\"");
  } else if (const auto text = value.one_of(kFullText)) {
    draft.source.full_text = static_cast<FullText>(std::ranges::find(kFullText, *text) - kFullText.begin());
  }
}

void read_keep(const Value& value, SourceDraft& draft) {
  if (const auto keep = value.seconds(1s, 100 * kYear)) draft.extra().keep = *keep;
}

void read_name(const Value& value, SourceDraft& draft) {
  auto name = value.text();
  if (!name) return;
  if (const auto checked = check_name(*name); !checked) return value.fail(checked.error().message());
  draft.source.name = *std::move(name);
  draft.named = true;
}

void read_url(const Value& value, SourceDraft& draft) {
  const auto text = value.expanded();
  if (!text) return;
  auto checked = check_url(*text);
  if (!checked) return value.fail(checked.error().message());
  draft.source.url = std::move(checked->url);
  draft.source.url.shrink_to_fit();
  if (!checked->credentials) return;
  const bool clean = std::ranges::none_of(*checked->credentials, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (!clean) return value.fail("its user name or password holds a control character");
  if (!draft.authorised) draft.extra().basic_auth = std::move(checked->credentials);
}

void read_site_url(const Value& value, SourceDraft& draft) {
  const auto text = value.expanded();
  if (!text) return;
  auto checked = check_url(*text);
  if (!checked) return value.fail(checked.error().message());
  draft.source.site_url = std::move(checked->url);
}

const Keys<SourceDraft>& shared_keys() {
  using D = SourceDraft;
  static const Keys<D> keys = {
      {"categories", [](const Value& v, D& d) { assign(v.labels(), d.source.categories); }},
      {"tags", [](const Value& v, D& d) { assign(v.labels(), d.source.tags); }},
      {"enabled", [](const Value& v, D& d) { assign(v.boolean(), d.source.enabled); }},
      {"interval", [](const Value& v, D& d) { assign(v.seconds(1s, kYear), d.source.interval); }},
      {"max_posts", [](const Value& v, D& d) { assign(v.integer(0, 1'000'000), d.source.max_posts); }},
      {"full_text", read_full_text},
      {"keep", read_keep},
      {"headers", read_headers},
      {"user_agent", [](const Value& v, D& d) { assign(v.label(), d.extra().user_agent); }},
      {"basic_auth", read_basic_auth},
      {"proxy", read_source_proxy},
      {"include", [](const Value& v, D& d) { d.extra().rules.include = read_conditions(v); }},
      {"exclude", [](const Value& v, D& d) { d.extra().rules.exclude = read_conditions(v); }},
      {"rewrite_title", [](const Value& v, D& d) { d.extra().rules.titles = read_rewrites(v); }},
      {"rewrite_tags", [](const Value& v, D& d) { d.extra().rules.tags = read_rewrites(v); }},
      {"rewrite_categories", [](const Value& v, D& d) { d.extra().rules.categories = read_rewrites(v); }},
  };
  return keys;
}

const Keys<SourceDraft>& source_keys() {
  static const Keys<SourceDraft> keys = [] {
    Keys<SourceDraft> all = {
        {"name", read_name},
        {"url", read_url},
        {"title", [](const Value& v, SourceDraft& d) { assign(v.label(), d.source.title); }},
        {"site_url", read_site_url},
        {"group", [](const Value&, SourceDraft&) {}},  // looked up before the other keys are read
    };
    all.insert(all.end(), shared_keys().begin(), shared_keys().end());
    return all;
  }();
  return keys;
}

}  // namespace

Source::Extra& SourceDraft::extra() {
  if (!own_) {
    own_ = source.extra ? std::make_shared<Source::Extra>(*source.extra) : std::make_shared<Source::Extra>();
    source.extra = own_;
  }
  return *own_;
}

void read_defaults(const toml::table& table, std::string_view section, Context& context, SourceDraft& draft) {
  read_table(table, section, shared_keys(), context, draft);
}

void read_source(const toml::table& table, Context& context, SourceDraft& draft) {
  read_table(table, "source", source_keys(), context, draft);
  if (!table.contains("url")) context.fail(table.source(), "source: url is missing");
}

void append_source_keys(std::vector<std::string>& names) {
  for (const auto& key : source_keys()) names.push_back("source." + std::string(key.name));
  for (const auto& key : shared_keys()) {
    names.push_back("defaults." + std::string(key.name));
    names.push_back("group." + std::string(key.name));
  }
}

}  // namespace riverd::config
