// Query parameters and cookies: a filter comes of them, or the name of the culprit; a filter's canonical text reads back.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "daemon/http/auth.h"
#include "daemon/http/encoding.h"
#include "daemon/http/filter.h"
#include "daemon/http/target.h"

using namespace riverd;
using namespace riverd::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(wants_gzip(text));
  static const auto settings = [] {
    config::Server config;
    config.token = "token";
    return make_settings(config, "http://127.0.0.1:1");
  }();
  if (credentials(*settings, "", text, Time{}).signed_in()) std::abort();
  static_cast<void>(host_allowed(*settings, text, Exposure::loopback));

  const auto query = parse_query(text);
  if (!query) return 0;
  const auto filter = parse_filter(*query);
  if (!filter) {
    if (filter.error().name.empty() || filter.error().why.empty()) std::abort();
    return 0;
  }
  const auto again = parse_query(canonical_query(*filter));
  if (!again) std::abort();
  const auto same = parse_filter(*again);
  if (!same || canonical_query(*same) != canonical_query(*filter)) std::abort();
  return 0;
}
