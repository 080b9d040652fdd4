#pragma once
/// A store in memory, and a poller that does nothing: what the server's tests stand on.

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>

#include "daemon/http/engine.h"
#include "storage/store.h"

namespace riverd::tests {

class FakeStore : public storage::Store {
 public:
  /// Adds a post of a source; returns its seq. Tells the listener.
  storage::Seq add(const std::string& title, const std::string& source = "one", std::optional<Time> date = Time{Seconds{1'700'000'000}}) {
    std::function<void(storage::Seq)> listener;
    storage::Seq seq = 0;
    {
      const std::lock_guard lock(mutex_);
      storage::StoredPost post;
      seq = post.seq = ++seq_;
      post.number = seq;
      post.arrived = Time{Seconds{1'700'000'000 + seq}};
      post.post.id = "id" + std::to_string(seq);
      post.post.title = title;
      post.post.date = date;
      post.post.categories = {source == "one" ? "tech" : "art"};
      post.post.tags = {"tag-" + source};
      post.post.link = "https://example.org/" + std::to_string(seq);
      post.post.content_html = "<p>" + std::string(200, 'x') + "</p>";
      post.sources = {{source, "Source " + source, "https://example.org/" + source}};
      posts_.push_back(post);
      changed_ = post.arrived;
      listener = listener_;
    }
    if (listener) listener(seq);
    return seq;
  }

  /// Gives a post another title, as its publisher does; it keeps its arrival.
  void edit(storage::Seq seq, const std::string& title) {
    std::function<void(storage::Seq)> listener;
    storage::Seq now = 0;
    {
      const std::lock_guard lock(mutex_);
      const auto post = std::find_if(posts_.begin(), posts_.end(), [seq](const auto& each) { return each.number == seq; });
      post->post.title = title;
      now = post->seq = ++seq_;
      changed_ = Time{Seconds{1'700'000'000 + now}};
      listener = listener_;
    }
    if (listener) listener(now);
  }

  /// Gives the first source another title, as a poll may: no change number tells of it.
  void rename_source(const std::string& title) {
    const std::lock_guard lock(mutex_);
    views.front().title = title;
  }

  /// Gives a source another title in all its posts, as the store does where its feed's changes.
  void rename_in_posts(const std::string& source, const std::string& title) {
    std::function<void(storage::Seq)> listener;
    storage::Seq now = 0;
    {
      const std::lock_guard lock(mutex_);
      for (auto& post : posts_)
        if (post.sources[0].name == source) post.sources[0].title = title;
      now = named_ = ++seq_;
      listener = listener_;
    }
    if (listener) listener(now);
  }

  std::vector<storage::SourceView> views;              ///< what sources() lists
  std::function<void(const storage::PostQuery&)> on_posts;  ///< called by each query, on its thread
  std::optional<Error> posts_error;
  std::atomic<bool> ping_ok{true};
  std::atomic<int> queries{0};

  Result<storage::PostPage> posts(const storage::PostQuery& query) override {
    ++queries;
    if (on_posts) on_posts(query);
    if (posts_error) return *posts_error;
    const std::lock_guard lock(mutex_);
    std::vector<storage::StoredPost> found;
    for (const auto& post : posts_)
      if (fits(post, query)) found.push_back(post);
    const bool by_date = query.order == storage::Order::date;
    if (by_date)
      std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.post.date > b.post.date || (a.post.date == b.post.date && a.seq > b.seq); });
    std::size_t start = 0;
    if (!query.cursor.empty()) {
      if (query.cursor.front() != 'c' || query.cursor.find_first_not_of("0123456789", 1) != std::string::npos || query.cursor.size() < 2)
        return Error{Errc::invalid, "the cursor is not ours"};
      start = std::min<std::size_t>(found.size(), std::stoul(query.cursor.substr(1)));
    }
    storage::PostPage page;
    page.seq = seq_;
    page.named = named_;
    for (std::size_t i = start; i < found.size() && page.posts.size() < query.limit; ++i) page.posts.push_back(found[i]);
    if (start + page.posts.size() < found.size()) page.next_cursor = "c" + std::to_string(start + page.posts.size());
    if (query.sink != nullptr) hand_over(page.posts, named_, *query.sink);
    return page;
  }

  Result<std::optional<storage::StoredPost>> post(std::string_view id) override {
    const std::lock_guard lock(mutex_);
    for (const auto& post : posts_)
      if (post.post.id == id) return std::optional(post);
    return std::optional<storage::StoredPost>();
  }

  Result<storage::Totals> totals() override {
    const std::lock_guard lock(mutex_);
    storage::Totals out;
    out.posts = posts_.size();
    out.sources = views.size();
    out.seq = seq_;
    out.changed = changed_;
    return out;
  }

  Result<std::vector<storage::SourceView>> sources() override { return views; }
  Result<void> each_source(const std::function<bool(storage::SourceView&&)>& visit) override {
    std::vector<storage::SourceView> listed;
    {
      const std::lock_guard lock(mutex_);
      listed = views;
    }
    for (auto& view : listed)
      if (!visit(std::move(view))) break;
    return {};
  }
  Result<std::optional<storage::SourceView>> source(std::string_view name) override {
    for (const auto& view : views)
      if (view.name == name) return std::optional(view);
    return std::optional<storage::SourceView>();
  }
  void on_change(std::function<void(storage::Seq)> listener) override {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
  }
  Result<void> ping() override {
    if (!ping_ok) return Error{Errc::no_space, "write to the store: the disk is full"};
    return {};
  }

  Result<bool> sync_sources(const std::vector<storage::ConfiguredSource>&, Time, Seconds) override { return false; }
  Result<std::vector<storage::Lease>> claim(Time, std::size_t, Seconds) override { return std::vector<storage::Lease>(); }
  Result<storage::Lease> claim_source(std::string_view, Time, Seconds) override { return Error{Errc::not_found, "none"}; }
  Result<std::vector<storage::Lease>> claim_sources(const std::vector<std::string>&, Time, Seconds) override { return std::vector<storage::Lease>(); }
  Result<void> shift_times(Seconds) override { return {}; }
  Result<std::optional<Time>> next_due() override { return std::optional<Time>(); }
  Result<void> renew(const storage::Lease&, Time) override { return {}; }
  Result<void> release(const storage::Lease&, Time, std::string_view) override { return {}; }
  Result<std::vector<storage::Lease>> leases() override { return std::vector<storage::Lease>(); }
  Result<std::vector<feeds::Fingerprint>> fingerprints(storage::SourceId) override { return std::vector<feeds::Fingerprint>(); }
  void record(storage::PollOutcome, Done done) override { done(storage::Recorded{}); }
  void record_shared(std::shared_ptr<const storage::PollOutcome>, Done done) override { done(storage::Recorded{}); }
  Result<std::vector<storage::HostState>> hosts() override { return std::vector<storage::HostState>(); }
  Result<void> save_host(const storage::HostState&) override { return {}; }
  Result<std::vector<storage::Count>> tags(std::size_t) override { return std::vector<storage::Count>(); }
  Result<std::vector<storage::Count>> categories() override { return std::vector<storage::Count>(); }
  Result<std::vector<storage::Activity>> activity(Time, unsigned) override { return std::vector<storage::Activity>(); }
  Result<std::uint64_t> prune(const storage::Retention&, Time) override { return std::uint64_t{0}; }
  Result<void> backup(const std::string&) override { return {}; }
  Result<void> vacuum() override { return {}; }
  Result<std::vector<storage::PageLease>> claim_pages(Time, std::size_t, Seconds, Seconds) override { return std::vector<storage::PageLease>(); }
  void record_page(std::shared_ptr<const storage::PageOutcome>, PageDone done) override { done(storage::PageRecorded{}); }
  Result<std::optional<Time>> next_page_due() override { return std::optional<Time>(); }
  Result<std::uint64_t> wanted_pages(Time) override { return std::uint64_t{0}; }
  Result<void> abandon_pages(Time) override { return {}; }

 private:
  static void hand_over(std::vector<storage::StoredPost>& posts, storage::Seq named, storage::PostSink& sink) {
    sink.begin(named);
    for (const auto& post : posts) {
      const feeds::write::Kept kept{post.seq, post.sources};
      if (!sink.take_known(post.seq)) sink.take(feeds::write::view_of(post.post, &kept));
    }
    posts.clear();
  }
  static bool any(const std::vector<std::string>& wanted, const std::vector<std::string>& has) {
    return wanted.empty() || std::any_of(has.begin(), has.end(), [&](const auto& each) { return std::find(wanted.begin(), wanted.end(), each) != wanted.end(); });
  }
  static bool fits(const storage::StoredPost& post, const storage::PostQuery& query) {
    return any(query.sources, {post.sources[0].name}) && any(query.categories, post.post.categories) && any(query.tags, post.post.tags) &&
           (query.q.empty() || post.post.title.find(query.q) != std::string::npos) && (!query.after || post.seq > *query.after) &&
           (!query.since || post.post.date >= *query.since) && (!query.until || post.post.date < *query.until);
  }

  std::mutex mutex_;
  std::vector<storage::StoredPost> posts_;
  storage::Seq seq_ = 0;
  storage::Seq named_ = 0;
  Time changed_{};
  std::function<void(storage::Seq)> listener_;
};

class FakeEngine : public http::Engine {
 public:
  Result<void> poll_now(std::string_view source) override {
    if (source == "busy") return Error{Errc::busy, "busy is being polled already"};
    if (source != "one") return Error{Errc::not_found, "there is no source of this name"};
    ++polled;
    return {};
  }
  [[nodiscard]] http::PollHealth health() const override {
    http::PollHealth out;
    out.ok = ok;
    if (!ok) out.detail = "polling is paused";
    return out;
  }
  [[nodiscard]] http::PollStats stats() const override {
    http::PollStats out;
    out.polls = 7;
    return out;
  }

  std::atomic<int> polled{0};
  std::atomic<bool> ok{true};
};

}  // namespace riverd::tests
