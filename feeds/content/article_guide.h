#pragma once
/// The articleBody that a page's structured data repeats, as a guide to where in the page it stands. Private to the
/// extractor.

#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace riverd::feeds::content::extract {

class Guide {
 public:
  Guide() = default;
  /// Remembers every run of four words (CJK: four characters) of the body.
  explicit Guide(std::string_view body);

  [[nodiscard]] bool empty() const { return runs_.empty(); }
  [[nodiscard]] std::size_t size() const { return runs_.size(); }

  /// How much of a text the body repeats: 0 to 1; -1 where the text is too short to say.
  [[nodiscard]] float share(std::string_view text) const;

 private:
  std::unordered_set<std::uint64_t> runs_;
};

}  // namespace riverd::feeds::content::extract
