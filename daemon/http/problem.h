#pragma once
/// Errors as RFC 9457 documents.

#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/http/request.h"

namespace riverd::http {

/// The reason phrase of RFC 9110 for the statuses used here.
[[nodiscard]] std::string_view reason(unsigned status);

/// `application/problem+json` with type, title, status, detail and, where a parameter is to blame, `parameter`.
[[nodiscard]] Response problem(unsigned status, std::string_view detail, std::string_view parameter = {});

/// What a store's or the poller's failure is to a client: 400, 404, 503 with Retry-After, or 500.
[[nodiscard]] Response problem(const Error& error);

/// 405 with Allow.
[[nodiscard]] Response method_not_allowed(std::string_view allow);

}  // namespace riverd::http
