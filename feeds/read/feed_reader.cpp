#include "feeds/read/feed_reader.h"

#include <algorithm>
#include <array>

#include "feeds/content/text.h"
#include "feeds/read/date.h"
#include "feeds/read/entry_reader.h"
#include "feeds/read/links.h"
#include "feeds/read/media.h"
#include "feeds/read/people.h"

namespace riverd::feeds::read {
namespace {

// The format's own; the same in another format's clothes; Dublin Core; podcast modules, whole before short.
enum TextRank : int { own, foreign, dublin, podcast, podcast_short, info };

// The last change of the feed: what says so; dcterms:modified; a channel's pubDate; dc:date; when it was made.
enum UpdatedRank : int { stated, modified, pubdate, dc_date, made };

// RSS's image and Atom's logo are what the format has for it; then podcast covers; then what modules add.
enum ImageRank : int { own_image, podcast_image, module_image };

constexpr auto kLongestTtl = Seconds(366L * 86400);

std::optional<Seconds> period_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, int>, 5> kPeriods = {
      {{"hourly", 3600}, {"daily", 86400}, {"weekly", 604800}, {"monthly", 2592000}, {"yearly", 31536000}}};
  for (const auto& [name, seconds] : kPeriods) {
    if (equals_ignoring_case(trim(text), name)) return Seconds(seconds);
  }
  return std::nullopt;
}

std::optional<std::string> filled(Pick<std::string>& pick) {
  if (!pick.has_value() || pick.value().empty()) return std::nullopt;
  return pick.take();
}

}  // namespace

void FeedReader::read(Xml channel, const Scope& scope) {
  if (channel.index() != 0 && channel.is(Ns::none, Tag::channel)) read_cdf_attributes(channel, scope);
  for (const Xml child : channel.children()) read_child(child, scope);
}

void FeedReader::read_cdf_attributes(Xml channel, const Scope& scope) {
  std::string url = read_url_attribute(channel, "href", scope);
  if (!url.empty()) link_.offer(LinkRank::own, std::move(url));
  if (const auto date = parse_date(channel.attribute("lastmod"))) updated_.offer(UpdatedRank::stated, *date);
}

void FeedReader::read_image(Xml image, const Scope& outer) {
  Scope storage;
  const Scope& scope = enter(image, outer, storage);
  std::string url = read_url_attribute(image, "href", scope);  // itunes, CDF
  if (const Xml inner = image.child(Tag::url); url.empty() && inner) url = read_url_text(inner, scope);
  if (url.empty()) url = read_url_attribute(image, "url", scope);
  if (url.empty() && !image.has_child_elements()) url = read_url_text(image, scope);
  if (url.empty()) offer_image(ImageRank::module_image, read_url_attribute(image, "rdf:resource", scope));  // the name of one beside the channel
  offer_image(ImageRank::own_image, std::move(url));
}

void FeedReader::read_child(Xml child, const Scope& scope) {
  switch (child.ns()) {
    case Ns::none: return core(child, scope, dialect_);
    case Ns::atom: case Ns::atom03: return core(child, scope, Dialect::atom);
    case Ns::dc: case Ns::dcterms: return dublin_core(child, scope);
    case Ns::itunes: case Ns::googleplay: return itunes(child, scope);
    case Ns::sy: return syndication(child);
    case Ns::webfeeds: return webfeeds(child, scope);
    case Ns::admin:
      if (child.tag() == Tag::generatoragent) generator_.offer(TextRank::foreign, child.attribute("resource"));
      return;
    case Ns::media:
      if (child.tag() == Tag::thumbnail) offer_image(ImageRank::module_image, read_url_attribute(child, "url", scope));
      if (child.tag() == Tag::title) offer_text(title_, TextRank::podcast, child, scope, Dialect::rss);
      if (child.tag() == Tag::description) offer_text(description_, TextRank::podcast, child, scope, Dialect::rss);
      if (child.tag() == Tag::copyright) offer_text(copyright_, TextRank::podcast, child, scope, Dialect::rss);
      return;
    default: return;
  }
}

