#include "feeds/content/article.h"

#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/input.h"
#include "feeds/write/front_matter.h"
#include "feeds/write/json.h"

namespace riverd::commands {

int run_article(const ArticleOptions& options) {
  const auto page = read_input(options.file);
  if (!page) return fail(page.error());
  const auto article = feeds::content::extract_article(*page, options.url);
  if (!article) {
    complain(options.file + ": " + article.error().message());
    return kNotAFeed;
  }
  if (article->content_html.empty()) complain(options.file + ": no article was found on this page");
  if (options.format == "html") return print(article->content_html + "\n");
  auto post = feeds::article_post(*article, options.url);
  if (!post.content) post.content = feeds::markdown(post);
  if (options.format == "md") return print(feeds::write::post_markdown(post, {}));
  std::string json;
  feeds::write::append_json(json, post);
  return print(json + "\n");
}

}  // namespace riverd::commands
