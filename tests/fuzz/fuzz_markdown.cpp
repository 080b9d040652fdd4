/// Any HTML, sanitised or not, becomes Markdown without a crash, with neither NUL nor a '<' but of
/// the tags that are written there.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "feeds/content/html.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace content = riverd::feeds::content;
  const std::string_view html(reinterpret_cast<const char*>(data), size);
  (void)content::markdown(html);
  const std::string text = content::markdown(content::sanitise(html, "https://example.org/").html);
  if (text.find('\0') != std::string::npos) std::abort();
  if (text.find("```") != std::string::npos) return 0;  // in a code block all is text
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    bool own = false;
    for (const std::string_view tag : {"<sup>", "</sup>", "<sub>", "</sub>", "<code>", "</code>"})
      own = own || std::string_view(text).substr(at).starts_with(tag);
    if (!own) std::abort();
  }
  return 0;
}
