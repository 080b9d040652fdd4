#pragma once
/// The vocabulary of feeds: namespaces by URI whatever the prefix, element names whatever the case.

#include <cstdint>
#include <string_view>

namespace riverd::feeds::read {

/// A namespace that riverd reads. Versions and misspelt URIs of one vocabulary are one value.
enum class Ns : std::uint8_t {
  none,      ///< no namespace, or one of RSS's own: the vocabulary of RSS 0.9x, 1.0, 1.1, 2.0 and CDF
  unknown,   ///< declared, but not one of these
  rdf, atom, atom03, content, dc, dcterms, media, itunes, slash, wfw, sy, feedburner, georss, podcast, xhtml, admin,
  cc, threading, googleplay, webfeeds, xml,
};

/// An element's local name, lower case. `other` is every name that no reader asks for.
enum class Tag : std::uint8_t {
  other,
  a, abstract, alternatename, author, body, browserfriendly, category, channel, comments, content, contributor, copyright,
  cover, created, creator, credit, date, description, div, docs, email, enclosure, encoded, entry, expirationdate, feed,
  fullitem, generator, generatoragent, group, guid, homepage, html, icon, id, identifier, image, info, issued, item, items,
  keywords, language, lastbuilddate, lastmod, link, logo, managingeditor, modified, name, origlink, owner, player,
  pubdate, published, publisher, rating, rdf, rights, rss, skipdays, skiphours, day, hour, source, subject, subtitle,
  summary, tagline, textinput, thumbnail, title, ttl, updated, updatefrequency, updateperiod, uri, url, webmaster,
  available, license, person, transcript, self, base,
};

/// The namespace a URI stands for: compared without case, scheme (http, https), `www.` and a trailing slash or '#'.
[[nodiscard]] Ns namespace_of(std::string_view uri);

/// What an undeclared prefix is taken for (`dc:` is Dublin Core in every feed seen); unknown for any other.
[[nodiscard]] Ns conventional_namespace(std::string_view prefix);

/// The tag of a local name, in any case.
[[nodiscard]] Tag tag_of(std::string_view local_name);

[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::string_view trim(std::string_view text);  ///< ASCII white space off both ends
[[nodiscard]] constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; }
[[nodiscard]] constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace riverd::feeds::read
