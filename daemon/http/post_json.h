#pragma once
/// Stored posts as JSON, each change serialised once: lists, filters, feeds of events share the text.

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "storage/store.h"

namespace riverd::http {

/// What an HTTP answer adds to a post: its seq and sources.
[[nodiscard]] feeds::write::Kept kept(const storage::StoredPost& post);

/// Keeps the text of the changes asked for lately, by seq, which never names two texts. Calls may come from any thread.
class PostJson {
 public:
  explicit PostJson(std::size_t limit) : limit_(limit) {}

  /// The text of a change, where it is kept.
  [[nodiscard]] std::optional<std::string> find(storage::Seq seq);

  /// Appends the post as JSON. Its Markdown is derived here.
  void append(std::string& out, storage::StoredPost& post);

  /// Forgets everything: what is outside of seq (a source's title, say) may have changed.
  void clear();

 private:
  struct Entry {
    storage::Seq seq;
    std::string text;
  };

  const std::size_t limit_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  ///< newest first
  std::unordered_map<storage::Seq, std::list<Entry>::iterator> index_;
};

}  // namespace riverd::http
