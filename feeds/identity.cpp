#include "feeds/identity.h"

#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.h"
#include "base/time.h"
#include "feeds/content/text.h"
#include "feeds/content/url.h"
#include "feeds/read/links.h"
#include "feeds/read/text_construct.h"

namespace riverd::feeds {
namespace {

constexpr std::size_t kIdBytes = 16;  // 26 characters of base32

bool begins_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

/// http and https are one; the rest of a guid is its author's business.
std::string guid_key(const std::string& guid) {
  if (begins_with(guid, "https://")) return "http://" + guid.substr(8);
  return guid;
}

std::string guid_and_link(const read::Entry& entry) { return entry.guid + "\n" + entry.link; }

/// tag: and urn:uuid: are unique by their making; a URL where it is the permalink, and of more than the site.
bool is_global(const read::Entry& entry, const std::string& link) {
  if (begins_with(entry.guid, "tag:") || begins_with(entry.guid, "urn:uuid:")) return true;
  if (!read::is_web_url(entry.guid) || content::is_front_page(entry.guid)) return false;
  if (entry.guid_is_permalink || entry.guid == entry.link) return true;
  const auto url = content::resolve(entry.guid, {});
  return url && !link.empty() && content::canonical_link(*url) == link;
}

/// Stands in for the title of an entry that has neither that nor a guid, as in RSS 0.92: the first words of its body.
std::string words_of_body(const read::Entry& entry) {
  constexpr std::size_t kHead = 2000;  // bytes
  const std::optional<read::Text>& body = entry.content ? entry.content : entry.summary;
  if (!body) return {};
  read::Text head;
  head.kind = body->kind;
  const std::string words = content::valid_utf8(body->value.substr(0, kHead));
  head.value = words;
  return content::excerpt(read::plain(head), 100);
}

/// What tells two entries with one link apart: the guid, else title and date.
std::string apart_key(const Identity& identity, std::optional<Time> date) {
  if (!identity.guid.empty()) return "guid\n" + identity.guid;
  return "title\n" + identity.title + "\n" + (date ? rfc3339(*date) : std::string());
}

class DocumentIdentities {
 public:
  DocumentIdentities(const std::vector<read::Entry>& entries, const std::string& site)
      : entries_(entries), site_(guid_key(site)), identities_(entries.size()) {}

  std::vector<Identity> run() {
    find_site_guids();
    for (std::size_t i = 0; i < entries_.size(); ++i) begin(i);
    keep_telling_fragments();
    mark_shared_guids();
    mark_shared_links();
    return std::move(identities_);
  }

 private:
  /// Some publishers give every entry the guid of their site. Versions of one entry have one title or one date.
  void find_site_guids() {
    std::unordered_map<std::string, const read::Entry*> first;
    for (const read::Entry& entry : entries_) {
      if (!may_be_site(entry)) continue;
      const read::Entry& other = *first.emplace(guid_and_link(entry), &entry).first->second;
      const bool dated = entry.published && other.published && entry.published != other.published;
      if (dated && read::plain(entry.title) != read::plain(other.title)) site_guids_.insert(guid_and_link(entry));
    }
  }

  bool may_be_site(const read::Entry& entry) const {
    return read::is_web_url(entry.guid) && (guid_key(entry.guid) == site_ || content::is_front_page(entry.guid));
  }

  void begin(std::size_t i) {
    const read::Entry& entry = entries_[i];
    Identity& identity = identities_[i];
    if (site_guids_.empty() || !site_guids_.contains(guid_and_link(entry))) identity.guid = guid_key(entry.guid);
    identity.title = read::plain(entry.title);
    if (identity.title.empty() && identity.guid.empty()) identity.title = words_of_body(entry);
    if (!entry.link.empty()) identity.link = content::canonical_link(entry.link);
    identity.fragment = content::telling_fragment(entry.link);
    identity.guid_global = is_global(entry, identity.link);
  }

