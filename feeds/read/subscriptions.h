#pragma once
/// What the readers of subscription lists share. Internal to feeds/read.

#include <string>
#include <unordered_map>

#include "feeds/read/opml.h"

namespace riverd::feeds::read {

/// Gathers a list: URLs checked, repeats joined, warnings bounded.
class SubscriptionCollector {
 public:
  void title(std::string title) { list_.title = std::move(title); }

  /// Adds a subscription under a URL as the list wrote it.
  void add(std::string url, Subscription subscription);

  void warn(std::string message);
  [[nodiscard]] SubscriptionList take() && { return std::move(list_); }
  [[nodiscard]] bool empty() const { return list_.subscriptions.empty(); }

 private:
  SubscriptionList list_;
  std::unordered_map<std::string, std::size_t> by_url_;
};

}  // namespace riverd::feeds::read
