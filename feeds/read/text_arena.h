#pragma once
/// Where the texts of a document are kept: thousands of them, freed together.

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace riverd::feeds::read {

class TextArena {
 public:
  /// A copy that lives as long as this does, wherever that is moved to.
  [[nodiscard]] std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    char* const at = room(text.size());
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }

  /// The same for what is likely what came last time, which is copied once.
  [[nodiscard]] std::string_view keep_repeated(std::string_view text) {
    if (text != last_) last_ = keep(text);
    return last_;
  }

 private:
  static constexpr std::size_t kBlock = 16384;

  /// Long texts have blocks of their own, so that no more than a quarter of a block is ever left unused.
  char* room(std::size_t size) {
    if (size > kBlock / 4) return blocks_.emplace_back(std::make_unique_for_overwrite<char[]>(size)).get();
    if (size > left_) {
      next_ = blocks_.emplace_back(std::make_unique_for_overwrite<char[]>(kBlock)).get();
      left_ = kBlock;
    }
    char* const at = next_;
    next_ += size;
    left_ -= size;
    return at;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
  std::string_view last_;
};

}  // namespace riverd::feeds::read