void FeedReader::core(Xml child, const Scope& scope, Dialect dialect) {
  if (core_text(child, scope, dialect)) return;
  switch (child.tag()) {
    case Tag::link: return link(child, scope);
    case Tag::a: return link_.offer(LinkRank::other, read_url_attribute(child, "href", scope));
    case Tag::language: return language_.offer(0, language_tag(child.text()));
    case Tag::author: case Tag::creator: return add_author(info_.authors, read_person(child, scope));
    case Tag::managingeditor: return add_author(editors_, read_person(child, scope));
    case Tag::image: case Tag::logo: return read_image(child, scope);
    case Tag::icon: {
      std::string url = read_url_text(child, scope);
      if (!url.empty()) icon_.offer(0, std::move(url));
      return;
    }
    case Tag::generator: return generator(child);
    case Tag::updated: case Tag::modified: case Tag::lastbuilddate: case Tag::lastmod: return offer_date(UpdatedRank::stated, child);
    case Tag::pubdate: case Tag::published: case Tag::issued: return offer_date(UpdatedRank::pubdate, child);
    case Tag::date: return offer_date(UpdatedRank::dc_date, child);
    case Tag::created: return offer_date(UpdatedRank::made, child);
    case Tag::ttl:
      if (const auto minutes = parse_length(child.text())) ttl_ = Seconds(std::min<std::int64_t>(*minutes, 1 << 20) * 60);
      return;
    case Tag::skiphours: return skip_hours(child);
    case Tag::skipdays: return skip_days(child);
    default: return;
  }
}

bool FeedReader::core_text(Xml child, const Scope& scope, Dialect dialect) {
  const int rank = dialect == dialect_ ? TextRank::own : TextRank::foreign;
  switch (child.tag()) {
    case Tag::title: offer_text(title_, rank, child, scope, dialect); return true;
    case Tag::description: case Tag::abstract: offer_text(description_, rank, child, scope, Dialect::rss); return true;
    case Tag::subtitle: case Tag::tagline: offer_text(description_, rank, child, scope, dialect); return true;
    case Tag::info: offer_text(description_, TextRank::info, child, scope, dialect); return true;
    case Tag::copyright: case Tag::rights: offer_text(copyright_, rank, child, scope, dialect); return true;
    default: return false;
  }
}

void FeedReader::dublin_core(Xml child, const Scope& scope) {
  switch (child.tag()) {
    case Tag::title: return offer_text(title_, TextRank::dublin, child, scope, Dialect::rss);
    case Tag::description: return offer_text(description_, TextRank::dublin, child, scope, Dialect::rss);
    case Tag::rights: return offer_text(copyright_, TextRank::dublin, child, scope, Dialect::rss);
    case Tag::creator: case Tag::author: return add_author(info_.authors, read_person(child, scope));
    case Tag::language: return language_.offer(1, language_tag(child.text()));
    case Tag::modified: return offer_date(UpdatedRank::modified, child);
    case Tag::date: case Tag::issued: return offer_date(UpdatedRank::dc_date, child);
    case Tag::created: return offer_date(UpdatedRank::made, child);
    default: return;
  }
}

void FeedReader::itunes(Xml child, const Scope& scope) {
  switch (child.tag()) {
    case Tag::title: return offer_text(title_, TextRank::podcast, child, scope, Dialect::rss);
    case Tag::summary: case Tag::description: return offer_text(description_, TextRank::podcast, child, scope, Dialect::rss);
    case Tag::subtitle: return offer_text(description_, TextRank::podcast_short, child, scope, Dialect::rss);
    case Tag::author: return add_author(podcasters_, read_person(child, scope));
    case Tag::owner: return add_author(owners_, read_person(child, scope));
    case Tag::image: case Tag::link: {
      if (child.tag() == Tag::link && child.attribute("rel") != "image") return;
      std::string url = read_url_attribute(child, "href", scope);
      if (url.empty()) url = read_url_attribute(child, "url", scope);
      if (url.empty()) url = read_url_text(child, scope);
      return offer_image(ImageRank::podcast_image, std::move(url));
    }
    default: return;
  }
}

/// RSS 1.0's syndication module: updated `frequency` times a `period`; daily where the period is absent.
void FeedReader::syndication(Xml child) {
  if (child.tag() == Tag::updateperiod) period_ = period_of(child.text());
  if (child.tag() != Tag::updatefrequency) return;
  frequency_ = std::clamp<std::int64_t>(parse_length(child.text()).value_or(1), 1, 1 << 20);
  if (!period_) period_ = Seconds(86400);
}

