#pragma once
/// Since when a target has shown what it shows, for answers that nobody can date: the state of a source moves without a
/// change number, a page says "5 min ago" and "today". Who has seen every answer knows when it was another one last.

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"

namespace riverd::http {

/// All calls may be made from any thread at once.
class Witness {
 public:
  ///   most   targets remembered; beyond, the one not asked for longest is forgotten and its next answer counts as changed
  explicit Witness(std::size_t most) : most_(most) {}
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  /// An answer is about to be given.
  ///   target   path and query as sent; whoever asks: what differs from one client to another then counts as a change
  ///   tag      a digest of the answer's content, whatever its encoding
  ///   now      when; one that is earlier than another call's counts as that one
  /// Returns the second of the first of the answers that had this tag without another one between: what a client got from
  /// this target in a later second is what it would get now. In that second itself it may have got another one before.
  [[nodiscard]] Time saw(std::string_view target, std::string_view tag, Time now);

 private:
  struct Sight {
    std::uint64_t target;  ///< its digest: two that share one seem to change each other, which costs them a 304
    std::string tag;
    Time since;
  };
  using Sights = std::list<Sight>;

  const std::size_t most_;
  std::mutex mutex_;
  Time latest_{};
  Sights sights_;  ///< the last one asked for first
  std::unordered_map<std::uint64_t, Sights::iterator> index_;
};

}  // namespace riverd::http
