#pragma once
/// Stored posts as JSON, each change serialised once: lists, filters, feeds of events share the text.

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/store.h"

namespace riverd::http {

/// What an HTTP answer adds to a post: its seq and sources.
[[nodiscard]] feeds::write::Kept kept(const storage::StoredPost& post);

/// Keeps the text of the changes asked for lately, by seq, which never names two texts but where a source got another name:
/// `named` is the seq at which that last happened, as who asks sees it. Calls may come from any thread.
class PostJson {
 public:
  explicit PostJson(std::size_t limit) : limit_(limit), asked_(kAsked) {}

  /// Appends the text of a change, where it is kept; false where not.
  bool append_kept(std::string& out, storage::Seq seq, storage::Seq named);

  /// Appends a stored post as JSON. Kept once it was asked for twice lately: a walk through a large river would push out
  /// what is asked for all the time, and pay a copy of each post for it.
  void append(std::string& out, const feeds::write::PostView& post, storage::Seq named);

  /// Appends a post that others will want, too: kept at once.
  void append_news(std::string& out, const storage::StoredPost& post, storage::Seq named);


 private:
  struct Entry {
    storage::Seq seq;
    storage::Seq named;
    std::string text;
  };
  static constexpr std::size_t kAsked = 8192;

  /// Whether it was asked for before, as far as is remembered; from now on it was.
  bool was_asked(storage::Seq seq);
  void keep(storage::Seq seq, storage::Seq named, std::string text);
  void forget(std::list<Entry>::iterator entry);

  const std::size_t limit_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  ///< newest first
  std::unordered_map<storage::Seq, std::list<Entry>::iterator> index_;
  std::vector<storage::Seq> asked_;  ///< each at its remainder; a later one takes its place
};

}  // namespace riverd::http
