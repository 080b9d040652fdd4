#include "feeds/read/newsboat.h"

#include <algorithm>

#include "feeds/content/text.h"
#include "feeds/read/subscriptions.h"

namespace riverd::feeds::read {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// The words of a line; quotes hold a word together, a backslash takes the next character as it is inside them.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < line.size()) {
    if (is_space(line[at])) {
      ++at;
      continue;
    }
    if (line[at] == '#') break;
    auto& word = words.emplace_back();
    const bool quoted = line[at] == '"';
    if (quoted) ++at;
    while (at < line.size() && (quoted ? line[at] != '"' : !is_space(line[at]))) {
      if (quoted && line[at] == '\\' && at + 1 < line.size()) ++at;
      word += line[at++];
    }
    if (quoted) ++at;
  }
  return words;
}

bool is_url(std::string_view word) { return word.starts_with("http://") || word.starts_with("https://") || word.starts_with("feed:"); }

bool is_special(std::string_view word) {
  return word.starts_with("query:") || word.starts_with("exec:") || word.starts_with("filter:") || word.starts_with("file:");
}

Subscription described_by(const std::vector<std::string>& words) {
  Subscription subscription;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto word = content::fold_space(content::valid_utf8(words[i]));
    if (word.starts_with('~')) {
      subscription.title = word.substr(1);
    } else if (!word.empty() && !word.starts_with('!')) {
      subscription.tags.push_back(word);
    }
  }
  return subscription;
}

}  // namespace

Result<SubscriptionList> read_newsboat_urls(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  SubscriptionCollector collector;
  bool recognised = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.empty()) continue;
    const auto& first = words.front();
    if (!is_url(first) && !is_special(first)) {
      if (!recognised) return Error(Errc::invalid, "this is neither OPML nor newsboat's urls file");
      collector.warn("left out, no feed: " + content::excerpt(content::valid_utf8(first), 100));
      continue;
    }
    recognised = true;
    if (is_url(first)) collector.add(first, described_by(words));
    else collector.warn("left out, not a feed's URL: " + content::excerpt(content::valid_utf8(first), 100));
  }
  if (!recognised) return Error(Errc::invalid, "the list is empty");
  return std::move(collector).take();
}

}  // namespace riverd::feeds::read
