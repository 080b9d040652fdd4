#include "storage/sqlite/identity.h"

#include <initializer_list>
#include <string>

#include "storage/digest.h"
#include "storage/fold.h"
#include "storage/sqlite/held.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kByGuid = "SELECT post FROM carried WHERE guid = ? AND source = ? ORDER BY post LIMIT 8";
constexpr const char* kByLink = "SELECT post FROM carried WHERE link = ? AND source = ? ORDER BY post DESC LIMIT 8";
constexpr const char* kByText = "SELECT post FROM carried WHERE text = ? AND source = ? ORDER BY post LIMIT 8";
constexpr const char* kWorldAnywhere = "SELECT post FROM carried WHERE world = ? ORDER BY post LIMIT 8";
constexpr const char* kLinkAnywhere = "SELECT post, source FROM carried WHERE link = ? ORDER BY post LIMIT 8";
constexpr const char* kLinkOf = "SELECT link FROM carried WHERE post = ? AND source = ?";
constexpr const char* kCarried = "SELECT 1 FROM carried WHERE post = ? AND source = ?";
constexpr const char* kRepeats = "SELECT 1 FROM carried WHERE link = ? AND source = ? LIMIT 1";
constexpr const char* kStory = "SELECT title, date FROM post WHERE number = ?";
constexpr const char* kHeldStory = "SELECT title, date FROM held WHERE number = ?";
constexpr const char* kRemovedStory = "SELECT title, date FROM removed WHERE number = ?";

std::int64_t key(char kind, std::initializer_list<std::string_view> parts) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(kind));
  for (const auto part : parts) digest.add(part);
  return digest.stored();
}

std::int64_t own_link(const feeds::Identity& i) { return key('l', {i.link}); }
std::int64_t shared_link(const feeds::Identity& i) { return key('s', {i.link}); }
std::int64_t guid_alone(const feeds::Identity& i) { return key('g', {i.guid}); }
std::int64_t guid_and_link(const feeds::Identity& i) { return key('m', {i.guid, i.link}); }

std::int64_t text_key(const feeds::Post& post) {
  const std::string date = post.date ? std::to_string(post.date->time_since_epoch().count()) : "";
  // An entry of which nothing is known but its words is its words.
  const bool nameless = post.title.empty() && !post.date;
  std::string_view body;
  if (nameless && post.content_html) body = *post.content_html;
  return key('t', {post.identity.link, fold_case(post.title), date, body});
}

bool has_own_link(const feeds::Identity& identity) { return !identity.link.empty() && !identity.link_shared; }

bool is_global(const feeds::Identity& identity) {
  return identity.guid_global && !identity.guid_shared && !identity.guid.empty();
}

/// A site's front page: many stories point there.
bool is_home(std::string_view link) {
  const std::size_t host = link.find("://");
  const std::size_t path = link.find('/', host == std::string_view::npos ? 0 : host + 3);
  return path == std::string_view::npos || path + 1 == link.size();
}

/// What is left of a stored story to compare with: of a removed one only digests.
struct Story {
  std::optional<std::string> title;
  std::int64_t digest = 0;
  std::optional<Time> date;
};

std::optional<Story> read_story(Database& db, std::int64_t number) {
  {
    Query kept(db, is_held(number) ? kHeldStory : kStory, number);
    if (kept.step()) return Story{kept.string(0), title_digest(kept.text(0)), kept.time(1)};
  }
  Query removed(db, kRemovedStory, number);
  if (!removed.step()) return std::nullopt;
  return Story{std::nullopt, removed.integer(0), removed.time(1)};
}

bool same_title(const feeds::Post& entry, const Story& story) {
  return !entry.title.empty() && title_digest(entry.title) == story.digest;
}

/// Rule 3: one link, another guid.
bool edited(const feeds::Post& entry, const Story& story) {
  if (same_title(entry, story)) return true;
  if (is_home(entry.identity.link)) return false;
  const bool similar = story.title && similar_titles(entry.title, *story.title);
  if (!entry.date || entry.date != story.date) return similar;
  const bool midnight = entry.date->time_since_epoch() % std::chrono::days(1) == Seconds(0);
  return similar || !midnight;
}

/// Rule 4, where one of the two documents repeated the link and the other did not.
bool same_words(const feeds::Post& entry, const Story& story) {
  return same_title(entry, story) && (!entry.date || !story.date || entry.date == story.date);
}

std::vector<std::int64_t> all(Query& query) {
  std::vector<std::int64_t> numbers;
  while (query.step()) numbers.push_back(query.integer(0));
  return numbers;
}

}  // namespace

std::int64_t title_digest(std::string_view title) { return key('h', {fold_case(title)}); }

Keys keys_of(const feeds::Post& post) {
  const feeds::Identity& identity = post.identity;
  Keys keys;
  if (!identity.guid.empty()) keys.guid = identity.guid_shared ? guid_and_link(identity) : guid_alone(identity);
  if (!identity.link.empty()) keys.link = identity.link_shared ? shared_link(identity) : own_link(identity);
  if (!has_own_link(identity)) keys.text = text_key(post);
  if (is_global(identity) && !(has_own_link(identity) && identity.guid == identity.link)) keys.world = guid_alone(identity);
  return keys;
}

