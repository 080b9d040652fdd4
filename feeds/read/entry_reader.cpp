#include "feeds/read/entry_reader.h"

#include "feeds/content/text.h"
#include "feeds/read/date.h"
#include "feeds/read/fingerprint.h"
#include "feeds/read/links.h"
#include "feeds/read/markup.h"
#include "feeds/read/media.h"
#include "feeds/read/people.h"
#include "feeds/read/picks.h"

namespace riverd::feeds::read {
namespace {

constexpr std::size_t kMostTags = 256;

// Titles: the entry's own; the format's in another format's entry; then the modules'.
enum TitleRank : int { own_title, foreign_title, dc_title, media_title, itunes_title };

// Guids: the format's; Atom's id in an RSS item; rdf:about; dc:identifier.
enum GuidRank : int { own_guid, foreign_id, rdf_about, dc_identifier };

// When it was published: what says so; creation; dc:date, which means whatever its author meant; availability.
enum PublishedRank : int { stated_published, dcterms_issued, stated_created, dc_date, dcterms_available };

// Bodies that hold the whole: content:encoded was made for it; then Atom's content, inline xhtml, fullitem.
enum ContentRank : int { content_encoded, atom_content, xhtml_body, full_item };

// Bodies that hold a summary, or the whole where there is nothing else. Beside a description, a summary is what its name
// says. media:description describes a picture or a film and itunes:subtitle is a line: they are the body only where there
// is no other, and never the summary beside one.
enum SummaryRank : int { description, rss_summary, itunes_summary, dc_description, googleplay_description, media_description, itunes_subtitle };

struct Body {
  Xml element;
  Dialect dialect = Dialect::rss;
};

class EntryReader {
 public:
  EntryReader(Xml element, const Scope& outer, const EntryContext& context, Entry& entry)
      : element_(element), scope_(enter(element, outer, storage_)), context_(context), entry_(entry) {}

  void read() {
    about();
    for (const Xml child : element_.children()) read_child(child);
    settle_bodies();
    settle_dates();
    settle_authors();
    settle_language();
    entry_.title = title_.take();
    entry_.guid = guid_.take();
    offer_guid_links();
    entry_.link = link_.take();
    entry_.thumbnail = attachments_.take_thumbnail();
    entry_.enclosures = attachments_.take_enclosures();
    settle_fingerprint();
  }

 private:
  // ---- one child -----------------------------------------------------------------------------------------------------
  void read_child(Xml child) {
    switch (child.ns()) {
      case Ns::none: return core(child, context_.dialect);
      case Ns::atom: case Ns::atom03: return core(child, Dialect::atom);
      case Ns::content: return content_module(child);
      case Ns::dc: case Ns::dcterms: return dublin_core(child);
      case Ns::media: return media(child, 0);
      case Ns::itunes: case Ns::googleplay: return itunes(child);
      case Ns::xhtml: return xhtml(child);
      case Ns::feedburner:
        if (child.tag() == Tag::origlink) offer_link(LinkRank::original, read_url_text(child, scope_));
        return;
      case Ns::unknown:
        if (child.tag() == Tag::fullitem) offer_content(full_item, child, Dialect::rss);
        return;
      default: return;
    }
  }

