#include "storage/sqlite/identity.h"

#include <initializer_list>
#include <string>

#include "feeds/content/url.h"
#include "storage/digest.h"
#include "storage/fold.h"
#include "storage/sqlite/held.h"

namespace riverd::storage::sqlite {
namespace content = feeds::content;
namespace {

constexpr const char* kByGuid = "SELECT post FROM carried WHERE guid = ? AND source = ? ORDER BY post LIMIT 8";
constexpr const char* kByLink =
    "SELECT post, source, guid, link, text FROM carried WHERE link = ? AND source = ? ORDER BY post DESC LIMIT 64";
constexpr const char* kByText = "SELECT post FROM carried WHERE text = ? AND source = ? ORDER BY post LIMIT 8";
constexpr const char* kWorldAnywhere = "SELECT post, source, guid, link, text FROM carried WHERE world = ? ORDER BY post LIMIT 8";
constexpr const char* kLinkAnywhere = "SELECT post, source, guid, link, text FROM carried WHERE link = ? ORDER BY post LIMIT 64";
constexpr const char* kLinkOf = "SELECT link FROM carried WHERE post = ? AND source = ?";
constexpr const char* kCarried = "SELECT 1 FROM carried WHERE post = ? AND source = ?";
constexpr const char* kRepeats = "SELECT 1 FROM carried WHERE link = ? AND source = ? LIMIT 1";
constexpr const char* kStory = "SELECT title, date, source, link FROM post WHERE number = ?";
constexpr const char* kHeldStory = "SELECT title, date, source, link FROM held WHERE number = ?";
constexpr const char* kRemovedStory = "SELECT title, date FROM removed WHERE number = ?";

std::int64_t key(char kind, std::initializer_list<std::string_view> parts) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(kind));
  for (const auto part : parts) digest.add(part);
  return digest.stored();
}

std::int64_t own_link(std::string_view link) { return key('l', {link}); }
std::int64_t own_link(const feeds::Identity& i) { return own_link(i.link); }
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

bool keeps_fragment(std::string_view link) { return link.find('#') != std::string_view::npos; }

std::string_view without_fragment(std::string_view link) { return link.substr(0, link.find('#')); }

std::int64_t fragment_key(const feeds::Identity& i) { return key('f', {without_fragment(i.link), i.fragment}); }

/// A post as a source carries it.
struct Carried {
  std::int64_t post = 0;
  SourceId source = 0;
  std::optional<std::int64_t> guid, link, text;
};

std::vector<Carried> read_carried(Query&& query) {
  const auto optional_integer = [&query](int column) {
    return query.is_null(column) ? std::nullopt : std::optional(query.integer(column));
  };
  std::vector<Carried> rows;
  while (query.step()) {
    rows.push_back({query.integer(0), query.integer(1), optional_integer(2), optional_integer(3), optional_integer(4)});
  }
  return rows;
}

std::optional<Story> read_story(Database& db, std::int64_t number) {
  {
    Query kept(db, is_held(number) ? kHeldStory : kStory, number);
    if (kept.step()) return Story{kept.string(0), title_digest(kept.text(0)), kept.time(1), kept.integer(2), kept.string(3)};
  }
  Query removed(db, kRemovedStory, number);
  if (!removed.step()) return std::nullopt;
  return Story{std::nullopt, removed.integer(0), removed.time(1), 0, std::nullopt};
}

bool same_title(const feeds::Post& entry, const Story& story) {
  return !entry.title.empty() && title_digest(entry.title) == story.digest;
}

/// The stated date is the same to the second; midnight is no time of day.
bool same_moment(const feeds::Post& entry, const Story& story) {
  return entry.date && entry.date == story.date && entry.date->time_since_epoch() % std::chrono::days(1) != Seconds(0);
}

bool similar_title(const feeds::Post& entry, const Story& story) { return story.title && similar_titles(entry.title, *story.title); }

bool other_date(const feeds::Post& entry, const Story& story) { return entry.date && story.date && entry.date != story.date; }

