#include "daemon/http/filter.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "daemon/http/text.h"

namespace riverd::http {
namespace {

using storage::Order;
using storage::PostQuery;

constexpr unsigned kMostPosts = 1000;
constexpr std::size_t kMostOfOne = 100;  ///< values of one repeated parameter

/// What one parameter does to the query; returns why it cannot, or empty.
using Reader = std::string (*)(PostQuery&, const std::string&);

struct Known {
  std::string_view name;
  bool repeats;
  Reader read;
};

std::string add_value(std::vector<std::string>& values, const std::string& value) {
  if (value.empty() || std::find(values.begin(), values.end(), value) != values.end()) return {};
  if (values.size() == kMostOfOne) return "repeated more than 100 times";
  values.push_back(value);
  return {};
}

std::string read_limit(PostQuery& query, const std::string& value) {
  const auto limit = parse_number<unsigned>(value);
  if (!limit || *limit < 1 || *limit > kMostPosts) return "not a number from 1 to 1000";
  query.limit = *limit;
  return {};
}

std::string read_cursor(PostQuery& query, const std::string& value) {
  if (value.empty() || value.size() > 1024) return "not a next_cursor of an earlier answer";
  query.cursor = value;
  return {};
}

std::string read_date(std::optional<Time>& date, const std::string& value) {
  if (value.empty()) return {};
  date = parse_since(value);
  return date ? "" : "not a date of RFC 3339, such as 2024-09-18T18:37:16Z or 2024-09-18";
}

std::string read_order(PostQuery& query, const std::string& value) {
  if (value != "date" && value != "arrival") return "neither date nor arrival";
  query.order = value == "date" ? Order::date : Order::arrival;
  return {};
}

std::string read_after(PostQuery& query, const std::string& value) {
  const auto seq = parse_number<storage::Seq>(value);
  if (!seq) return "not a seq: a whole number from 0";
  query.after = *seq;
  return {};
}

constexpr Known kKnown[] = {
    {"source", true, [](PostQuery& q, const std::string& v) { return add_value(q.sources, v); }},
    {"category", true, [](PostQuery& q, const std::string& v) { return add_value(q.categories, v); }},
    {"tag", true, [](PostQuery& q, const std::string& v) { return add_value(q.tags, v); }},
    {"author", true, [](PostQuery& q, const std::string& v) { return add_value(q.authors, v); }},
    {"q", false, [](PostQuery& q, const std::string& v) { return q.q = v, std::string(); }},
    {"since", false, [](PostQuery& q, const std::string& v) { return read_date(q.since, v); }},
    {"until", false, [](PostQuery& q, const std::string& v) { return read_date(q.until, v); }},
    {"limit", false, read_limit},
    {"cursor", false, read_cursor},
    {"order", false, read_order},
    {"after", false, read_after},
};

void append_all(std::string& out, std::string_view name, std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  for (const auto& value : values) {
    if (!out.empty()) out += '&';
    out.append(name) += '=';
    append_percent_encoded(out, value);
  }
}

}  // namespace

std::optional<Time> parse_since(std::string_view text) {
  std::string whole(text);
  if (whole.size() == 10) whole += "T00:00:00Z";
  // A "+02:00" that was not escaped has become " 02:00" on its way through the query.
  if (whole.size() > 19 && whole[whole.size() - 6] == ' ') whole[whole.size() - 6] = '+';
  return parse_rfc3339(whole);
}

Filter parse_filter(const std::vector<Parameter>& query) {
  PostQuery out;
  std::vector<std::string_view> seen;
  bool ordered = false;
  for (const auto& [name, value] : query) {
    const auto known = std::find_if(std::begin(kKnown), std::end(kKnown), [&wanted = name](const Known& k) { return k.name == wanted; });
    if (known == std::end(kKnown)) continue;
    if (!known->repeats) {
      if (std::find(seen.begin(), seen.end(), known->name) != seen.end()) return BadParameter{name, "given more than once"};
      seen.push_back(known->name);
    }
    if (auto why = known->read(out, value); !why.empty()) return BadParameter{name, std::move(why)};
    ordered = ordered || name == "order";
  }
  if (out.after && ordered && out.order != Order::arrival) return BadParameter{"after", "only with order=arrival"};
  if (out.after) out.order = Order::arrival;
  return out;
}

std::string canonical_query(const PostQuery& query) {
  std::string out;
  append_all(out, "source", query.sources);
  append_all(out, "category", query.categories);
  append_all(out, "tag", query.tags);
  append_all(out, "author", query.authors);
  if (!query.q.empty()) append_all(out, "q", {query.q});
  if (query.since) append_all(out, "since", {rfc3339(*query.since)});
  if (query.until) append_all(out, "until", {rfc3339(*query.until)});
  return out;
}

void append_percent_encoded(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
                            std::string_view("-._~").find(c) != std::string_view::npos;
    if (unreserved) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
}

}  // namespace riverd::http
