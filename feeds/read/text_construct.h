#pragma once
/// Titles and bodies: what an element's text is, plain or HTML, and how often it was escaped.

#include <string>

#include "feeds/read/feed.h"
#include "feeds/read/scope.h"

namespace riverd::feeds::read {

/// Whether Atom's rules or RSS's custom decides about markup. A `type` or `mode` attribute is believed in both.
enum class Dialect { atom, rss };

/// A title or other one-line text. RSS does not say whether a title is escaped HTML: it is HTML where it holds elements, or
/// tags that are meant as such (title_as_html); else text, in which entities escaped twice are decoded. Atom's is text unless `type` says
/// otherwise (RFC 4287, 3.1), but without a `type` entities escaped twice are decoded too, as in RSS.
///   texts   keeps what the result views
[[nodiscard]] Text read_title(Xml element, const Scope& outer, Dialect dialect, TextArena& texts);

/// A body. RSS's is HTML by custom; where it holds no markup (holds_markup), a '<' in it is a character, and one
/// that begins and ends with a tag escaped twice is unescaped. Atom's is what `type` and (0.3) `mode` say: text, html, xhtml without
/// its div, a MIME type (XML inline, text, base64), text by default; a body without `type` that begins and ends with
/// HTML tags is HTML all the same.
[[nodiscard]] Text read_body(Xml element, const Scope& outer, Dialect dialect, TextArena& texts);

/// Whether a body's declared type says that it is no text, or leaves it open and the base64 in it is none.
[[nodiscard]] bool is_binary(Xml element);

/// A text as it is shown where there is no markup: no tags, entities decoded, white space folded.
///   enough   as of content::plain_text()
[[nodiscard]] std::string plain(const Text& text, std::size_t enough = std::string_view::npos);

}  // namespace riverd::feeds::read
