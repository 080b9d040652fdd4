#include "feeds/content/html.h"
#include "feeds/content/text.h"

namespace riverd::feeds::content {

Sanitised sanitise(std::string_view html, std::string_view) {
  Sanitised out;
  append_escaped(out.html, plain_text(html));
  return out;
}

}  // namespace riverd::feeds::content
