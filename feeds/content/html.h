#pragma once
/// Hostile HTML to safe HTML, text and Markdown.

#include <optional>
#include <string>
#include <string_view>

namespace riverd::feeds::content {

struct Sanitised {
  std::string html;  ///< allowlisted elements, attributes and URL schemes; every URL absolute
  std::optional<std::string> first_image;  ///< absolute URL of the first image that is no tracking pixel
};

/// Cleans a fragment of HTML as a browser's parser would read it (WHATWG HTML, fragment in <body>). Nothing
/// in the result executes; sanitise(sanitise(x)) == sanitise(x); a browser parses the result to the same
/// tree. Text is never lost: a wrapper that may not stay leaves its words. Linear in the input; depth and
/// attribute counts are bounded.
///   base   absolute URL that relative URLs resolve against, or empty: then relative URLs are dropped
[[nodiscard]] Sanitised sanitise(std::string_view html, std::string_view base);

/// The words of a fragment of HTML: tags gone, entities decoded, white space folded, block elements apart by
/// a space. Quotations get their marks, and a number that stands above the line a '^'.
///   enough   reading stops somewhere behind so many characters: for who needs the first words only
[[nodiscard]] std::string plain_text(std::string_view html, std::size_t enough = std::string_view::npos);

/// CommonMark (with GFM tables and strikethrough) of HTML that sanitise() returned. Rendering it gives the
/// same text and links. Outside code blocks no '<' of a text appears in it: the only HTML are the elements sup,
/// sub and code, without attributes. So a renderer that passes HTML through executes nothing, also one that
/// makes links of bare addresses or takes escapes and code spans apart.
[[nodiscard]] std::string markdown(std::string_view sanitised_html);

/// Text as the words of a heading in CommonMark, with the same promise. White space is folded already.
[[nodiscard]] std::string markdown_heading(std::string_view text);

}  // namespace riverd::feeds::content
