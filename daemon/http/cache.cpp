#include "daemon/http/cache.h"

#include <algorithm>

namespace riverd::http {
namespace {

using namespace std::chrono_literals;

/// Even what depends on seq alone is made anew now and then: retention and clean-ups need not move seq.
AnswerCache::Clock::duration lifetime(Keep keep) {
  switch (keep) {
    case Keep::second: return 1s;
    case Keep::until_change: return 60s;
    case Keep::until_reload: return 24h;
    case Keep::none: break;
  }
  return 0s;
}

}  // namespace

const std::shared_ptr<const Answer>* AnswerCache::find(std::string_view key, std::int64_t seq, Clock::time_point now) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  const auto entry = found->second;
  const bool stale = entry->answer->keep != Keep::until_reload && entry->answer->seq < seq;
  if (stale || entry->expires <= now) {
    erase(entry);
    return nullptr;
  }
  if (entry != entries_.begin()) entries_.splice(entries_.begin(), entries_, entry);
  return &entry->answer;
}

void AnswerCache::put(std::string key, std::shared_ptr<const Answer> answer, Clock::time_point now) {
  if (answer->keep == Keep::none || answer->status != 200) return;
  const std::size_t size = answer->bytes() + key.size();
  if (size > limit_ / 4) return;
  if (const auto old = index_.find(key); old != index_.end()) erase(old->second);
  // One that states an early Last-Modified is made anew once its second is over, so that clients' copies become current.
  const auto expires = now + (answer->provisional ? std::min<Clock::duration>(lifetime(answer->keep), 1s) : lifetime(answer->keep));
  entries_.push_front({std::move(key), std::move(answer), expires});
  index_.emplace(entries_.front().key, entries_.begin());
  bytes_ += size;
  while (bytes_ > limit_) erase(std::prev(entries_.end()));
}

void AnswerCache::erase(Entries::iterator entry) {
  bytes_ -= entry->answer->bytes() + entry->key.size();
  index_.erase(entry->key);
  entries_.erase(entry);
}

void AnswerCache::clear() {
  index_.clear();
  entries_.clear();
  bytes_ = 0;
}

}  // namespace riverd::http
