/// Any HTML, sanitised or not, becomes Markdown without a crash, with neither NUL nor an unescaped tag at a
/// line's start.

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
  if (text.find('\0') != std::string::npos || text.find("\n<") != std::string::npos) {
    if (text.find("```") == std::string::npos) std::abort();  // inside a code block both are text
  }
  return 0;
}
