#pragma once
/// Which of several links is the link.

#include <string>

#include "feeds/read/picks.h"
#include "feeds/read/scope.h"

namespace riverd::feeds::read {

/// Ranks of what can be the link of an entry or a feed, best first.
///   original    feedburner:origLink: where the story really is; the others are redirects that count readers
///   own         RSS <link>: "the URL of the item"
///   html        Atom rel=alternate of type text/html or xhtml: the page for people
///   untyped     Atom rel=alternate without a type
///   other       Atom rel=alternate of another type (a PDF, say)
///   permalink   an RSS guid that is a URL and not isPermaLink="false"
///   about       rdf:about, "must be unique and should be the link" (RSS 1.0, 5.5)
///   id          an Atom id that is an http(s) URL: no promise, but better than no link
///   source      the src of content that is out of line, when it is a page
enum LinkRank : int { original, own, html, untyped, other, permalink, about, id, source };

/// An Atom link element (RFC 4287, 4.2.7), or any element with rel and href.
struct LinkElement {
  std::string rel;   ///< lower case, IANA's registry URI cut off; "alternate" where absent
  std::string type;  ///< lower case, parameters cut off
  std::string href;  ///< absolute http(s), or empty
};
[[nodiscard]] LinkElement read_link(Xml element, const Scope& outer);

/// True for an Atom-like link: it has href. RSS's holds its URL as text.
[[nodiscard]] inline bool is_link_element(Xml element) { return element.has_attribute("href"); }

/// An element's text as an absolute http(s) URL against its xml:base, or empty.
[[nodiscard]] std::string read_url_text(Xml element, const Scope& outer);
/// An attribute likewise.
[[nodiscard]] std::string read_url_attribute(Xml element, std::string_view name, const Scope& outer);

/// The URL of a link element without href: its text, else its rdf:resource.
[[nodiscard]] std::string read_plain_link(Xml element, const Scope& outer);

/// The rank of an alternate by its type.
[[nodiscard]] int alternate_rank(std::string_view type);

/// True for http: and https: URLs, in any case.
[[nodiscard]] bool is_web_url(std::string_view text);

}  // namespace riverd::feeds::read