std::optional<std::int64_t> Matcher::strong(const feeds::Post& entry, const Keys& keys) {
  return strong_in(source_, entry, keys);
}

std::optional<std::int64_t> Matcher::strong_in(SourceId source, const feeds::Post& entry, const Keys& keys) {
  if (keys.guid) return by_guid(source, entry.identity);
  if (has_own_link(entry.identity)) return first_free(kByLink, own_link(entry.identity), source);
  return first_free(kByText, *keys.text, source);
}

/// A guid may have been repeated in one document and not in another: both kinds of key are tried.
std::optional<std::int64_t> Matcher::by_guid(SourceId source, const feeds::Identity& identity) {
  const auto wanted = identity.guid_shared ? guid_and_link(identity) : guid_alone(identity);
  if (const auto found = first_free(kByGuid, wanted, source)) return found;
  if (!identity.guid_shared) return first_free(kByGuid, guid_and_link(identity), source);
  std::vector<Number> alone;
  {
    Query query(db_, kByGuid, guid_alone(identity), source);
    alone = all(query);
  }
  for (const auto post : alone) {
    if (taken_.count(post) == 0 && carries(source, post, own_link(identity), shared_link(identity))) return post;
  }
  return std::nullopt;
}

std::optional<std::int64_t> Matcher::weak(const feeds::Post& entry) {
  const feeds::Identity& identity = entry.identity;
  std::vector<Number> found;
  const auto candidates = [&](const char* sql, std::int64_t wanted) {
    Query query(db_, sql, wanted, source_);
    return all(query);
  };
  using Same = bool (*)(const feeds::Post&, const Story&);
  const auto accept = [&](const std::vector<Number>& posts, Same same) -> std::optional<Number> {
    for (const auto post : posts) {
      if (taken_.count(post) != 0) continue;
      const auto story = read_story(db_, post);
      if (story && same(entry, *story)) return post;
    }
    return std::nullopt;
  };
  if (has_own_link(identity)) {
    if (const auto post = accept(candidates(kByLink, own_link(identity)), edited)) return post;
    return accept(candidates(kByLink, shared_link(identity)), same_words);
  }
  if (const auto post = first_free(kByText, text_key(entry), source_)) return post;
  if (identity.link.empty()) return std::nullopt;
  return accept(candidates(kByLink, own_link(identity)), same_words);
}

std::optional<std::int64_t> Matcher::elsewhere(const feeds::Post& entry, const Keys& keys) {
  const feeds::Identity& identity = entry.identity;
  for (const auto sibling : siblings_) {
    const auto post = strong_in(sibling, entry, keys);
    if (post && !carried_here(*post)) return post;
  }
  if (is_global(identity)) {
    std::vector<Number> same;
    {
      Query query(db_, kWorldAnywhere, guid_alone(identity));
      same = all(query);
    }
    if (same.empty() && identity.guid != identity.link) same = linked_anywhere(identity.guid);
    for (const auto post : same) {
      if (taken_.count(post) == 0 && !carried_here(post)) return post;
    }
  }
  if (!has_own_link(identity) || link_repeats_in(source_, shared_link(identity))) return std::nullopt;
  std::vector<std::pair<Number, SourceId>> others;
  {
    Query query(db_, kLinkAnywhere, own_link(identity));
    while (query.step()) others.emplace_back(query.integer(0), query.integer(1));
  }
  for (const auto& [post, source] : others) {
    if (source == source_ || taken_.count(post) != 0 || carried_here(post)) continue;
    if (link_repeats_in(source, shared_link(identity))) continue;
    if (!is_home(identity.link)) return post;
    const auto story = read_story(db_, post);
    if (story && same_title(entry, *story)) return post;
  }
  return std::nullopt;
}

std::optional<std::int64_t> Matcher::first_free(const char* sql, std::int64_t wanted, SourceId source) {
  Query query(db_, sql, wanted, source);
  while (query.step()) {
    if (taken_.count(query.integer(0)) == 0) return query.integer(0);
  }
  return std::nullopt;
}

bool Matcher::carries(SourceId source, Number post, std::int64_t link_key, std::int64_t other_link_key) {
  Query query(db_, kLinkOf, post, source);
  return query.step() && (query.integer(0) == link_key || query.integer(0) == other_link_key);
}

/// Posts whose guid and link are this URL both: their guid is not indexed a second time.
std::vector<std::int64_t> Matcher::linked_anywhere(const std::string& url) {
  Query query(db_, kLinkAnywhere, key('l', {url}));
  return all(query);
}

bool Matcher::carried_here(Number post) {
  Query query(db_, kCarried, post, source_);
  return query.step();
}

bool Matcher::link_repeats_in(SourceId source, std::int64_t shared_key) {
  Query query(db_, kRepeats, shared_key, source);
  return query.step();
}

}  // namespace riverd::storage::sqlite
