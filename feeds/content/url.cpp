#include "feeds/content/url.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "feeds/content/host.h"
#include "feeds/content/utf8.h"

namespace riverd::feeds::content {
namespace {

constexpr std::size_t kLongestUrl = 8192;
constexpr auto kNone = std::string_view::npos;

bool is_alpha(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
bool is_slash(char c) {
  return c == '/' || c == '\\';
}

/// Bytes that stand in a URL as they are: RFC 3986's unreserved, sub-delims, ':', '@', '/', '?', '#', and '%'
/// (existing escapes). Not quotes and brackets, though RFC 3986 knows some of them: they end URLs in too many
/// places.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                       "-._~!$&()*+,;=:@/?#%")) {
    plain[static_cast<unsigned char>(c)] = true;
  }
  return plain;
}();

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain[byte]) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
}

/// The parts of a URL as text; `has_` tells an empty part from none.
struct Parts {
  std::string_view scheme;
  std::string_view authority;
  std::string_view path;
  std::string_view query;
  std::string_view fragment;
  bool has_scheme = false;
  bool has_authority = false;
  bool has_query = false;
  bool has_fragment = false;
};

/// The length of a leading scheme name, without its colon; 0 where there is none.
std::size_t scheme_length(std::string_view text) {
  if (text.empty() || !is_alpha(text[0])) return 0;
  std::size_t i = 1;
  while (i < text.size() &&
         (is_alpha(text[i]) || is_digit(text[i]) || text[i] == '+' || text[i] == '-' || text[i] == '.'))
    ++i;
  return i < text.size() && text[i] == ':' ? i : 0;
}

bool is_scheme(std::string_view scheme, std::string_view name) {
  return std::equal(scheme.begin(), scheme.end(), name.begin(), name.end(),
                    [](char a, char b) { return lower(a) == b; });
}

bool is_http(std::string_view scheme) {
  return is_scheme(scheme, "http") || is_scheme(scheme, "https");
}

void split_tail(std::string_view rest, Parts& parts) {
  if (const std::size_t hash = rest.find('#'); hash != kNone) {
    parts.has_fragment = true;
    parts.fragment = rest.substr(hash + 1);
    rest = rest.substr(0, hash);
  }
  if (const std::size_t question = rest.find('?'); question != kNone) {
    parts.has_query = true;
    parts.query = rest.substr(question + 1);
    rest = rest.substr(0, question);
  }
  parts.path = rest;
}

std::size_t authority_end(std::string_view text) {
  return std::min(text.find_first_of("/\\?#"), text.size());
}

void split_authority(std::string_view rest, Parts& parts) {
  parts.has_authority = true;
  const std::size_t end = authority_end(rest);
  parts.authority = rest.substr(0, end);
  split_tail(rest.substr(end), parts);
}

std::string_view without_slashes(std::string_view text) {
  while (!text.empty() && is_slash(text[0])) text.remove_prefix(1);
  return text;
}

/// Takes a reference apart as a browser would beside a base of scheme `base_scheme`.
Parts split(std::string_view text, std::string_view base_scheme) {
  Parts parts;
  if (const std::size_t length = scheme_length(text)) {
    const std::string_view scheme = text.substr(0, length);
    const std::string_view rest = text.substr(length + 1);
    const bool slashes = rest.size() >= 2 && is_slash(rest[0]) && is_slash(rest[1]);
    if (slashes || base_scheme.empty() || !is_scheme(scheme, base_scheme)) {
      parts.has_scheme = true;
      parts.scheme = scheme;
      split_authority(without_slashes(rest), parts);  // http:host, http:/host and http:///host too
      return parts;
    }
    text = rest;  // "http:page" beside a base of that scheme: a relative reference
  }
  if (text.size() >= 2 && is_slash(text[0]) && is_slash(text[1])) {
    split_authority(without_slashes(text), parts);
  } else {
    split_tail(text, parts);
  }
  return parts;
}

bool is_dot(std::string_view segment) {
  return segment == "." || is_scheme(segment, "%2e");
}

bool is_double_dot(std::string_view segment) {
  return segment == ".." || is_scheme(segment, ".%2e") || is_scheme(segment, "%2e.") ||
         is_scheme(segment, "%2e%2e");
}

