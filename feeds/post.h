#pragma once
/// The post: the one schema that every entry of every feed is turned into (contract 1.3), and normalise(),
/// which turns what a document said into posts. Pure: no network, no clock, no database.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace riverd::feeds {

namespace read {
struct Feed;
}

struct Author {
  std::optional<std::string> name;
  std::optional<std::string> email;
  std::optional<std::string> url;  ///< absolute http(s)
  bool operator==(const Author&) const = default;
};

struct Enclosure {
  std::string url;  ///< absolute http(s)
  std::optional<std::string> type;
  std::optional<std::int64_t> length;  ///< bytes
  bool operator==(const Enclosure&) const = default;
};

/// What a store needs to decide whether two entries are one story. Derived from what the feed said alone,
/// before any default is filled in. Empty strings mean "has none".
struct Identity {
  std::string guid;         ///< the guid's key: trimmed; http and https are one; never resolved
  std::string link;         ///< the canonical link: content::canonical_link of Post::link (fragment kept only
                            ///< where dropping it would make two entries of the document collide)
  std::string fragment;     ///< content::telling_fragment of Post::link, whether `link` keeps it or not
  std::string title;        ///< folded title (first words of the body where it has neither title nor guid): the key,
                            ///< with the date, of an entry that has neither guid nor link
  bool guid_global = false; ///< globally unique by its form: tag:, urn:uuid:, or a permalink URL that is no site's front page
  bool guid_shared = false; ///< the document repeats this guid with different links: the key is guid and link
  bool link_shared = false; ///< the document repeats this link (a homepage link, say): it is no key
};

/// A 64 bit digest of an entry as the document gave it: equal digests mean nothing to do for this entry.
using Fingerprint = std::uint64_t;

/// One post; field by field contract 1.3. What only a store knows (seq, sources) is storage::StoredPost's.
struct Post {
  std::string id;  ///< post_id() of the identity: the same on every machine
  std::string title;
  std::optional<Time> date;
  std::optional<Time> updated;
  std::vector<std::string> tags;
  std::vector<std::string> categories;
  std::optional<std::string> thumbnail;
  std::optional<std::string> link;
  std::optional<std::string> guid;  ///< as the feed gave it, trimmed
  std::vector<Author> authors;
  std::optional<std::string> summary;
  std::optional<std::string> content_html;  ///< sanitised: safe to put in a page as it is
  std::optional<std::string> content;       ///< Markdown of content_html; left out unless asked for (see Options)
  std::vector<Enclosure> enclosures;
  std::optional<std::string> language;

  Identity identity;
  Fingerprint fingerprint = 0;
};

/// What a feed document says of itself, as far as anyone outside reading needs it.
struct FeedInfo {
  std::string format;  ///< `rss-2.0` and so on, contract 1.3
  std::optional<std::string> title;
  std::optional<std::string> link;
  std::optional<std::string> description;
  std::optional<std::string> language;
  std::optional<Time> updated;
  std::optional<std::string> icon;
  std::optional<std::string> image;
  std::optional<std::string> generator;
  std::optional<std::string> hub;
  std::optional<std::string> self;
  std::optional<std::string> next;  ///< RFC 5005 paging or JSON Feed next_url
  std::optional<Seconds> ttl;       ///< the longest of <ttl> and sy:updatePeriod / updateFrequency
  std::string encoding;             ///< the one really used: IANA name, lower case
  std::vector<Author> authors;
  std::optional<std::string> copyright;

  std::uint32_t skip_hours = 0;  ///< RSS skipHours: bit h (0..23, GMT) set: not in that hour
  std::uint8_t skip_days = 0;    ///< RSS skipDays: bit d (0 Monday .. 6 Sunday, GMT) set: not on that day
};

/// A clean-up or filter that a source's config asks for, applied to a post. Returns false to leave the post out.
/// config/ and the rules live elsewhere; normalise only calls them, last, in order.
using Rule = std::function<bool(Post&)>;

/// What a source's config adds to each post.
struct Settings {
  std::vector<std::string> categories;
  std::vector<std::string> tags;
  std::vector<Rule> rules;
  std::size_t max_posts = 0;  ///< the first so many entries of a document only; 0: all
  bool markdown = false;      ///< fill Post::content too (readers of a store derive it when asked)
  bool keep_repeats = false;  ///< a story that the document repeats gives a post each time (`riverd parse`)
};

struct Normalised {
  FeedInfo feed;
  std::vector<Post> posts;              ///< new or changed entries, in document order
  std::vector<Fingerprint> unchanged;   ///< entries that `known` answered for: still in the document
  std::size_t left_out = 0;             ///< entries that a rule or max_posts left out
  std::vector<std::string> warnings;    ///< at most 100
};

/// Turns a read document into posts.
///   feed      what read::read returned
///   settings  what the source's config adds
///   known     answers whether an entry with this fingerprint is stored already; such an entry costs no HTML work.
///             May be empty: then every entry is normalised.
/// Never fails: what cannot be used is left out of a post and said in warnings. Repeats inside one document (same
/// identity) give one post, the first in document order, unless settings.keep_repeats.
[[nodiscard]] Normalised normalise(const read::Feed& feed, const Settings& settings,
                                   const std::function<bool(Fingerprint)>& known = {});

/// The id of a story: base32 of a digest of its strongest key (canonical link unless shared, else guid (with the link
/// where the guid is shared), else title and date). 26 characters of [a-z2-7].
[[nodiscard]] std::string post_id(const Identity& identity, std::optional<Time> date);

/// The id such a post takes where a different story already holds post_id(): its next key, then numbered.
/// `attempt` counts from 1. Deterministic.
[[nodiscard]] std::string alternative_post_id(const Identity& identity, std::optional<Time> date, unsigned attempt);

/// Markdown of Post::content_html: what Post::content would hold.
[[nodiscard]] std::optional<std::string> markdown(const Post& post);
/// The same of sanitised HTML; nothing where it has no text.
[[nodiscard]] std::optional<std::string> markdown(std::string_view content_html);

}  // namespace riverd::feeds
