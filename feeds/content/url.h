#pragma once
/// URLs as feeds write them: made absolute, made safe, made canonical.

#include <optional>
#include <string>
#include <string_view>

namespace riverd::feeds::content {

/// Resolves a reference against a base (RFC 3986, 5.2, with the WHATWG URL standard's forgiveness: white
/// space, tab and newline removed, backslashes, missing slashes) and serialises it: scheme and host lower
/// case, IDN hosts as A-labels, default port dropped, non-ASCII and unsafe characters percent-encoded,
/// existing escapes kept as they are.
///   base   an absolute http(s) URL, or empty
/// Returns an absolute http(s) URL, or nothing: javascript:, data:, file: and the like, however obfuscated,
/// are nothing. Credentials in the URL are dropped. At most 8 KiB; longer is nothing.
[[nodiscard]] std::optional<std::string> resolve(std::string_view reference, std::string_view base);

/// As resolve, for links inside content: mailto:, tel: (and other harmless schemes of the allowlist) pass
/// too.
[[nodiscard]] std::optional<std::string> resolve_link(std::string_view reference, std::string_view base);

/// Resolves an xml:base or <base href> against the base in force; where it cannot, the base in force.
[[nodiscard]] std::string rebase(std::string_view reference, std::string_view base);

/// The form of a link under which two sources' entries are one story (design 2.3): scheme and host lower
/// case, http and https one, default port, fragment and tracking parameters (utm_*, fbclid, gclid and their
/// kin) dropped, the rest of the query kept in order, an empty path is "/".
///   link            an absolute http(s) URL as resolve() returns it
///   keep_fragment   where dropping it would make two entries of one document collide
[[nodiscard]] std::string canonical_link(std::string_view link, bool keep_fragment = false);

/// What a link says behind its '#', where it may tell one story of a page from another (`comment-11`, `v1.2`). Empty where
/// there is nothing, or only what says how a reader came (`ftag=...`, `xtor=RSS-1`) or where in the page to look.
[[nodiscard]] std::string_view telling_fragment(std::string_view link);

/// A site's front page: many stories point there.
[[nodiscard]] bool is_front_page(std::string_view url);

}  // namespace riverd::feeds::content
