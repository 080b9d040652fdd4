#pragma once
/// Of several candidates the one of the lowest rank is taken, of equal ranks the first: how every rule of precedence works.

#include <limits>
#include <utility>

namespace riverd::feeds::read {

template <class T>
class Pick {
 public:
  /// True where an offer of this rank would be taken: ask before making a costly value.
  [[nodiscard]] bool wants(int rank) const { return rank < rank_; }
  void offer(int rank, T value) {
    if (!wants(rank)) return;
    rank_ = rank;
    value_ = std::move(value);
  }
  [[nodiscard]] bool has_value() const { return rank_ != kNone; }
  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] T& value() { return value_; }
  [[nodiscard]] const T& value() const { return value_; }
  /// The value, or an empty one.
  [[nodiscard]] T take() { return std::move(value_); }

 private:
  static constexpr int kNone = std::numeric_limits<int>::max();
  int rank_ = kNone;
  T value_{};
};

}  // namespace riverd::feeds::read
