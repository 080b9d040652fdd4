#include "feeds/content/article.h"

#include <algorithm>

#include "feeds/content/article_metadata.h"
#include "feeds/content/article_page.h"
#include "feeds/content/article_prune.h"
#include "feeds/content/article_write.h"
#include "feeds/content/html.h"
#include "feeds/content/text.h"
#include "feeds/content/url.h"
#include "feeds/read/charset.h"

namespace riverd::feeds::content {
namespace {

using namespace extract;

constexpr std::uint32_t kEnough = 250;  // less text than this, and another way is tried

struct Found {
  std::string html;
  std::uint32_t length = 0;
};

Found find_content(const Page& page, const std::vector<Measure>& measures, std::string_view title, bool careful) {
  Found out;
  const Selection selection = select_article(page, measures, title, careful);
  if (!selection.found) return out;
  const std::vector<char> dropped = prune(page, measures, selection, title, careful);
  for (const std::uint32_t lead : selection.leads)
    if (dropped[lead] == 0) append_kept(out.html, page, dropped, lead, true);
  append_kept(out.html, page, dropped, selection.root, page[selection.root].tag == Tag::pre || page[selection.root].tag == Tag::table);
  for (std::uint32_t i = selection.root; i < page[selection.root].end; ++i) {
    if (dropped[i] != 0) i = page[i].end - 1;
    else if (page[i].tag == Tag::text) out.length += measures[i].text;
  }
  return out;
}

// Paragraphs of a plain text.
std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto line = std::min(text.find('\n'), text.size());
    const std::string words = fold_space(text.substr(0, line));
    if (!words.empty()) {
      out += "<p>";
      append_escaped(out, words);
      out += "</p>\n";
    }
    text.remove_prefix(std::min(line + 1, text.size()));
  }
  return out;
}

bool has_markup(std::string_view text) {
  return text.find("</p>") != std::string_view::npos || text.find("<br") != std::string_view::npos;
}

std::string content_of(const Page& page, const Facts& facts) {
  const Guide guide = reading_length(facts.body) >= 200 ? Guide(facts.body) : Guide();
  const std::vector<Measure> measures = measure(page, guide);
  Found best = find_content(page, measures, facts.title, true);
  if (best.length < kEnough) {
    Found second = find_content(page, measures, facts.title, false);
    if (second.length > 2 * best.length) best = std::move(second);
  }
  // Pages that draw their text with scripts still say it in their structured data.
  if (best.length < kEnough && reading_length(facts.body) > 2 * best.length && reading_length(facts.body) > 100)
    return has_markup(facts.body) ? facts.body : paragraphs(facts.body);
  return std::move(best.html);
}

std::optional<std::string> some(std::string&& text) {
  if (text.empty()) return std::nullopt;
  return std::move(text);
}

bool looks_binary(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, 512);
  if (start.starts_with("%PDF-") || start.starts_with("\x89PNG") || start.starts_with("PK\x03\x04") || start.starts_with("\xFF\xD8\xFF")) return true;
  const auto nuls = std::ranges::count(start, '\0');
  return nuls > 0 && !start.starts_with("\xFF\xFE") && !start.starts_with("\xFE\xFF") && nuls * 4 < static_cast<std::ptrdiff_t>(start.size());
}

void fill(Article& out, Facts&& facts) {
  out.title = some(std::move(facts.title));
  out.authors = std::move(facts.authors);
  out.published = facts.published;
  if (facts.updated != facts.published) out.updated = facts.updated;
  out.section = some(std::move(facts.section));
  out.tags = std::move(facts.tags);
  out.image = some(std::move(facts.image));
  out.language = some(std::move(facts.language));
  out.site_name = some(std::move(facts.site_name));
  out.canonical = some(std::move(facts.canonical));
  out.description = some(std::move(facts.description));
  out.paywalled = facts.paywalled;
}

}  // namespace

Result<Article> extract_article(std::string_view html, std::string_view url, std::string_view charset) {
  if (html.find_first_not_of(" \t\r\n") == std::string_view::npos) return Error(Errc::invalid, "read article: the page is empty");
  if (looks_binary(html)) return Error(Errc::invalid, "read article: the page is no HTML");
  read::Warnings warnings;
  const read::Decoded decoded = read::decode(html, charset, warnings);
  const Page page(decoded.text());
  const std::string base = base_of(page, url);
  Facts facts = json_ld_facts(page, base);
  if (!facts.image.empty()) facts.image = url_in(facts.image, base).value_or(std::string());
  facts.complete(element_facts(page, base));
  Article out;
  out.next_page = next_page_of(page, base);
  Sanitised clean = sanitise(content_of(page, facts), base);
  out.content_html = std::move(clean.html);
  out.text = plain_text(out.content_html);
  fill(out, std::move(facts));
  if (!out.image) out.image = std::move(clean.first_image);
  return out;
}

void append_page(Article& article, const Article& next) {
  article.content_html += next.content_html;
  if (!article.text.empty() && !next.text.empty()) article.text += ' ';
  article.text += next.text;
  article.next_page = next.next_page;
}

}  // namespace riverd::feeds::content