/// Rule 2: one link, no guid. An entry of which nothing else is known is its link.
bool same_page(const feeds::Post& entry, const Story& story) {
  if (!content::is_front_page(entry.identity.link) || !entry.identity.fragment.empty()) return true;
  if (entry.title.empty() && !entry.date) return true;
  return same_title(entry, story) || same_moment(entry, story) || (similar_title(entry, story) && !other_date(entry, story));
}

/// Rule 3: one link, another guid.
bool edited(const feeds::Post& entry, const Story& story) {
  if (same_title(entry, story)) return true;
  return !content::is_front_page(entry.identity.link) && (similar_title(entry, story) || same_moment(entry, story));
}

/// Rule 4, where one of the two documents repeated the link and the other did not.
bool same_words(const feeds::Post& entry, const Story& story) {
  return same_title(entry, story) && !other_date(entry, story);
}

/// What the fragments of two links that are else the same say of their stories.
enum class Fragments { same, unknown, one, two };

///   link   of the post as it is carried, if that is known: for rows that say nothing of a fragment
Fragments fragments(const feeds::Identity& entry, const Carried& carried, const std::optional<std::string>& link) {
  if (carried.text) {
    if (entry.fragment.empty()) return Fragments::one;
    return *carried.text == fragment_key(entry) ? Fragments::same : Fragments::two;
  }
  if (!link) return Fragments::unknown;
  const std::string_view theirs = content::telling_fragment(*link);
  if (theirs == entry.fragment) return Fragments::same;
  return theirs.empty() || entry.fragment.empty() ? Fragments::one : Fragments::two;
}

/// A comment's link is its article's but for the fragment, and so is that of a part of a page: two of them are one story only
/// where all else says so too.
bool told_apart(Fragments fragments, const feeds::Post& entry, const Story& story) {
  if (fragments == Fragments::one) return !same_title(entry, story);
  return fragments == Fragments::two && !same_words(entry, story);
}

std::vector<std::int64_t> all(Query&& query) {
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
  else if (!identity.fragment.empty()) keys.text = fragment_key(identity);
  if (is_global(identity)) keys.world = guid_alone(identity);
  return keys;
}

std::optional<std::int64_t> Matcher::strong(const feeds::Post& entry, const Keys& keys) {
  return strong_in(source_, entry, keys);
}

std::optional<std::int64_t> Matcher::strong_in(SourceId source, const feeds::Post& entry, const Keys& keys) {
  if (keys.guid) return by_guid(source, entry.identity);
  if (has_own_link(entry.identity)) return by_link(source, entry, same_page);
  return first_free(kByText, *keys.text, source);
}

/// A guid may have been repeated in one document and not in another: both kinds of key are tried. Where two posts have the guid
/// alone, the document that repeated it was read before one of them changed, and the link decides.
std::optional<std::int64_t> Matcher::by_guid(SourceId source, const feeds::Identity& identity) {
  if (const auto found = first_free(kByGuid, guid_and_link(identity), source)) return found;
  const auto alone = all(Query(db_, kByGuid, guid_alone(identity), source));
  const bool link_decides = identity.guid_shared || alone.size() > 1;
  for (const auto post : alone) {
    if (taken_.count(post) != 0) continue;
    if (!link_decides || carries(source, post, own_link(identity), shared_link(identity))) return post;
  }
  return std::nullopt;
}

/// A link may have kept its fragment in one document and not in another: both are tried, the same fragment first.
std::optional<std::int64_t> Matcher::by_link(SourceId source, const feeds::Post& entry, Same same) {
  const feeds::Identity& identity = entry.identity;
  const bool kept = keeps_fragment(identity.link);
  const std::string bare(without_fragment(identity.link));
  if (!identity.fragment.empty()) {
    if (const auto post = first_same(all(Query(db_, kByText, fragment_key(identity), source)), entry, same)) return post;
  }
  if (kept || !identity.fragment.empty()) {
    const std::string whole = kept ? identity.link : bare + "#" + identity.fragment;
    if (const auto post = first_same(all(Query(db_, kByLink, own_link(whole), source)), entry, same)) return post;
  }
  if (kept && identity.fragment.empty()) return std::nullopt;
  for (const auto& carried : read_carried(Query(db_, kByLink, own_link(bare), source))) {
    if (taken_.count(carried.post) != 0) continue;
    const auto story = read_story(db_, carried.post);
    if (!story || !same(entry, *story)) continue;
    const auto said = fragments(identity, carried, story->source == source ? story->link : std::nullopt);
    if (kept ? said == Fragments::same : !told_apart(said, entry, *story)) return carried.post;
  }
  return std::nullopt;
}

