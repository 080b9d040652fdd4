#include "daemon/http/post_json.h"

#include <iterator>
#include <utility>

namespace riverd::http {

feeds::write::Kept kept(const storage::StoredPost& post) { return {post.seq, post.sources}; }

bool PostJson::append_kept(std::string& out, storage::Seq seq, storage::Seq named) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(seq);
  if (found == index_.end() || found->second->named != named) return false;
  entries_.splice(entries_.begin(), entries_, found->second);
  out += found->second->text;
  return true;
}

void PostJson::append(std::string& out, const feeds::write::PostView& post, storage::Seq named) {
  const std::size_t start = out.size();
  feeds::write::append_json(out, post);
  if (was_asked(*post.seq)) keep(*post.seq, named, out.substr(start));
}

void PostJson::append_news(std::string& out, const storage::StoredPost& post, storage::Seq named) {
  if (append_kept(out, post.seq, named)) return;
  const std::size_t start = out.size();
  const auto extra = kept(post);
  feeds::write::append_json(out, post.post, &extra);
  keep(post.seq, named, out.substr(start));
}

bool PostJson::was_asked(storage::Seq seq) {
  const std::lock_guard lock(mutex_);
  return std::exchange(asked_[static_cast<std::size_t>(seq) % kAsked], seq) == seq;
}

void PostJson::keep(storage::Seq seq, storage::Seq named, std::string text) {
  if (text.size() > limit_ / 8) return;
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(seq); found != index_.end()) {
    if (found->second->named >= named) return;
    forget(found->second);
  }
  bytes_ += text.size();
  entries_.push_front({seq, named, std::move(text)});
  index_.emplace(seq, entries_.begin());
  while (bytes_ > limit_) forget(std::prev(entries_.end()));
}

void PostJson::forget(std::list<Entry>::iterator entry) {
  bytes_ -= entry->text.size();
  index_.erase(entry->seq);
  entries_.erase(entry);
}

}  // namespace riverd::http
