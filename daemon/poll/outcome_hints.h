#pragma once
/// What response header fields ask for.

#include <optional>
#include <string_view>

#include "base/time.h"
#include "daemon/fetch/fetcher.h"

namespace riverd::poll {

/// How long a response stays fresh (RFC 9111, 4.2): max-age, else Expires less Date. s-maxage is not for us; no-cache and
/// no-store give none, as zero and past values do.
struct Freshness {
  Seconds stated{0};  ///< as the publisher put it: what it consents to
  Seconds left{0};    ///< less Age: what is still to wait
};
[[nodiscard]] Freshness stated_freshness(const fetch::Response& response, Time now);
/// Whether a response speaks of it at all; a 304 that does not leaves what was said before.
[[nodiscard]] bool says_freshness(const fetch::Response& response);

/// Retry-After (RFC 9110, 10.2.3): seconds or a date; bounded by 7 days; nothing for past, negative or garbage values.
[[nodiscard]] std::optional<Seconds> retry_after(std::string_view field, Time now);

}  // namespace riverd::poll
