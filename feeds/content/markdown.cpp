#include "feeds/content/html.h"

namespace riverd::feeds::content {

std::string markdown(std::string_view sanitised_html) { return plain_text(sanitised_html); }

}  // namespace riverd::feeds::content
