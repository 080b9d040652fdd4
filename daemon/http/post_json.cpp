#include "daemon/http/post_json.h"

#include <utility>

namespace riverd::http {

feeds::write::Kept kept(const storage::StoredPost& post) { return {post.seq, post.sources}; }

bool PostJson::append_kept(std::string& out, storage::Seq seq) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(seq);
  if (found == index_.end()) return false;
  entries_.splice(entries_.begin(), entries_, found->second);
  out += found->second->text;
  return true;
}

void PostJson::append(std::string& out, const feeds::write::PostView& post) {
  const std::size_t start = out.size();
  feeds::write::append_json(out, post);
  if (was_asked(*post.seq)) keep(*post.seq, out.substr(start));
}

void PostJson::append_news(std::string& out, const storage::StoredPost& post) {
  if (append_kept(out, post.seq)) return;
  const std::size_t start = out.size();
  const auto extra = kept(post);
  feeds::write::append_json(out, post.post, &extra);
  keep(post.seq, out.substr(start));
}

bool PostJson::was_asked(storage::Seq seq) {
  const std::lock_guard lock(mutex_);
  return std::exchange(asked_[static_cast<std::size_t>(seq) % kAsked], seq) == seq;
}

void PostJson::keep(storage::Seq seq, std::string text) {
  if (text.size() > limit_ / 8) return;
  const std::lock_guard lock(mutex_);
  if (index_.contains(seq)) return;
  bytes_ += text.size();
  entries_.push_front({seq, std::move(text)});
  index_.emplace(seq, entries_.begin());
  while (bytes_ > limit_) {
    bytes_ -= entries_.back().text.size();
    index_.erase(entries_.back().seq);
    entries_.pop_back();
  }
}

void PostJson::clear() {
  const std::lock_guard lock(mutex_);
  index_.clear();
  entries_.clear();
  bytes_ = 0;
}

}  // namespace riverd::http
