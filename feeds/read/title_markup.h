#pragma once
/// Titles that may be HTML: which '<' is meant as markup, and which is what the title speaks of ("The <dialog> element").

#include <optional>
#include <string>
#include <string_view>

namespace riverd::feeds::read {

/// A title of which nobody says what it is, as HTML; nothing where it is text. A tag is markup where an end tag of its name
/// follows, <br>, <wbr> and an <img> with attributes always, other elements of HTML where references (`&amp;`) show that the
/// title is HTML; a comment where it ends. Each '<' that is none of these is escaped.
[[nodiscard]] std::optional<std::string> title_as_html(std::string_view text);

/// A title that is declared as HTML, with each '<' escaped that would hide what stands behind it: <script>, <style>,
/// <template> and their like without an end tag.
[[nodiscard]] std::string without_hiding_tags(std::string_view html);

}  // namespace riverd::feeds::read
