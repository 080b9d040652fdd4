#include <algorithm>

#include "feeds/content/article.h"
#include "feeds/content/html.h"
#include "feeds/content/text.h"
#include "feeds/content/url.h"

namespace riverd::feeds {
namespace {

// What a feed or a page calls its picture may carry quotes, a css url(), a srcset's widths or a sentence.
constexpr std::string_view kUrlEnds = " \t\r\n\"'<>()[]{}|\\^`";

template <class T>
void add_missing(std::optional<T>& mine, const std::optional<T>& theirs) {
  if (!mine) mine = theirs;
}

/// Whether a page has clearly fewer words than the feed's own text: a stub, or no article at all.
bool shows_less(const content::Article& article, const std::string& entry_html) {
  return article.text.size() * 5 < content::plain_text(entry_html).size() * 4;
}

void set_content(Post& post, const content::Article& article) {
  if (article.content_html.empty()) return;
  if (post.content_html && (article.paywalled || shows_less(article, *post.content_html))) return;
  post.content_html = article.content_html;
  if (post.content) post.content = markdown(post);
}

}  // namespace

std::optional<std::string> summary_of(const content::Article& article) {
  if (article.description) return content::excerpt(*article.description);
  if (article.text.empty()) return std::nullopt;
  return content::excerpt(article.text);
}

std::optional<std::string> url_in(std::string_view value, std::string_view base) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    const auto at = value.find(scheme);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = value.substr(at);
    std::string_view url = rest.substr(0, std::min(rest.find_first_of(kUrlEnds), rest.size()));
    while (url.ends_with(',') || url.ends_with(';')) url.remove_suffix(1);
    if (auto out = content::resolve(url, base)) return out;
  }
  const std::string folded = content::fold_space(value);
  if (folded.empty() || folded.find_first_of(kUrlEnds) != std::string::npos) return std::nullopt;
  return content::resolve(folded, base);
}

Post article_post(const content::Article& article, std::string_view url) {
  Post post;
  post.title = article.title.value_or(std::string());
  post.date = article.published ? article.published : article.updated;
  post.updated = article.updated;
  post.tags = article.tags;
  if (article.section) post.categories.push_back(*article.section);
  post.thumbnail = article.image;
  post.link = article.canonical;
  if (!post.link) post.link = content::resolve(url, {});
  post.authors = article.authors;
  post.summary = summary_of(article);
  if (!article.content_html.empty()) post.content_html = article.content_html;
  post.content = markdown(post);
  post.language = article.language;
  post.identity.title = content::fold_space(post.title);
  if (post.link) post.identity.link = content::canonical_link(*post.link);
  post.id = post_id(post.identity, post.date);
  return post;
}

Post merge_article(Post entry, const content::Article& article) {
  if (entry.title.empty() && article.title) entry.title = *article.title;
  add_missing(entry.date, article.published);
  // A feed that states one date has it as both: what the page says of a later change is news.
  const bool one_date = !entry.updated || entry.updated == entry.date;
  if (one_date && article.updated && (!entry.date || *article.updated >= *entry.date)) entry.updated = article.updated;
  for (const std::string& tag : article.tags)
    if (std::ranges::find(entry.tags, tag) == entry.tags.end()) entry.tags.push_back(tag);
  if (entry.thumbnail) entry.thumbnail = url_in(*entry.thumbnail, article.canonical.value_or(std::string()));
  add_missing(entry.thumbnail, article.image);
  if (entry.authors.empty()) entry.authors = article.authors;
  add_missing(entry.language, article.language);
  if (!entry.summary) entry.summary = summary_of(article);
  set_content(entry, article);
  return entry;
}

}  // namespace riverd::feeds
