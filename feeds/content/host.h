#pragma once
/// Hosts of URLs (WHATWG URL, 3).

#include <optional>
#include <string>
#include <string_view>

namespace riverd::feeds::content {

/// Serialises the host of an http(s) URL: lower case, percent-decoded, IDN as A-labels (UTS 46,
/// non-transitional), IPv4 in any spelling as four decimal numbers, IPv6 in brackets. Nothing where it is no
/// host.
[[nodiscard]] std::optional<std::string> serialise_host(std::string_view host);

}  // namespace riverd::feeds::content