std::optional<std::int64_t> Matcher::weak(const feeds::Post& entry) {
  const feeds::Identity& identity = entry.identity;
  if (has_own_link(identity)) {
    if (const auto post = by_link(source_, entry, edited)) return post;
    return first_same(all(Query(db_, kByLink, shared_link(identity), source_)), entry, same_words);
  }
  if (const auto post = first_free(kByText, text_key(entry), source_)) return post;
  if (identity.link.empty()) return std::nullopt;
  return first_same(all(Query(db_, kByLink, own_link(identity), source_)), entry, same_words);
}

std::optional<std::int64_t> Matcher::elsewhere(const feeds::Post& entry, const Keys& keys) {
  for (const auto sibling : siblings_) {
    const auto post = strong_in(sibling, entry, keys);
    if (post && !carried_here(*post)) return post;
  }
  if (is_global(entry.identity)) {
    if (const auto post = guid_elsewhere(entry)) return post;
  }
  return link_elsewhere(entry);
}

/// An example's urn:uuid is copied as it stands: under two links the headlines must be one, too.
std::optional<std::int64_t> Matcher::guid_elsewhere(const feeds::Post& entry) {
  const feeds::Identity& identity = entry.identity;
  for (const auto& carried : read_carried(Query(db_, kWorldAnywhere, guid_alone(identity)))) {
    if (taken_.count(carried.post) != 0 || carried_here(carried.post)) continue;
    const bool other_link = has_own_link(identity) && carried.link && *carried.link != own_link(identity) &&
                            *carried.link != shared_link(identity);
    const auto story = other_link ? read_story(db_, carried.post) : std::nullopt;
    if (!story || !story->title || same_title(entry, *story) || similar_title(entry, *story)) return carried.post;
  }
  return std::nullopt;
}

std::optional<std::int64_t> Matcher::link_elsewhere(const feeds::Post& entry) {
  const feeds::Identity& identity = entry.identity;
  if (!has_own_link(identity) || link_repeats_in(source_, shared_link(identity))) return std::nullopt;
  for (const auto& carried : read_carried(Query(db_, kLinkAnywhere, own_link(identity)))) {
    if (carried.source == source_ || taken_.count(carried.post) != 0 || carried_here(carried.post)) continue;
    if (link_repeats_in(carried.source, shared_link(identity))) continue;
    const auto story = read_story(db_, carried.post);
    if (!story || (content::is_front_page(identity.link) && !same_title(entry, *story))) continue;
    if (carried.guid && *carried.guid == guid_alone(identity)) return carried.post;
    auto said = fragments(identity, carried, story->link);
    if (said == Fragments::unknown && !identity.fragment.empty()) said = Fragments::one;
    if (!told_apart(said, entry, *story)) return carried.post;
  }
  return std::nullopt;
}

/// The first post of them that no other entry is, and that this one is.
std::optional<std::int64_t> Matcher::first_same(const std::vector<Number>& posts, const feeds::Post& entry, Same same) {
  for (const auto post : posts) {
    if (taken_.count(post) != 0) continue;
    const auto story = read_story(db_, post);
    if (story && same(entry, *story)) return post;
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

bool Matcher::carried_here(Number post) {
  Query query(db_, kCarried, post, source_);
  return query.step();
}

bool Matcher::link_repeats_in(SourceId source, std::int64_t shared_key) {
  Query query(db_, kRepeats, shared_key, source);
  return query.step();
}

}  // namespace riverd::storage::sqlite