void FeedReader::webfeeds(Xml child, const Scope& scope) {
  std::string url = read_url_text(child, scope);
  if (child.tag() == Tag::icon && !url.empty()) icon_.offer(1, std::move(url));
  else if (child.tag() == Tag::logo) offer_image(ImageRank::module_image, std::move(url));
  else if (child.tag() == Tag::cover) offer_image(ImageRank::module_image, read_url_attribute(child, "image", scope));
}

void FeedReader::link(Xml child, const Scope& scope) {
  if (!is_link_element(child)) {
    std::string url = read_plain_link(child, scope);
    if (!url.empty()) link_.offer(LinkRank::own, std::move(url));
    return;
  }
  LinkElement link = read_link(child, scope);
  if (link.href.empty()) return;
  if (link.rel == "alternate") link_.offer(alternate_rank(link.type), std::move(link.href));
  else if (link.rel == "self") self_.offer(0, std::move(link.href));
  else if (link.rel == "hub") hub_.offer(0, std::move(link.href));
  else if (link.rel == "next") next_.offer(0, std::move(link.href));
}

void FeedReader::offer_text(Pick<std::string>& pick, int rank, Xml child, const Scope& scope, Dialect dialect) {
  if (!pick.wants(rank)) return;
  TextArena texts;
  std::string text = plain(read_title(child, scope, dialect, texts));
  if (!text.empty()) pick.offer(rank, std::move(text));
}

void FeedReader::offer_date(int rank, Xml child) {
  if (!updated_.wants(rank)) return;
  if (const auto date = read_date(child, warnings_)) updated_.offer(rank, *date);
}

void FeedReader::offer_image(int rank, std::string url) {
  if (!url.empty()) image_.offer(rank, std::move(url));
}

void FeedReader::generator(Xml child) {
  std::string text = content::fold_space(content::decode_entities(child.text()));
  for (const std::string_view name : {"uri", "url", "resource"}) {
    if (text.empty()) text = child.attribute(name);
  }
  if (!text.empty()) generator_.offer(TextRank::own, std::move(text));
}

void FeedReader::skip_hours(Xml child) {
  for (const Xml hour : child.children()) {
    const auto value = parse_length(hour.text());
    if (value && *value <= 24) info_.skip_hours |= 1U << (*value % 24);  // 24 was midnight in RSS 0.91
  }
}

void FeedReader::skip_days(Xml child) {
  constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  for (const Xml day : child.children()) {
    const std::string name = day.trimmed_text().substr(0, 3);
    for (unsigned i = 0; i < kDays.size(); ++i) {
      if (equals_ignoring_case(name, kDays[i])) info_.skip_days = static_cast<std::uint8_t>(info_.skip_days | 1U << i);
    }
  }
}

std::optional<Seconds> FeedReader::ttl() const {
  std::optional<Seconds> longest = ttl_;
  if (period_) longest = std::max(longest.value_or(Seconds(0)), *period_ / frequency_);
  if (longest) longest = std::min(*longest, kLongestTtl);
  return longest;
}

FeedInfo FeedReader::take() {
  info_.title = filled(title_);
  info_.link = filled(link_);
  info_.description = filled(description_);
  info_.language = filled(language_);
  info_.icon = filled(icon_);
  info_.image = filled(image_);
  info_.generator = filled(generator_);
  info_.self = filled(self_);
  info_.hub = filled(hub_);
  info_.next = filled(next_);
  info_.copyright = filled(copyright_);
  if (updated_.has_value()) info_.updated = updated_.value();
  info_.ttl = ttl();
  settle_authors();
  return std::move(info_);
}

/// Authors and creators; then editors; where there is none of these the podcast's author (whose mail its owner may say), else
/// its owner. What entries inherit is the authors and creators, the others only where there is none.
void FeedReader::settle_authors() {
  inherited_ = info_.authors.empty() ? editors_ : info_.authors;
  for (Author& editor : editors_) add_author(info_.authors, std::move(editor));
  if (!info_.authors.empty()) return;
  for (Author& owner : owners_) add_author(podcasters_, std::move(owner));
  podcasters_.resize(std::min<std::size_t>(podcasters_.size(), 1));
  inherited_ = info_.authors = std::move(podcasters_);
}

}  // namespace riverd::feeds::read