/// Appends `path`, which starts with a slash, without its dot segments (RFC 3986, 5.2.4); `floor` is where
/// the path starts in `out`.
void append_path(std::string& out, std::string_view path) {
  const std::size_t floor = out.size();
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find_first_of("/\\", at + 1), path.size());
    const std::string_view segment = path.substr(at + 1, end - at - 1);
    const bool last = end == path.size();
    if (is_double_dot(segment)) {
      const std::size_t slash = out.rfind('/');
      if (slash != std::string::npos && slash >= floor) out.resize(slash);
      if (last) out += '/';
    } else if (is_dot(segment)) {
      if (last) out += '/';
    } else {
      out += '/';
      append_encoded(out, segment);
    }
    at = end;
  }
}

bool append_authority(std::string& out, std::string_view authority, bool https) {
  if (const std::size_t at = authority.rfind('@'); at != kNone) authority.remove_prefix(at + 1);
  std::string_view port;
  const std::size_t colon = authority.rfind(':');
  if (colon != kNone && (authority.empty() || authority.back() != ']')) {
    port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  const auto host = serialise_host(authority);
  if (!host) return false;
  out += *host;
  std::uint32_t number = 0;
  for (const char c : port) {
    if (!is_digit(c)) return false;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
    if (number > 65535) return false;
  }
  if (!port.empty() && number != (https ? 443U : 80U)) out.append(":").append(std::to_string(number));
  return true;
}

/// The path of a relative reference merged with the base's (RFC 3986, 5.2.3), dot segments still in it.
std::string merged(std::string_view base_path, std::string_view path) {
  if (!path.empty() && is_slash(path[0])) return std::string(path);
  const std::size_t slash = base_path.find_last_of("/\\");
  std::string out(slash == kNone ? "/" : base_path.substr(0, slash + 1));
  return out.append(path);
}

std::optional<std::string> bounded(std::string url) {
  if (url.size() > kLongestUrl) return std::nullopt;
  return url;
}

std::optional<std::string> compose(const Parts& reference, const Parts& base) {
  const bool own_host = reference.has_authority;
  const std::string_view scheme = reference.has_scheme ? reference.scheme : base.scheme;
  if (scheme.empty() && !own_host) return std::nullopt;
  const bool https = is_scheme(scheme, "https");
  std::string out = https ? "https://" : "http://";
  if (scheme.empty()) out = "https://";  // "//host/path" without a base
  if (!append_authority(out, own_host ? reference.authority : base.authority, https || scheme.empty())) {
    return std::nullopt;
  }
  const bool own_path = own_host || !reference.path.empty();
  if (!own_path) {
    append_path(out, base.path);
  } else {
    append_path(out, own_host ? std::string(reference.path) : merged(base.path, reference.path));
  }
  const bool own_query = own_path || reference.has_query;
  if (own_query ? reference.has_query : base.has_query) {
    out += '?';
    append_encoded(out, own_query ? reference.query : base.query);
  }
  if (reference.has_fragment) {
    out += '#';
    std::string_view rest = reference.fragment;
    for (std::size_t hash = rest.find('#'); hash != kNone;
         hash = rest.find('#')) {  // RFC 3986: none in a fragment
      append_encoded(out, rest.substr(0, hash));
      out += "%23";
      rest.remove_prefix(hash + 1);
    }
    append_encoded(out, rest);
  }
  return bounded(std::move(out));
}

/// The length of "http(s)://host" at the start of a URL where a serialiser would give that back byte for
/// byte; 0 else.
std::size_t serialised_origin(std::string_view url) {
  std::size_t at = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (at == 0) return 0;
  const std::size_t host = at;
  std::size_t label = at;
  for (; at < url.size() && url[at] != '/'; ++at) {
    const char c = url[at];
    if (c == '.') label = at + 1;
    if (!((c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.')) return 0;
  }
  return at == host || label == at || is_digit(url[label]) || at - host > 253 ? 0 : at;
}

/// The same of a path (nothing, or a slash and more) with its query and fragment.
bool is_serialised_path(std::string_view text) {
  bool in_path = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (!kPlain[static_cast<unsigned char>(c)]) return false;
    if (c == '#' || c == '?') {
      if (c == '#' && text.find('#', at + 1) != kNone) return false;
      in_path = false;
    }
    if (in_path && c == '/' && at + 1 < text.size() && (text[at + 1] == '.' || text[at + 1] == '%'))
      return false;
  }
  return true;
}

/// The usual cases, whose parts stand in the result as they are: a URL that is serialised already, and a path
/// from the root beside a base that is.
std::optional<std::string> join_serialised(std::string_view reference, std::string_view base) {
  if (const std::size_t origin = serialised_origin(reference)) {
    if (is_serialised_path(reference.substr(origin))) return std::string(reference);
    return std::nullopt;
  }
  if (!reference.starts_with('/') || reference.starts_with("//") || !is_serialised_path(reference))
    return std::nullopt;
  const std::size_t origin = serialised_origin(base);
  if (origin == 0) return std::nullopt;
  std::string out;
  out.reserve(origin + reference.size());
  return out.append(base, 0, origin).append(reference);
}

/// A reference as a browser reads it: white space around it and control characters in it gone.
std::string_view trimmed(std::string_view text) {
  const auto strip_any = [&](std::string_view what, bool front) {
    if (front ? !text.starts_with(what) : !text.ends_with(what)) return false;
    front ? text.remove_prefix(what.size()) : text.remove_suffix(what.size());
    return true;
  };
  constexpr std::array<std::string_view, 4> kInvisible = {"\xC2\xA0", "\xEF\xBB\xBF", "\xE2\x80\x8B",
                                                          "\xE3\x80\x80"};
  const auto is_visible = [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x80;
  };
  if (!text.empty() && is_visible(text.front()) && is_visible(text.back())) return text;
  for (const bool front : {true, false}) {
    for (bool again = true; again && !text.empty();) {
      again = false;
      if (static_cast<unsigned char>(front ? text.front() : text.back()) <= 0x20) {
        front ? text.remove_prefix(1) : text.remove_suffix(1);
        again = true;
      }
      for (const auto what : kInvisible) again = strip_any(what, front) || again;
    }
  }
  return text;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::string_view without_controls(std::string_view text, std::string& storage) {
  if (std::none_of(text.begin(), text.end(), is_control)) return text;
  storage = text;
  std::erase_if(storage, is_control);
  return storage;
}

Parts split_base(std::string_view base) {
  Parts parts;
  const std::size_t length = scheme_length(base);
  if (length != 0 && is_http(base.substr(0, length))) parts = split(base, {});
  return parts;
}

/// Schemes that a link inside content may have beside http and https: they open a program of the reader's
/// own, and run nothing.
constexpr std::array<std::string_view, 13> kHarmless = {"mailto", "tel",    "sms",    "xmpp", "matrix",
                                                        "irc",    "ircs",   "magnet", "geo",  "ftp",
                                                        "ftps",   "gemini", "news"};

std::optional<std::string> harmless(std::string_view text, std::size_t scheme) {
  const bool known = std::any_of(kHarmless.begin(), kHarmless.end(), [&](std::string_view name) {
    return is_scheme(text.substr(0, scheme), name);
  });
  if (!known || text.size() == scheme + 1) return std::nullopt;
  std::string out;
  for (const char c : text.substr(0, scheme)) out += lower(c);
  append_encoded(out, text.substr(scheme));
  return bounded(std::move(out));
}

}  // namespace

std::optional<std::string> resolve(std::string_view reference, std::string_view base) {
  if (reference.size() > kLongestUrl * 4) return std::nullopt;
  reference = trimmed(reference);
  if (reference.size() <= kLongestUrl) {
    if (auto joined = join_serialised(reference, base)) return bounded(*std::move(joined));
  }
  std::string storage;
  reference = without_controls(reference, storage);
  reference = trimmed(reference);
  if (reference.size() > kLongestUrl) return std::nullopt;
  const std::size_t scheme = scheme_length(reference);
  if (scheme != 0 && !is_http(reference.substr(0, scheme))) return std::nullopt;
  const Parts base_parts = split_base(base);
  return compose(split(reference, base_parts.scheme), base_parts);
}

std::optional<std::string> resolve_link(std::string_view reference, std::string_view base) {
  if (auto url = resolve(reference, base)) return url;
  if (reference.size() > kLongestUrl * 4) return std::nullopt;
  std::string storage;
  const std::string_view text = trimmed(without_controls(trimmed(reference), storage));
  const std::size_t scheme = scheme_length(text);
  return scheme == 0 || text.size() > kLongestUrl ? std::nullopt : harmless(text, scheme);
}

std::string rebase(std::string_view reference, std::string_view base) {
  return resolve(reference, base).value_or(std::string(base));
}

}  // namespace riverd::feeds::content