  void core(Xml child, Dialect dialect) {
    switch (child.tag()) {
      case Tag::title: return offer_title(dialect == context_.dialect ? own_title : foreign_title, child, dialect);
      case Tag::link: return link(child);
      case Tag::guid: return guid(child);
      case Tag::id: return offer_guid(dialect == context_.dialect ? own_guid : foreign_id, child.trimmed_text());
      case Tag::description: case Tag::abstract: return offer_summary(description, child, Dialect::rss);
      case Tag::summary: case Tag::tagline: return offer_summary(context_.dialect == Dialect::atom ? description : rss_summary, child, dialect);
      case Tag::content: return content(child, dialect);
      case Tag::encoded: return offer_content(content_encoded, child, Dialect::rss);
      case Tag::body: case Tag::div: return offer_content(xhtml_body, child, Dialect::rss);
      case Tag::fullitem: return offer_content(full_item, child, Dialect::rss);
      case Tag::author: case Tag::creator: return add_author(entry_.authors, read_person(child, scope_));
      case Tag::category: return category(child);
      case Tag::keywords: return keywords(child.text());
      case Tag::subject: return tag(child.text());
      case Tag::enclosure: return attachments_.add_enclosure(child, scope_);
      case Tag::image: case Tag::logo: return item_image(child);
      case Tag::a: return offer_link(LinkRank::other, read_url_attribute(child, "href", scope_));
      case Tag::source: return source(child);
      case Tag::language: return language_.offer(0, language_tag(child.text()));
      case Tag::group: return media(child, 0);
      default: return date(child);
    }
  }

  void date(Xml child) {
    switch (child.tag()) {
      case Tag::pubdate: case Tag::published: case Tag::issued: return offer_published(stated_published, child);
      case Tag::created: return offer_published(stated_created, child);
      case Tag::date: return offer_published(dc_date, child);
      case Tag::updated: case Tag::modified: case Tag::lastmod: case Tag::lastbuilddate: return offer_updated(child);
      default: return;
    }
  }

  void content_module(Xml child) {
    if (child.tag() == Tag::encoded) return offer_content(content_encoded, child, Dialect::rss);
    if (child.tag() == Tag::items && content_.wants(atom_content)) {
      if (const Xml value = find_rdf_value(child, 0)) offer_content(atom_content, value, Dialect::rss);
    }
  }

  /// The older form of the content module: content:items, rdf:Bag, rdf:li, content:item, rdf:value.
  static Xml find_rdf_value(Xml element, int depth) {
    for (const Xml child : element.children()) {
      if (child.ns() == Ns::rdf && equals_ignoring_case(child.local_name(), "value")) return child;
      if (depth > 8) continue;
      if (const Xml value = find_rdf_value(child, depth + 1)) return value;
    }
    return {};
  }

  void dublin_core(Xml child) {
    switch (child.tag()) {
      case Tag::title: return offer_title(dc_title, child, Dialect::rss);
      case Tag::description: case Tag::abstract: return offer_summary(dc_description, child, Dialect::rss);
      case Tag::creator: case Tag::author: return add_author(entry_.authors, read_person(child, scope_));
      case Tag::subject: case Tag::category: return tag(child.text());
      case Tag::language: return language_.offer(0, language_tag(child.text()));
      case Tag::identifier: return offer_guid(dc_identifier, child.trimmed_text());
      case Tag::issued: return offer_published(dcterms_issued, child);
      case Tag::created: return offer_published(stated_created, child);
      case Tag::date: return offer_published(dc_date, child);
      case Tag::available: return offer_published(dcterms_available, child);
      case Tag::modified: return offer_updated(child);
      default: return;
    }
  }

  void itunes(Xml child) {
    switch (child.tag()) {
      case Tag::title: return offer_title(itunes_title, child, Dialect::rss);
      case Tag::author: return add_author(fallback_authors_, read_person(child, scope_));
      case Tag::summary: return offer_summary(itunes_summary, child, Dialect::rss);
      case Tag::description: return offer_summary(googleplay_description, child, Dialect::rss);
      case Tag::subtitle: return offer_summary(itunes_subtitle, child, Dialect::rss);
      case Tag::image: case Tag::link: return podcast_image(child);
      case Tag::keywords: return keywords(child.text());
      case Tag::category: return podcast_category(child);
      default: return;
    }
  }

  void podcast_image(Xml child) {
    if (child.tag() == Tag::link && child.attribute("rel") != "image") return;
    std::string url = read_url_attribute(child, "href", scope_);
    if (url.empty()) url = read_url_attribute(child, "url", scope_);
    if (url.empty()) url = read_url_text(child, scope_);
    attachments_.offer_thumbnail(ThumbnailRank::podcast_image, std::move(url));
  }

