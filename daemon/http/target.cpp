#include "daemon/http/target.h"

#include <algorithm>

#include "daemon/http/text.h"

namespace riverd::http {
namespace {

constexpr std::size_t kMostParameters = 200;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

Error bad(const char* what) { return {Errc::invalid, what}; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// Takes `http://authority` off the absolute form.
Result<std::string_view> take_authority(std::string_view& target) {
  const auto scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return bad("the request target is neither a path nor an absolute URL");
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!equal_no_case(scheme, "http") && !equal_no_case(scheme, "https"))
    return bad("the request target has a scheme that is not served here");
  target.remove_prefix(scheme_end + 3);
  const std::string_view authority = target.substr(0, target.find_first_of("/?"));
  if (authority.empty() || authority.find('@') != std::string_view::npos)
    return bad("the request target has no usable host");
  target.remove_prefix(authority.size());
  return authority;
}

/// Percent-escapes undone, whatever bytes come of it. Errors: invalid for a broken escape.
Result<std::string> unescape(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return bad("a broken percent-escape");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    out += c;
  }
  return out;
}

Result<std::string> decode_search(std::string_view text) {
  auto out = unescape(text, true);
  if (!out) return out;
  std::replace(out->begin(), out->end(), '\0', ' ');
  return repair_utf8(*out);
}

Result<void> parse_path(std::string_view raw, Target& out) {
  std::string_view rest = raw.substr(1);
  for (bool more = true; more;) {
    more = rest.find('/') != std::string_view::npos;
    auto segment = percent_decode(next_piece(rest, '/'), false);
    if (!segment) return segment.error().during("path");
    if (*segment == "." || *segment == "..") return bad("path: dot segments are not followed");
    if (std::any_of(segment->begin(), segment->end(), is_control)) return bad("path: a control character");
    out.path += '/';
    out.path += *segment;
    out.segments.push_back(std::move(*segment));
  }
  return {};
}

}  // namespace

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  auto out = unescape(text, plus_is_space);
  if (!out) return out;
  if (out->find('\0') != std::string::npos) return bad("a NUL character");
  if (!is_utf8(*out)) return bad("bytes that are not UTF-8");
  return out;
}

Result<std::vector<Parameter>> parse_query(std::string_view query, std::string* culprit) {
  std::vector<Parameter> out;
  while (!query.empty()) {
    std::string_view piece = next_piece(query, '&');
    if (piece.empty()) continue;
    if (out.size() == kMostParameters) return bad("query: more than 200 parameters");
    auto name = percent_decode(next_piece(piece, '='), true);
    if (!name) return name.error().during("query");
    auto value = *name == "q" ? decode_search(piece) : percent_decode(piece, true);
    if (!value) {
      if (culprit) *culprit = *name;
      return value.error().during("parameter " + *name);
    }
    out.push_back({std::move(*name), std::move(*value)});
  }
  return out;
}

Result<Target> parse_target(std::string_view target, std::string* culprit) {
  Target out;
  if (target == "*") {
    out.path = "*";
    return out;
  }
  if (target.empty()) return bad("the request target is empty");
  if (target.find('#') != std::string_view::npos) return bad("the request target has a fragment");
  if (target.front() != '/') {
    const auto authority = take_authority(target);
    if (!authority) return authority.error();
    out.authority = *authority;
  }
  std::string_view path = target.substr(0, target.find('?'));
  target.remove_prefix(path.size());
  if (path.empty()) path = "/";
  if (auto parsed = parse_path(path, out); !parsed) return parsed.error();
  if (!target.empty()) {
    auto query = parse_query(target.substr(1), culprit);
    if (!query) return query.error();
    out.query = std::move(*query);
  }
  return out;
}

}  // namespace riverd::http
