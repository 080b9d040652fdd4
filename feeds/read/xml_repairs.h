#pragma once
/// The kinds of repair that reading XML makes; the first place of each becomes a warning.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "feeds/read/warnings.h"

namespace riverd::feeds::read {

enum class Repair : std::size_t {
  junk_before_root, late_declaration, stray_less_than, stray_end_tag, unclosed_element, implied_end, attribute,
  cdata_in_cdata, cdata_case, unclosed_cdata, unclosed_comment, undeclared_prefix, text_outside_root, truncated, too_deep,
  too_many_attributes, too_many_nodes, doctype, stray_ampersand, undeclared_entity, kCount
};

class Repairs {
 public:
  void note(Repair repair, std::size_t offset) {
    std::size_t& first = first_[static_cast<std::size_t>(repair)];
    first = std::min(first, offset);
  }
  void report(std::string_view text, Warnings& warnings) const {
    for (std::size_t i = 0; i < first_.size(); ++i) {
      if (first_[i] == kNever) continue;
      const auto before = text.substr(0, std::min(first_[i], text.size()));
      const auto line = 1 + std::count(before.begin(), before.end(), '\n');
      warnings.add("line " + std::to_string(line) + ": " + std::string(kSentences[i]));
    }
  }

 private:
  static constexpr std::size_t kNever = static_cast<std::size_t>(-1);
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Repair::kCount)> kSentences = {
      "something stands before the document's root",
      "an XML declaration that is not at the start",
      "a '<' that begins no tag was read as text",
      "an end tag without its start tag was ignored",
      "an element that was never closed",
      "an element was closed where the next one begins",
      "an attribute without proper quotes",
      "CDATA inside CDATA",
      "CDATA in small letters",
      "a CDATA section that was never closed",
      "a comment or instruction that was never closed",
      "a prefix that no xmlns declares",
      "text outside the root was ignored",
      "the document breaks off",
      "elements nested too deep were left out",
      "an element has too many attributes: the rest was ignored",
      "too many elements: the rest of the document was ignored",
      "a document type declaration that was never closed",
      "an '&' that begins no reference was read as text",
      "an entity of HTML that the document does not declare"};
  static constexpr std::array<std::size_t, static_cast<std::size_t>(Repair::kCount)> make_never() {
    std::array<std::size_t, static_cast<std::size_t>(Repair::kCount)> all{};
    for (auto& one : all) one = kNever;
    return all;
  }
  std::array<std::size_t, static_cast<std::size_t>(Repair::kCount)> first_ = make_never();
};

}  // namespace riverd::feeds::read
