// Any bytes as a subscription list: what is read can be written and is read back as many.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "feeds/read/opml.h"
#include "feeds/write/opml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace riverd::feeds;
  const auto list = read::read_subscriptions({reinterpret_cast<const char*>(data), size});
  if (!list) return 0;
  const auto again = read::read_subscriptions(write::opml(list->title, list->subscriptions));
  if (!again || again->subscriptions.size() != list->subscriptions.size()) std::abort();
  return 0;
}
