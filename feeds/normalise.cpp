#include <algorithm>
#include <string>
#include <unordered_map>

#include "feeds/content/html.h"
#include "feeds/content/text.h"
#include "feeds/identity.h"
#include "feeds/post.h"
#include "feeds/read/fingerprint.h"
#include "feeds/read/text_construct.h"

namespace riverd::feeds {
namespace {

using read::Text;

std::optional<std::string> filled(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

/// Plain text as HTML: lines stay lines, blank lines make paragraphs.
std::string text_to_html(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  text = text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin);
  const bool paragraphs = text.find("\n\n") != std::string_view::npos;
  std::string out = paragraphs ? "<p>" : "";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    content::append_escaped(out, text.substr(0, end));
    text.remove_prefix(end);
    const std::size_t breaks = std::min(text.find_first_not_of('\n'), text.size());
    if (breaks == 1) out += "<br>";
    else if (breaks > 1) out += "</p><p>";
    text.remove_prefix(breaks);
  }
  return paragraphs ? out + "</p>" : out;
}

void add_tag(std::vector<std::string>& tags, std::string tag) {
  if (!tag.empty() && std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(std::move(tag));
}

/// The body and what is derived from it. One body is the content, and the summary is cut from it; with two, the summary
/// is the other one as text (contract 1.3).
void add_bodies(Post& post, const read::Entry& entry) {
  if (entry.content) {
    std::string made;
    std::string_view html = entry.content->value;
    if (entry.content->kind == Text::Kind::plain) html = made = text_to_html(html);
    auto clean = content::sanitise(html, entry.content->base);
    post.content_html = filled(std::move(clean.html));
    if (!post.thumbnail) post.thumbnail = std::move(clean.first_image);
  }
  constexpr std::size_t kLongest = 500;
  if (entry.summary) post.summary = filled(content::excerpt(read::plain(*entry.summary, kLongest), kLongest));
  if (!post.summary && post.content_html) {
    post.summary = filled(content::excerpt(content::plain_text(*post.content_html, kLongest), kLongest));
  }
}

/// Everything a source's config adds shapes the post, so it is part of the digest that decides whether to look again.
Fingerprint with_settings(Fingerprint entry, const Settings& settings) {
  read::Digest digest(entry);
  for (const std::string& tag : settings.tags) digest.add(std::string_view(tag));
  digest.add(std::uint64_t{settings.tags.size()});
  for (const std::string& category : settings.categories) digest.add(std::string_view(category));
  return digest.value();
}

class Normaliser {
 public:
  Normaliser(const read::Feed& feed, const Settings& settings, const std::function<bool(Fingerprint)>& known)
      : feed_(feed), settings_(settings), known_(known) {
    result_.feed = feed.info;
    result_.warnings = feed.warnings;
  }

  Normalised run() {
    std::vector<Identity> identities = identify(feed_.entries, feed_.info.link.value_or(std::string()));
    if (!known_) result_.posts.reserve(feed_.entries.size());
    for (std::size_t i = 0; i < feed_.entries.size(); ++i) take(feed_.entries[i], std::move(identities[i]));
    return std::move(result_);
  }

 private:
  void take(const read::Entry& entry, Identity identity) {
    if (settings_.max_posts != 0 && taken_ >= settings_.max_posts) {
      ++result_.left_out;
      return;
    }
    const auto [story, fresh] = ids_by_story_.try_emplace(story_key(identity, entry.published));
    if (!fresh && !settings_.keep_repeats) return;
    ++taken_;
    const Fingerprint fingerprint = with_settings(entry.fingerprint, settings_);
    if (known_ && known_(fingerprint)) {
      result_.unchanged.push_back(fingerprint);
      return;
    }
    std::string& id = story->second;
    if (id.empty()) id = unused_id(identity, entry.published);
    Post post = make(entry, std::move(identity), id);
    post.fingerprint = fingerprint;
    for (const Rule& rule : settings_.rules) {
      if (rule(post)) continue;
      ++result_.left_out;
      return;
    }
    if (settings_.markdown) post.content = markdown(post);
    result_.posts.push_back(std::move(post));
  }

  /// Identity comes first, from what the feed said; defaults come after it.
  Post make(const read::Entry& entry, Identity identity, const std::string& id) {
    Post post;
    post.id = id;
    post.title = read::plain(entry.title);
    post.identity = std::move(identity);
    post.date = entry.published;
    post.updated = entry.updated;
    for (const std::string& tag : entry.tags) add_tag(post.tags, content::fold_space(tag));
    for (const std::string& tag : settings_.tags) add_tag(post.tags, tag);
    post.categories = settings_.categories;
    post.link = filled(entry.link);
    post.guid = filled(entry.guid);
    post.authors = entry.authors;
    post.enclosures = entry.enclosures;
    post.language = filled(entry.language);
    post.thumbnail = filled(entry.thumbnail);
    add_bodies(post, entry);
    return post;
  }

  /// Different stories whose strongest key is the same take the next one. Attempts are counted per first id, so that a
  /// document of nothing but such stories takes no longer than another.
  std::string unused_id(const Identity& identity, std::optional<Time> date) {
    const std::string first = post_id(identity, date);
    if (ids_.emplace(first, 0U).second) return first;
    unsigned attempt = ids_[first];
    std::string id;
    do {
      id = alternative_post_id(identity, date, ++attempt);
    } while (ids_.find(id) != ids_.end());
    ids_[first] = attempt;
    ids_.emplace(id, 0U);
    return id;
  }

  const read::Feed& feed_;
  const Settings& settings_;
  const std::function<bool(Fingerprint)>& known_;
  Normalised result_;
  std::size_t taken_ = 0;
  std::unordered_map<std::string, std::string> ids_by_story_;
  std::unordered_map<std::string, unsigned> ids_;  ///< taken, with how many alternatives of each are
};

}  // namespace

Normalised normalise(const read::Feed& feed, const Settings& settings, const std::function<bool(Fingerprint)>& known) {
  return Normaliser(feed, settings, known).run();
}

std::optional<std::string> markdown(const Post& post) {
  if (!post.content_html) return std::nullopt;
  return markdown(*post.content_html);
}

std::optional<std::string> markdown(std::string_view content_html) { return filled(content::markdown(content_html)); }

}  // namespace riverd::feeds
