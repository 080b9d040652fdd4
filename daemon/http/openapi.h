#pragma once
/// /openapi.json: what this server answers, as OpenAPI 3.1 (openapi.json beside this file, embedded in the binary).

#include "daemon/http/request.h"

namespace riverd::http {

[[nodiscard]] Response openapi_document();

}  // namespace riverd::http
