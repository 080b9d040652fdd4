/// What response header fields ask for: Retry-After, Cache-Control, Expires, Age.

#include <algorithm>
#include <charconv>

#include "daemon/poll/outcome_hints.h"

namespace riverd::poll {
namespace {

constexpr std::int64_t kLongest = 365LL * 86'400;  // nothing a server says means more than a year

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

/// Digits only; too many of them are the longest there is.
std::optional<std::int64_t> seconds_of(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > kLongest) return kLongest;
  return value;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

struct CacheControl {
  std::optional<std::int64_t> max_age;
  bool uncacheable = false;
};

/// Where the first directive ends: at the next comma that is not quoted.
std::size_t directive_end(std::string_view field) {
  bool quoted = false;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (quoted && field[i] == '\\') {
      ++i;
    } else if (field[i] == '"') {
      quoted = !quoted;
    } else if (field[i] == ',' && !quoted) {
      return i;
    }
  }
  return quoted ? std::min(field.find(','), field.size()) : field.size();  // a quote that nobody closes is none
}

CacheControl parse_cache_control(std::string_view field) {
  CacheControl control;
  while (!field.empty()) {
    const auto comma = directive_end(field);
    const std::string_view directive = trimmed(field.substr(0, comma));
    field.remove_prefix(std::min(comma + 1, field.size()));
    const auto equals = directive.find('=');
    const std::string_view name = trimmed(directive.substr(0, equals));
    // no-cache="Set-Cookie" is about those fields alone (RFC 9111, 5.2.2.4).
    const bool whole = equals == std::string_view::npos;
    if ((same_word(name, "no-cache") && whole) || same_word(name, "no-store")) control.uncacheable = true;
    if (same_word(name, "max-age") && !whole && !control.max_age) {
      control.max_age = seconds_of(directive.substr(equals + 1)).value_or(0);
    }
  }
  return control;
}

}  // namespace

std::optional<Seconds> retry_after(std::string_view field, Time now) {
  constexpr Seconds kMost{7 * 86'400};
  Seconds wait{0};
  if (const auto seconds = seconds_of(field); seconds && trimmed(field).front() != '"') {
    wait = Seconds(*seconds);
  } else if (const auto date = parse_http_date(trimmed(field))) {
    wait = *date - now;
  }
  if (wait <= Seconds(0)) return std::nullopt;
  return std::min(wait, kMost);
}

Freshness stated_freshness(const fetch::Response& response, Time now) {
  const CacheControl control = parse_cache_control(response.cache_control);
  Freshness fresh;
  if (control.uncacheable) return fresh;
  if (control.max_age) {
    fresh.stated = Seconds(*control.max_age);
  } else if (const auto expires = parse_http_date(trimmed(response.expires))) {
    const Time date = parse_http_date(trimmed(response.date)).value_or(now);
    fresh.stated = std::clamp(Seconds(*expires - date), Seconds(0), Seconds(kLongest));
  }
  const Seconds age{seconds_of(response.age).value_or(0)};
  fresh.left = std::max(Seconds(0), fresh.stated - age);
  return fresh;
}

bool says_freshness(const fetch::Response& response) { return !response.cache_control.empty() || !response.expires.empty(); }

}  // namespace riverd::poll