  /// Media RSS, at any place: in the item, in groups, in a content element, in content of a group.
  void media(Xml child, int depth) {
    switch (child.tag()) {
      case Tag::content: attachments_.add_media_content(child, scope_); break;
      case Tag::thumbnail: {
        std::string url = read_url_attribute(child, "url", scope_);
        if (url.empty()) url = read_url_text(child, scope_);
        return attachments_.offer_thumbnail(ThumbnailRank::media_thumbnail, std::move(url));
      }
      case Tag::title: return offer_title(media_title, child, Dialect::rss);
      case Tag::description: return offer_summary(media_description, child, plain_media(child) ? Dialect::atom : Dialect::rss);
      case Tag::keywords: return keywords(child.text());
      case Tag::category: return tag(child.text());
      case Tag::credit:
        if (equals_ignoring_case(child.attribute("role"), "author")) add_author(fallback_authors_, read_person(child, scope_));
        return;
      case Tag::group: break;
      default: return;
    }
    if (depth > 8) return;
    for (const Xml inner : child.children()) {
      if (inner.ns() == Ns::media || inner.ns() == child.ns()) media(inner, depth + 1);
    }
  }

  /// Without a type, media:description is plain text (Media RSS 1.5.1): its line breaks count, unless it holds tags.
  static bool plain_media(Xml child) { return child.attribute("type").empty() && !looks_like_markup(child.text()); }

  void xhtml(Xml child) {
    if (child.tag() == Tag::body || child.tag() == Tag::div || child.tag() == Tag::html) {
      offer_content(xhtml_body, child, Dialect::rss);
    }
  }

  // ---- the parts -----------------------------------------------------------------------------------------------------
  void about() {
    if (!element_.node().attribute_count) return;
    offer_guid(rdf_about, element_.attribute("rdf:about"));
    offer_link(LinkRank::about, read_url_attribute(element_, "rdf:about", scope_));
    offer_link(LinkRank::own, read_url_attribute(element_, "href", scope_));  // CDF
    if (element_.has_attribute("lastmod")) {                                   // CDF
      if (auto date = parse_date(element_.attribute("lastmod"))) updated_.offer(0, *date);
    }
  }

  void offer_title(int rank, Xml child, Dialect dialect) {
    if (!title_.wants(rank)) return;
    Text text = read_title(child, scope_, dialect, context_.texts);
    if (!trim(text.value).empty()) title_.offer(rank, std::move(text));
  }

  void offer_guid(int rank, std::string guid) {
    if (!guid.empty()) guid_.offer(rank, std::move(guid));
  }

  void offer_link(int rank, std::string url) {
    if (!url.empty()) link_.offer(rank, std::move(url));
  }

  void guid(Xml child) {
    if (!guid_.wants(own_guid)) return;
    const std::string permalink = child.attribute("isPermaLink");
    offer_guid(own_guid, child.trimmed_text());
    entry_.guid_is_permalink = permalink.empty() || equals_ignoring_case(permalink, "true");
  }

  void offer_guid_links() {
    const int rank = entry_.guid_is_permalink ? LinkRank::permalink : LinkRank::id;
    if (!link_.wants(rank) || !is_web_url(entry_.guid)) return;
    std::string url = content::resolve(entry_.guid, {}).value_or("");
    if (entry_.guid_is_permalink) offer_link(LinkRank::permalink, std::move(url));
    else if (context_.dialect == Dialect::atom) offer_link(LinkRank::id, std::move(url));
  }

  void link(Xml child) {
    if (!is_link_element(child)) {
      if (link_.wants(LinkRank::own)) offer_link(LinkRank::own, read_plain_link(child, scope_));
      return;
    }
    const LinkElement link = read_link(child, scope_);
    if (link.rel == "enclosure") attachments_.add_enclosure(child, scope_);
    else if (link.rel == "alternate") offer_link(alternate_rank(link.type), link.href);
  }

