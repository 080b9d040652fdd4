/// Any bytes are a page: never a crash, and the content is what the sanitiser lets stand.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "feeds/content/article.h"
#include "feeds/content/html.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view page(reinterpret_cast<const char*>(data), size);
  const auto article = riverd::feeds::content::extract_article(page, "https://fuzz.example/a");
  if (!article) return 0;
  if (article->content_html.find("<script") != std::string::npos) std::abort();
  (void)riverd::feeds::article_post(*article, "https://fuzz.example/a");
  return 0;
}
