#include "storage/sqlite/page_parts.h"

#include <charconv>
#include <utility>

#include "feeds/content/html.h"
#include "storage/sqlite/codec.h"

namespace riverd::storage::sqlite {
namespace {

std::string text_of(const std::optional<Time>& time) {
  return time ? std::to_string(time->time_since_epoch().count()) : std::string();
}

std::optional<Time> time_of(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || error != std::errc()) return std::nullopt;
  return Time(Seconds(seconds));
}

std::optional<std::string> not_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

PageParts parts_of(const feeds::Post& entry) {
  return {entry.title, entry.date,    entry.updated, entry.thumbnail, entry.language, entry.summary,
          entry.tags,  entry.authors, false};
}

PageParts parts_of(const feeds::content::Article& article) {
  return {article.title.value_or(std::string()),
          article.published,
          article.updated,
          article.image,
          article.language,
          feeds::summary_of(article),
          article.tags,
          article.authors,
          article.paywalled};
}

void restore(feeds::Post& post, PageParts parts) {
  post.title = std::move(parts.title);
  post.date = parts.date;
  post.updated = parts.updated;
  post.thumbnail = std::move(parts.thumbnail);
  post.language = std::move(parts.language);
  post.summary = std::move(parts.summary);
  post.tags = std::move(parts.tags);
  post.authors = std::move(parts.authors);
}

feeds::content::Article article_of(PageParts parts, std::string content_html) {
  feeds::content::Article article;
  article.title = not_empty(std::move(parts.title));
  article.published = parts.date;
  article.updated = parts.updated;
  article.image = std::move(parts.thumbnail);
  article.language = std::move(parts.language);
  article.description = std::move(parts.summary);
  article.tags = std::move(parts.tags);
  article.authors = std::move(parts.authors);
  article.paywalled = parts.paywalled;
  article.text = feeds::content::plain_text(content_html);
  article.content_html = std::move(content_html);
  return article;
}

std::string encode(const PageParts& parts) {
  return encode(std::vector<std::string>{parts.title, text_of(parts.date), text_of(parts.updated),
                                         parts.thumbnail.value_or(""), parts.language.value_or(""),
                                         parts.summary.value_or(""), encode(parts.tags),
                                         encode(parts.authors), parts.paywalled ? "1" : ""});
}

PageParts decode_parts(std::string_view blob) {
  std::vector<std::string> fields = decode_strings(blob);
  fields.resize(9);
  PageParts parts;
  parts.title = std::move(fields[0]);
  parts.date = time_of(fields[1]);
  parts.updated = time_of(fields[2]);
  parts.thumbnail = not_empty(std::move(fields[3]));
  parts.language = not_empty(std::move(fields[4]));
  parts.summary = not_empty(std::move(fields[5]));
  parts.tags = decode_strings(fields[6]);
  parts.authors = decode_authors(fields[7]);
  parts.paywalled = !fields[8].empty();
  return parts;
}

}  // namespace riverd::storage::sqlite
