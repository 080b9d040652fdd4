/// Any reference is nothing or an absolute http(s) URL of plain ASCII that resolves to itself; any text
/// survives the text functions as valid UTF-8.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "feeds/content/text.h"
#include "feeds/content/url.h"
#include "feeds/content/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace content = riverd::feeds::content;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view base : {"", "https://example.org/dir/page?q#f"}) {
    const auto url = content::resolve(text, base);
    if (!url) continue;
    if (!url->starts_with("http://") && !url->starts_with("https://")) std::abort();
    if (std::any_of(url->begin(), url->end(),
                    [](char c) { return c <= ' ' || c > '~' || c == '"' || c == '<'; }))
      std::abort();
    if (content::resolve(*url, "") != url) std::abort();
    const std::string canonical = content::canonical_link(*url);
    if (content::canonical_link(canonical) != canonical) std::abort();
  }
  (void)content::resolve_link(text, "https://example.org/");
  const std::string valid = content::valid_utf8(text);
  if (!content::is_valid_utf8(valid)) std::abort();
  const std::string folded = content::fold_space(valid);
  if (content::fold_space(folded) != folded) std::abort();
  if (!content::is_valid_utf8(content::excerpt(valid, 20))) std::abort();
  std::string escaped;
  content::append_escaped(escaped, text);
  if (!content::is_valid_utf8(escaped)) std::abort();
  (void)content::decode_entities(text);
  return 0;
}
