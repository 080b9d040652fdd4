#pragma once
/// How much text each element holds, and of what kind. Private to the extractor.

#include <cstdint>
#include <vector>

#include "feeds/content/article_guide.h"
#include "feeds/content/article_names.h"
#include "feeds/content/article_page.h"

namespace riverd::feeds::content::extract {

/// Lengths are in letters as people read them: a Han, Kana or Hangul character counts as two, white space as nothing
/// but a single space.
struct Measure {
  // Of the whole subtree
  std::uint32_t text = 0;     ///< length of all text
  std::uint32_t link = 0;     ///< of that, inside links
  std::uint32_t good = 0;     ///< of that, in blocks that read like prose, code or data
  // Of a block element alone: the inline text whose nearest block it is
  std::uint32_t own = 0;
  std::uint32_t own_link = 0;
  std::uint32_t punctuation = 0;
  std::uint32_t images = 0;   ///< images, videos and frames of the subtree
  NameFlags names = 0;
  bool off = false;           ///< machinery: script, style, template; its text is nobody's
  float guide = -1;           ///< of a block: how much of it the structured data's articleBody repeats; -1: unknown
  [[nodiscard]] float density() const { return text == 0 ? 0.0F : static_cast<float>(link) / static_cast<float>(text); }
  [[nodiscard]] float own_density() const { return own == 0 ? 0.0F : static_cast<float>(own_link) / static_cast<float>(own); }
};

/// Measures every node of a page, in three passes.
[[nodiscard]] std::vector<Measure> measure(const Page& page, const Guide& guide);

/// A block whose own text reads like content.
[[nodiscard]] bool is_good(const PageNode& node, const Measure& m);

/// The length of a text as Measure counts it.
[[nodiscard]] std::uint32_t reading_length(std::string_view text);

}  // namespace riverd::feeds::content::extract