  /// Where links differ in their fragment alone and the entries are different ones, the fragment is part of the link.
  void keep_telling_fragments() {
    std::unordered_map<std::string_view, std::vector<std::size_t>> by_link;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!identities_[i].link.empty()) by_link[identities_[i].link].push_back(i);
    }
    std::vector<std::pair<std::size_t, std::string>> changed;
    for (const auto& [link, group] : by_link) {
      if (group.size() < 2) continue;
      const Identity& first = identities_[group.front()];
      const std::string whole = content::canonical_link(entries_[group.front()].link, true);
      bool differ = false;
      for (const std::size_t i : group) {
        const bool other_story = apart_key(identities_[i], entries_[i].published) != apart_key(first, entries_[group.front()].published);
        differ = differ || (other_story && content::canonical_link(entries_[i].link, true) != whole);
      }
      if (!differ) continue;
      for (const std::size_t i : group) changed.emplace_back(i, content::canonical_link(entries_[i].link, true));
    }
    for (auto& [i, link] : changed) identities_[i].link = std::move(link);
  }

  void mark_shared_guids() {
    std::unordered_map<std::string_view, std::size_t> first;
    std::unordered_map<std::string_view, bool> shared;
    for (std::size_t i = 0; i < identities_.size(); ++i) {
      const Identity& identity = identities_[i];
      if (identity.guid.empty()) continue;
      const auto [known, fresh] = first.emplace(identity.guid, i);
      if (!fresh && identities_[known->second].link != identity.link) shared[identity.guid] = true;
    }
    for (Identity& identity : identities_) identity.guid_shared = shared.find(identity.guid) != shared.end();
  }

  void mark_shared_links() {
    std::unordered_map<std::string_view, std::string> first;
    std::unordered_map<std::string_view, bool> shared;
    for (std::size_t i = 0; i < identities_.size(); ++i) {
      const Identity& identity = identities_[i];
      if (identity.link.empty()) continue;
      std::string key = apart_key(identity, entries_[i].published);
      const auto known = first.find(identity.link);
      if (known == first.end()) first.emplace(identity.link, std::move(key));
      else if (known->second != key) shared[identity.link] = true;
    }
    for (Identity& identity : identities_) identity.link_shared = shared.find(identity.link) != shared.end();
  }

  const std::vector<read::Entry>& entries_;
  const std::string site_;
  std::unordered_set<std::string> site_guids_;  ///< with their links: what says nothing of an entry
  std::vector<Identity> identities_;
};

std::string title_key(const Identity& identity, std::optional<Time> date) {
  return "title\n" + identity.title + "\n" + (date ? rfc3339(*date) : std::string()) + "\n" + identity.link;
}

std::string guid_story_key(const Identity& identity) {
  return "guid\n" + identity.guid + (identity.guid_shared ? "\n" + identity.link : std::string());
}

/// A story's key of that number, strongest first: what many sources agree on, then what the source says, then what is left;
/// nothing where there are fewer.
std::optional<std::string> key(const Identity& identity, std::optional<Time> date, unsigned number) {
  if (!identity.link.empty() && !identity.link_shared && number-- == 0) return "link\n" + identity.link;
  if (!identity.guid.empty() && number-- == 0) return guid_story_key(identity);
  if (number == 0) return title_key(identity, date);
  return std::nullopt;
}

std::string id_of(const std::string& key) {
  const auto digest = sha256(key);
  return base32(digest.data(), kIdBytes);
}

}  // namespace

std::vector<Identity> identify(const std::vector<read::Entry>& entries, const std::string& site) {
  return DocumentIdentities(entries, site).run();
}

std::string story_key(const Identity& identity, std::optional<Time> date) {
  if (!identity.guid.empty()) return guid_story_key(identity);
  if (!identity.link.empty() && !identity.link_shared) return "link\n" + identity.link;
  return title_key(identity, date);
}

std::string post_id(const Identity& identity, std::optional<Time> date) { return id_of(*key(identity, date, 0)); }

std::string alternative_post_id(const Identity& identity, std::optional<Time> date, unsigned attempt) {
  if (const auto next = key(identity, date, attempt)) return id_of(*next);
  return id_of(*key(identity, date, 0) + "\n#" + std::to_string(attempt));
}

}  // namespace riverd::feeds