  void offer_content(int rank, Xml child, Dialect dialect) {
    if (content_.wants(rank) && has_body(child)) content_.offer(rank, {child, dialect});
  }

  void offer_summary(int rank, Xml child, Dialect dialect) {
    if (!has_body(child)) return;
    if (summary_.wants(rank)) {
      if (summary_.has_value()) second_.offer(summary_.rank(), summary_.value());
      summary_.offer(rank, {child, dialect});
    } else if (rank != summary_.rank()) {
      second_.offer(rank, {child, dialect});
    }
  }

  static bool has_body(Xml child) {
    for (Xml part = child.first_child(); part; part = part.next()) {
      if (part.is_element() || !trim(part.raw_text()).empty()) return true;
    }
    return false;
  }

  void content(Xml child, Dialect dialect) {
    if (child.has_attribute("src")) return content_source(child);
    const std::string type = child.attribute("type");
    if (equals_ignoring_case(std::string_view(type).substr(0, 10), "multipart/")) return alternatives(child, dialect);
    if (is_binary(child)) return;
    offer_content(atom_content, child, dialect);
  }

  /// Atom 0.3's multipart/alternative: the HTML part says most.
  void alternatives(Xml parent, Dialect dialect) {
    Pick<Xml> best;
    for (const Xml part : parent.children()) {
      if (part.tag() != Tag::content) continue;
      const std::string type = part.attribute("type");
      best.offer(type == "text/html" || type == "application/xhtml+xml" ? 0 : 1, part);
    }
    if (best.has_value()) offer_content(atom_content, best.value(), dialect);
  }

  /// Content out of line (RFC 4287, 4.1.3.2): nothing is fetched. A page is a link, a file an enclosure.
  void content_source(Xml child) {
    const std::string type = child.attribute("type");
    std::string url = read_url_attribute(child, "src", scope_);
    const bool file = type.find('/') != std::string::npos && type.compare(0, 5, "text/") != 0 &&
                      type.find("xml") == std::string::npos;
    if (file) attachments_.add({url, type, std::nullopt});
    else offer_link(LinkRank::source, std::move(url));
  }

  /// Atom's category says its term in an attribute (label is for people, the term is what is the same everywhere).
  void category(Xml child) {
    for (const std::string_view name : {"term", "label", "text"}) {
      const std::string value = child.attribute(name);
      if (!value.empty()) return tag(value);
    }
    tag(child.text());
  }

  /// itunes:category holds its subcategory.
  void podcast_category(Xml child) {
    category(child);
    for (const Xml inner : child.children()) {
      if (inner.tag() == Tag::category) category(inner);
    }
  }

  void tag(std::string_view text) {
    const bool encoded = text.find('&') != std::string_view::npos && !looks_like_markup(text);
    std::string value = content::fold_space(encoded ? content::decode_entities(text) : std::string(text));
    if (value.empty() || entry_.tags.size() >= kMostTags) return;
    for (const std::string& known : entry_.tags) {
      if (known == value) return;
    }
    entry_.tags.push_back(std::move(value));
  }

  void keywords(std::string_view list) {
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      tag(list.substr(0, comma));
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }

  void item_image(Xml child) {
    std::string url = read_url_attribute(child, "href", scope_);
    if (const Xml inner = child.child(Tag::url); url.empty() && inner) url = read_url_text(inner, scope_);
    if (url.empty() && !child.has_child_elements()) url = read_url_text(child, scope_);
    attachments_.offer_thumbnail(ThumbnailRank::item_image, std::move(url));
  }

  /// Where an entry was taken from another feed, that feed's authors stand in for its own (RFC 4287, 4.2.1, 4.2.11).
  void source(Xml child) {
    Scope storage;
    const Scope& scope = enter(child, scope_, storage);
    for (const Xml inner : child.children()) {
      if (inner.tag() == Tag::author) add_author(source_authors_, read_person(inner, scope));
    }
  }

