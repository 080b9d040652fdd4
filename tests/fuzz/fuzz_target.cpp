// The request target: whatever comes, it is taken apart into valid UTF-8 or refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "daemon/http/routes.h"
#include "daemon/http/target.h"
#include "daemon/http/text.h"

using namespace riverd::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto target = parse_target({reinterpret_cast<const char*>(data), size});
  if (!target) return 0;
  for (const auto& segment : target->segments)
    if (!is_utf8(segment) || segment == ".." || segment.find('\0') != std::string::npos) std::abort();
  static_cast<void>(find_route(target->segments));
  return 0;
}
