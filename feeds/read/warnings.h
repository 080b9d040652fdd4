#pragma once
/// What was repaired or could not be used, for people: at most 100 sentences of a document, no repeats.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace riverd::feeds::read {

class Warnings {
 public:
  static constexpr std::size_t kMost = 100;

  void add(std::string sentence) {
    if (list_.size() >= kMost || std::find(list_.begin(), list_.end(), sentence) != list_.end()) return;
    list_.push_back(std::move(sentence));
  }
  [[nodiscard]] bool full() const { return list_.size() >= kMost; }
  [[nodiscard]] std::vector<std::string> take() { return std::move(list_); }

 private:
  std::vector<std::string> list_;
};

}  // namespace riverd::feeds::read
