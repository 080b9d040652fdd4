#pragma once
/// Answers kept for the next client that asks the same. Belongs to the network thread.

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/http/answer.h"

namespace riverd::http {

/// Least recently used goes first; never more than `limit` bytes.
class AnswerCache {
 public:
  using Clock = std::chrono::steady_clock;

  explicit AnswerCache(std::size_t limit) : limit_(limit) {}

  /// The answer kept for a key, if it is still true: made at or after `seq` where it depends on the store, and young
  /// enough. The pointer holds until the next put() or clear().
  [[nodiscard]] const std::shared_ptr<const Answer>* find(std::string_view key, std::int64_t seq, Clock::time_point now);

  /// Keeps an answer as its Keep says; one that is larger than a quarter of the whole is not kept.
  void put(std::string key, std::shared_ptr<const Answer> answer, Clock::time_point now);

  void clear();

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Answer> answer;
    Clock::time_point expires;
  };
  using Entries = std::list<Entry>;

  void erase(Entries::iterator entry);

  const std::size_t limit_;
  std::size_t bytes_ = 0;
  Entries entries_;  ///< most recently used first
  std::unordered_map<std::string_view, Entries::iterator> index_;  ///< keys view the entries'
};

}  // namespace riverd::http
