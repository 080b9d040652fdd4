/// Any bytes are a date or nothing: never a crash, and a date read survives being written and read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "feeds/read/date.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto time = riverd::feeds::read::parse_date(text);
  if (!time || *time < riverd::Time{} || *time > riverd::Time{std::chrono::hours{24 * 365 * 8000LL}}) return 0;
  if (riverd::feeds::read::parse_date(riverd::rfc3339(*time)) != time) std::abort();
  if (riverd::feeds::read::parse_date(riverd::http_date(*time)) != time) std::abort();
  return 0;
}
