#pragma once
/// Text prepared for the full-text index, the same way when it is written and when it is asked for.
///
/// FTS5's unicode61 folds case and diacritics and finds words between spaces. Scripts that are written without spaces
/// (Chinese, Japanese, Thai; Korean too, for its endings) are cut here into overlapping pairs of characters: 東京都 is
/// indexed as "東京 京都 都", so that any part of it is found as a phrase of its pairs, and a single character as a prefix.

#include <string>
#include <string_view>
#include <vector>

namespace riverd::storage {

/// At most so much prepared text of one post is searchable.
inline constexpr std::size_t kMaxWords = 512U << 10U;

/// Appends prepared text, and a space.
void append_words(std::string& out, std::string_view text);

/// As append_words, for HTML that content::sanitise() returned: tags gone, character references decoded.
void append_words_of_html(std::string& out, std::string_view html);

/// Appends the text that append_words_of_html() takes its words from: a space for each tag that parts words, none for others,
/// references decoded.
void append_text_of_html(std::string& out, std::string_view html);

/// At most so many bytes of a word count.
inline constexpr std::size_t kMaxWord = 128;  // an encoded blob is no vocabulary

/// The words of a text as prepared: folded only if the text was.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

/// One term of a search, prepared: words and pairs with a space between each.
struct PreparedTerm {
  std::string words;            ///< empty: nothing in it can be searched for
  bool open_ended = false;      ///< ends in a single character of a script without spaces: must match as a prefix
};
[[nodiscard]] PreparedTerm prepare_term(std::string_view text);

}  // namespace riverd::storage
