#pragma once
/// Short texts that are never part of an article, told by their words. Private to the extractor.

#include <string_view>

namespace riverd::feeds::content::extract {

/// "Related articles", "Share this", "About the author", "Leave a reply" and the like as a heading: what follows it under
/// the same parent is not the article's either. `text` has its white space folded.
[[nodiscard]] bool is_junk_heading(std::string_view text);

/// "12 Comments", "Responses to ...", "Leave a reply": where the readers' words begin. `text` has its white space folded.
[[nodiscard]] bool is_comments_heading(std::string_view text);

/// "Advertisement", "Read more: ...", "Sign up for our newsletter", "© 2024 ...": a whole short block.
[[nodiscard]] bool is_junk_line(std::string_view text);

/// "By Jane Doe", "Published 18 September 2024", "5 min read", or a date alone.
[[nodiscard]] bool is_byline(std::string_view text);

/// Lower case (ASCII and Latin-1 in UTF-8 alike), signs at both ends gone.
[[nodiscard]] bool same_words(std::string_view a, std::string_view b);

}  // namespace riverd::feeds::content::extract
