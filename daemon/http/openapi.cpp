#include "daemon/http/openapi.h"

#include "embedded_openapi.h"

namespace riverd::http {

Response openapi_document(Time since) {
  static const auto text = std::make_shared<const std::string>(embedded::kOpenapi);
  Response out(200, "application/json", "");
  out.body = text;
  out.keep = Keep::until_reload;
  out.last_modified = since;
  return out;
}

}  // namespace riverd::http
