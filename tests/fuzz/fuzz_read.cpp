/// Any bytes through the whole reading of a feed: they end in posts of valid UTF-8, or in not_a_feed. The first byte chooses
/// the transport's charset, so that every decoder is reached.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "feeds/post.h"
#include "feeds/read/read.h"
#include "feeds/write/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr const char* kCharsets[] = {"", "", "", "utf-8", "iso-8859-1", "gb2312", "utf-16", "shift_jis", "iso-2022-jp"};
  namespace feeds = riverd::feeds;
  if (size == 0) return 0;
  feeds::read::Hints hints;
  hints.charset = kCharsets[data[0] % std::size(kCharsets)];
  hints.base = "http://example.org/feed";
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto feed = feeds::read::read(body, hints);
  if (!feed) {
    if (feed.error().code() != riverd::Errc::not_a_feed) std::abort();
    return 0;
  }
  if (feed->warnings.size() > 100) std::abort();
  const auto document = feeds::normalise(*feed, {});
  for (const feeds::Post& post : document.posts) {
    if (post.id.size() != 26) std::abort();
  }
  std::size_t written = 0;
  feeds::write::parse_json(document, [&written](std::string_view piece) { written += piece.size(); });
  if (written == 0) std::abort();
  return 0;
}
