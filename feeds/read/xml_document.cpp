#include "feeds/read/xml_document.h"

#include <algorithm>

#include "feeds/read/entry_reader.h"
#include "feeds/read/feed_reader.h"
#include "feeds/read/fingerprint.h"

namespace riverd::feeds::read {
namespace {

constexpr std::size_t kMostEntries = 20000;
constexpr std::size_t kMostInherited = 2U << 20;  // bytes

enum class Family { rss, rdf, rss11, atom, cdf };

struct Root {
  Xml element;
  Family family = Family::rss;
  std::string format;
};

bool is_vocabulary(Ns ns) { return ns == Ns::none || ns == Ns::atom || ns == Ns::atom03; }
bool is_entry(Xml element) {
  return is_vocabulary(element.ns()) && (element.tag() == Tag::item || element.tag() == Tag::entry);
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// The start tag alone: what it declares shapes everything inside.
std::string_view start_tag(Xml element) {
  const Xml first = element.first_child();
  const auto source = element.source();
  return first ? source.substr(0, first.node().begin - element.node().begin) : source;
}

/// RSS says its version in an attribute; numbers that no specification has are 2.0 (contract 1.3).
std::string rss_format(Xml rss) {
  std::string version = rss.attribute("version");
  if (version.size() == 5 && version[3] == '.') version.erase(3, 1);  // "0.9.1"
  for (const std::string_view known : {"0.90", "0.91", "0.92", "0.93", "0.94", "1.0", "1.1"}) {
    if (std::string_view(version).substr(0, known.size()) == known) return "rss-" + std::string(known);
  }
  return version == "0.9" ? "rss-0.90" : "rss-2.0";
}

std::string rdf_format(Xml rdf) {
  const auto tag = start_tag(rdf);
  if (contains(tag, "/rdf/simple/0.9")) return "rss-0.90";
  return contains(tag, "purl.org/net/rss1.1") ? "rss-1.1" : "rss-1.0";
}

std::string atom_format(Xml feed) {
  if (feed.ns() == Ns::atom03) return "atom-0.3";
  const std::string version = feed.attribute("version");
  return feed.ns() == Ns::none && version.compare(0, 2, "0.") == 0 ? "atom-0.3" : "atom-1.0";
}

/// CDF says where channel and items are by attributes or <a>; an RSS channel without its rss element does not.
bool is_cdf_channel(Xml channel) {
  if (channel.has_attribute("href") || channel.has_attribute("lastmod") || channel.has_attribute("base")) return true;
  const Xml item = channel.child(Tag::item);
  return item && (item.has_attribute("href") || item.child(Tag::a));
}

std::optional<Root> recognise_one(Xml element) {
  const bool own = is_vocabulary(element.ns());
  switch (element.tag()) {
    case Tag::rss: return Root{element, Family::rss, rss_format(element)};
    case Tag::rdf: return Root{element, Family::rdf, rdf_format(element)};
    case Tag::feed:
      if (own) return Root{element, Family::atom, atom_format(element)};
      break;
    case Tag::channel:
      if (!own) break;
      if (contains(start_tag(element), "purl.org/net/rss1.1")) return Root{element, Family::rss11, "rss-1.1"};
      if (is_cdf_channel(element)) return Root{element, Family::cdf, "cdf"};
      break;
    default: break;
  }
  return std::nullopt;
}

/// The first root that is a feed's; else one a level deeper; else channels, items and entries that lost theirs.
std::optional<Root> recognise(Xml document) {
  for (const Xml root : document.children()) {
    if (auto found = recognise_one(root)) return found;
  }
  for (const Xml root : document.children()) {
    if (root.tag() == Tag::html) continue;
    for (const Xml inner : root.children()) {
      if (inner.tag() == Tag::channel && !(root.tag() == Tag::channel)) continue;
      if (auto found = recognise_one(inner)) return found;
    }
  }
  for (const Xml root : document.children()) {
    if (!is_vocabulary(root.ns())) continue;
    if (root.tag() == Tag::channel || root.tag() == Tag::item) return Root{document, Family::rss, "rss-2.0"};
    if (root.tag() == Tag::entry) return Root{document, Family::atom, atom_format(root)};
  }
  return std::nullopt;
}

class DocumentReader {
 public:
  DocumentReader(const Root& root, const Hints& hints, Warnings& warnings)
      : root_(root), warnings_(warnings), dialect_(root.family == Family::atom ? Dialect::atom : Dialect::rss),
        reader_(dialect_, warnings) {
    outer_.base = bounded_base(hints.base);
    if (root.family == Family::cdf) outer_.base = bounded_base(content::rebase(root.element.attribute("base"), outer_.base));
  }

  Feed read() {
    const Scope& scope = root_.element.index() == 0 ? outer_ : enter(root_.element, outer_, storage_);
    read_info(scope);
    EntryContext context{dialect_, warnings_, seed(scope), &authors_, feed_.info.language.value_or(""), feed_.texts};
    for (const Author& author : authors_) {
      for (const auto* part : {&author.name, &author.email, &author.url}) author_bytes_ += *part ? (*part)->size() : 0;
    }
    collect(root_.element, scope, context, 0);
    if (root_.element.index() != 0) collect_other_roots(context);
    if (feed_.ending == Ending::whole && root_.element.tree().breaks_off) feed_.ending = Ending::breaks_off;
    return std::move(feed_);
  }

 private:
  bool is_channel(Xml element) const { return element.tag() == Tag::channel && is_vocabulary(element.ns()); }

  /// The feed is what holds its elements: the first channel of RSS, the root of Atom and CDF.
  void read_info(const Scope& scope) {
    Xml channel = root_.element;
    if (root_.family == Family::rss || root_.family == Family::rdf) {
      const Xml found = channel.child(Tag::channel);
      if (found) channel = found;
    }
    Scope storage;
    const Scope& inside = channel.index() == root_.element.index() ? scope : enter(channel, scope, storage);
    reader_.read(channel, inside);
    if (channel.index() != root_.element.index()) read_beside(scope);
    feed_.info = reader_.take();
    authors_ = reader_.take_inherited();
    feed_.info.format = root_.format;
    if (!feed_.info.language && !inside.language.empty()) feed_.info.language = inside.language;
  }

  /// RDF puts the image beside the channel, and so do some that are not RDF.
  void read_beside(const Scope& scope) {
    for (const Xml child : root_.element.children()) {
      if (child.is(Ns::none, Tag::image)) reader_.read_image(child, scope);
    }
  }

  /// What entries inherit: when it changes, all of them do.
  std::uint64_t seed(const Scope& scope) const {
    Digest digest;
    digest.add(std::string_view(root_.format));
    digest.add(std::string_view(scope.base));
    digest.add(std::string_view(feed_.info.language ? *feed_.info.language : std::string()));
    digest.add(authors_);
    if (root_.element.index() != 0) digest.add(start_tag(root_.element));
    for (const auto& [name, value] : root_.element.tree().entities) {
      digest.add(std::string_view(name));
      digest.add(std::string_view(value));
    }
    return digest.value();
  }

  /// Entries in document order: in the root, in its channels, in RSS 1.1's items, in CDF's nested channels.
  void collect(Xml parent, const Scope& scope, EntryContext& context, int depth) {
    reserve_for(parent);
    for (const Xml child : parent.children()) {
      if (is_entry(child)) {
        if (!add(child, scope, context)) return;
      } else if (depth < 8 && (is_channel(child) || child.is(Ns::none, Tag::items))) {
        Scope storage;
        collect(child, enter(child, scope, storage), context, depth + 1);
      }
    }
  }

  /// Room for the entries of an element: each is half a kilobyte that a growing vector would move about.
  void reserve_for(Xml parent) {
    std::size_t count = feed_.entries.size();
    for (const Xml child : parent.children()) count += is_entry(child) ? 1 : 0;
    if (count > feed_.entries.capacity()) feed_.entries.reserve(std::min(std::max(count, 2 * feed_.entries.capacity()), kMostEntries));
  }

  /// Documents put one behind the other: the first says what the feed is, each has its entries.
  void collect_other_roots(EntryContext& context) {
    for (Xml root = root_.element.next(); root; root = root.next()) {
      if (!root.is_element()) continue;
      const auto other = recognise_one(root);
      if (!other || other->family != root_.family) continue;
      warnings_.add("several roots: the entries of each were read");
      Scope storage;
      collect(root, enter(root, outer_, storage), context, 0);
    }
  }

  bool add(Xml element, const Scope& scope, EntryContext& context) {
    if (feed_.entries.size() >= kMostEntries) {
      warnings_.add("more than " + std::to_string(kMostEntries) + " entries: the rest was ignored");
      return false;
    }
    read_entry(element, scope, context, feed_.entries.emplace_back());
    if (element.index() == element.tree().broken_entry) feed_.ending = Ending::breaks_off_in_last_entry;
    bound_inheritance(context);
    return true;
  }

  /// Megabytes of authors that thousands of entries inherit would fill the memory.
  void bound_inheritance(EntryContext& context) {
    if (author_bytes_ * feed_.entries.size() <= kMostInherited || context.authors == nullptr) return;
    warnings_.add("the feed's authors are too long for all its entries");
    context.authors = nullptr;
  }

  const Root& root_;
  Warnings& warnings_;
  const Dialect dialect_;
  FeedReader reader_;
  Scope outer_;
  Scope storage_;
  Feed feed_;
  std::vector<Author> authors_;  ///< that entries inherit
  std::size_t author_bytes_ = 0;
};

}  // namespace

std::optional<Feed> read_xml_feed(const XmlTree& tree, const Hints& hints, Warnings& warnings) {
  const auto root = recognise(Xml(tree, 0));
  if (!root) return std::nullopt;
  return DocumentReader(*root, hints, warnings).read();
}

}  // namespace riverd::feeds::read
