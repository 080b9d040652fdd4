#pragma once
/// /openapi.json: what this server answers, as OpenAPI 3.1 (openapi.json beside this file, embedded in the binary).

#include "daemon/http/request.h"

namespace riverd::http {

///   since   when the configuration came into force: its Last-Modified
[[nodiscard]] Response openapi_document(Time since);

}  // namespace riverd::http
