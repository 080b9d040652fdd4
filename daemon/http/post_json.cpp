#include "daemon/http/post_json.h"

namespace riverd::http {

feeds::write::Kept kept(const storage::StoredPost& post) { return {post.seq, post.sources}; }

std::optional<std::string> PostJson::find(storage::Seq seq) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(seq);
  if (found == index_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->text;
}

void PostJson::append(std::string& out, storage::StoredPost& post) {
  if (const auto kept = find(post.seq)) {
    out += *kept;
    return;
  }
  if (!post.post.content) post.post.content = feeds::markdown(post.post);
  const std::size_t start = out.size();
  const auto extra = kept(post);
  feeds::write::append_json(out, post.post, &extra);
  if (out.size() - start > limit_ / 8) return;
  std::string text(out, start);

  const std::lock_guard lock(mutex_);
  if (index_.contains(post.seq)) return;
  bytes_ += text.size();
  entries_.push_front({post.seq, std::move(text)});
  index_.emplace(post.seq, entries_.begin());
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
