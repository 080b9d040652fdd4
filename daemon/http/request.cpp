#include "daemon/http/request.h"

#include "daemon/http/text.h"

namespace riverd::http {

std::string_view Request::header(std::string_view name) const {
  for (const auto& [field, value] : headers)
    if (equal_no_case(field, name)) return value;
  return {};
}

std::optional<std::string_view> Request::parameter(std::string_view name) const {
  for (const auto& each : query)
    if (each.name == name) return each.value;
  return std::nullopt;
}

}  // namespace riverd::http