  void offer_published(int rank, Xml child) {
    if (rank == dc_date && !dc_date_) dc_date_ = read_date(child, context_.warnings);
    const auto date = rank == dc_date ? dc_date_ : published_.wants(rank) ? read_date(child, context_.warnings) : std::nullopt;
    if (date) published_.offer(rank, *date);
  }

  void offer_updated(Xml child) {
    if (!updated_.wants(0)) return;
    if (const auto date = read_date(child, context_.warnings)) updated_.offer(0, *date);
  }

  // ---- what is decided when all is read --------------------------------------------------------------------------------
  void settle_bodies() {
    if (!content_.has_value() && summary_.has_value()) {
      content_.offer(0, summary_.value());
      summary_ = std::move(second_);
    }
    if (content_.has_value()) entry_.content = read_body(content_.value().element, scope_, content_.value().dialect, context_.texts);
    if (summary_.has_value() && summary_.rank() < media_description) {
      entry_.summary = read_body(summary_.value().element, scope_, summary_.value().dialect, context_.texts);
    }
  }

  /// dc:date is the publication where nothing else is, and the last change beside a stated publication.
  /// With one date stated, it is both.
  void settle_dates() {
    if (dc_date_ && published_.has_value() && published_.rank() < dc_date) updated_.offer(1, *dc_date_);
    if (published_.has_value()) entry_.published = published_.value();
    if (updated_.has_value()) entry_.updated = updated_.value();
    if (!entry_.published) entry_.published = entry_.updated;
    if (!entry_.updated) entry_.updated = entry_.published;
  }

  void settle_authors() {
    if (entry_.authors.empty()) entry_.authors = std::move(fallback_authors_);
    if (entry_.authors.empty()) entry_.authors = std::move(source_authors_);
    if (entry_.authors.empty() && context_.authors != nullptr) entry_.authors = *context_.authors;
  }

  /// What the entry says; else what its content says, if that differs from what is in force around it; else the feed.
  void settle_language() {
    entry_.language = language_.take();
    if (entry_.language.empty()) entry_.language = stated_language(element_);
    if (entry_.language.empty() && entry_.content && entry_.content->language != scope_.language) entry_.language = entry_.content->language;
    if (entry_.language.empty() && entry_.summary && entry_.summary->language != scope_.language) entry_.language = entry_.summary->language;
    if (entry_.language.empty() && title_.has_value() && title_.value().language != scope_.language) entry_.language = title_.value().language;
    if (entry_.language.empty()) entry_.language = scope_.language;
    if (entry_.language.empty()) entry_.language = context_.language;
  }

  void settle_fingerprint() {
    Digest digest(context_.seed);
    digest.add(std::string_view(scope_.base));
    digest.add(element_.source());
    entry_.fingerprint = digest.value();
  }

  const Xml element_;
  Scope storage_;
  const Scope& scope_;
  const EntryContext& context_;
  Entry& entry_;
  Pick<Text> title_;
  Pick<std::string> guid_;
  Pick<std::string> link_;
  Pick<std::string> language_;
  Pick<Time> published_;
  Pick<Time> updated_;
  std::optional<Time> dc_date_;
  Pick<Body> content_;
  Pick<Body> summary_;
  Pick<Body> second_;
  std::vector<Author> fallback_authors_;
  std::vector<Author> source_authors_;
  Attachments attachments_;
};

}  // namespace

void read_entry(Xml element, const Scope& outer, const EntryContext& context, Entry& entry) {
  EntryReader(element, outer, context, entry).read();
}

std::optional<Time> read_date(Xml element, Warnings& warnings) {
  const std::string text = element.trimmed_text();
  if (text.empty()) return std::nullopt;
  const auto date = parse_date(text);
  if (!date) warnings.add("a date that cannot be read: \"" + content::fold_space(text.substr(0, 60)) + "\"");
  return date;
}

}  // namespace riverd::feeds::read
