#pragma once
/// How many bytes of bodies may be held at once, between the wire and the store. One thread.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace riverd::fetch {

class Reservation;

/// Bodies up to kFree bytes are free: small feeds never wait for large ones. Beyond that a body grows while the sum is below
/// the limit; when it is not, the first to ask (the elder) goes on alone, so that there is always one that can finish, and
/// the others wait. Small bodies that came faster than they are read and stored hold back new transfers only: none starts
/// while kSmall bytes of them are held (one that still comes counts for nothing: who dribbles holds nobody back). At most
/// limit, plus two bodies, plus kSmall, plus kFree a transfer is held.
class Budget : public std::enable_shared_from_this<Budget> {
 public:
  static constexpr std::uint64_t kFree = 128U << 10U;
  static constexpr std::uint64_t kSmall = 12U << 20U;

  explicit Budget(std::uint64_t limit) : limit_(limit) {}

  void set_limit(std::uint64_t limit) { limit_ = limit; }
  [[nodiscard]] std::uint64_t used() const { return used_; }
  /// Whether a transfer may start, as far as memory goes.
  [[nodiscard]] bool may_start() const { return small_ < kSmall; }
  /// Called whenever that has become true again.
  void on_may_start(std::function<void()> listener) { may_start_ = std::move(listener); }

  /// Called once for each on_freed() after something was given back.
  void on_freed(std::function<void()> waiter) { waiters_.push_back(std::move(waiter)); }

 private:
  friend class Reservation;
  [[nodiscard]] bool admits(const Reservation* who) {
    if (used_ < limit_) return true;
    if (elder_ == nullptr) elder_ = who;
    return elder_ == who;
  }
  void freed() {
    auto waiters = std::exchange(waiters_, {});
    for (auto& waiter : waiters) waiter();
  }

  void set(std::uint64_t before, std::uint64_t now) {  // modulo 2^64: also downwards
    used_ += (now > kFree ? now : 0) - (before > kFree ? before : 0);
    const bool waited = !may_start();
    small_ += (now > kFree ? 0 : now) - (before > kFree ? 0 : before);
    if (waited && may_start() && may_start_) may_start_();
  }

  std::uint64_t limit_;
  std::uint64_t used_ = 0;
  std::uint64_t small_ = 0;
  std::function<void()> may_start_;
  const Reservation* elder_ = nullptr;
  std::vector<std::function<void()>> waiters_;
};

/// One body's share; gives it back when it goes. Move-only, and only on the budget's thread.
class Reservation {
 public:
  Reservation() = default;
  explicit Reservation(std::shared_ptr<Budget> budget) : budget_(std::move(budget)) {}
  Reservation(Reservation&& other) noexcept { *this = std::move(other); }
  Reservation& operator=(Reservation&& other) noexcept {
    if (this == &other) return *this;
    release();
    budget_ = std::move(other.budget_);
    bytes_ = std::exchange(other.bytes_, 0);
    if (budget_ && budget_->elder_ == &other) budget_->elder_ = this;
    return *this;
  }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { release(); }

  /// Whether a body that is `size` bytes long now may grow. False: wait for Budget::on_freed() and ask again.
  [[nodiscard]] bool may_grow(std::uint64_t size) {
    return !budget_ || size <= Budget::kFree || budget_->admits(this);
  }

  /// The body takes `size` bytes of memory now.
  void set(std::uint64_t size) {
    const std::uint64_t bytes = size > Budget::kFree ? size : 0;
    if (budget_) budget_->set(std::exchange(bytes_, bytes), bytes);
  }

  /// The body is whole and takes `size` bytes.
  void complete(std::uint64_t size) {
    if (budget_) budget_->set(std::exchange(bytes_, size), size);
  }

  void release() {
    if (!budget_) return;
    const auto budget = std::exchange(budget_, nullptr);
    const std::uint64_t bytes = std::exchange(bytes_, 0);
    budget->set(bytes, 0);
    if (bytes <= Budget::kFree && budget->elder_ != this) return;
    if (budget->elder_ == this) budget->elder_ = nullptr;
    budget->freed();
  }

 private:
  std::shared_ptr<Budget> budget_;
  std::uint64_t bytes_ = 0;
};

}  // namespace riverd::fetch
