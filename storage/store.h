#pragma once
/// What is kept: the one interface to it. SQLite is behind it today; nothing in it may assume one process or one machine
/// (design 2.5): due sources are handed out as leases, and who holds the lease records the poll.
///
/// Every call may block on a disk: never call one from the network thread, but for record() and the others that take a
/// callback. All calls may be made from any thread at once. Reads see the last commit and never wait for a writer.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "feeds/post.h"
#include "feeds/write/json.h"
#include "storage/pages.h"

namespace riverd::storage {

using SourceId = std::int64_t;
using Seq = std::int64_t;

enum class State : std::uint8_t { fresh, ok, failing, gone, disabled };  ///< `new` is a keyword: fresh is "new" outside
[[nodiscard]] std::string_view to_string(State state);

/// A source as the config names it: what sync_sources() is told.
struct ConfiguredSource {
  std::string name;
  std::string url;
  std::optional<std::string> title;
  bool enabled = true;
  /// Digest of all that shapes the request (url, headers, auth, user agent): sources with one key are one poll.
  std::uint64_t request_key = 0;
  std::vector<std::string> categories;  ///< as configured; for filters and listings
};

/// What is remembered of polling one URL. Loaded with a lease, changed by the daemon, written back whole with the outcome.
struct PollState {
  State state = State::fresh;
  std::string effective_url;      ///< where the next request goes: the configured URL, or a permanent redirect's target that held
  std::string redirect_target;    ///< a permanent redirect seen lately, and
  std::uint32_t redirect_seen = 0;  ///< how many polls in a row agreed on it
  std::string etag;               ///< byte for byte; empty: none was given
  std::string last_modified;      ///< byte for byte
  std::string validator_url;      ///< the URL that gave them (a temporary redirect's target, say); empty: effective_url
  std::uint64_t body_hash = 0;    ///< of the last body read whole; 0: none
  std::optional<Time> last_attempt;  ///< written by claim(), before the request
  std::optional<Time> last_poll;
  std::optional<Time> last_success;
  std::optional<Time> failing_since;
  std::optional<Time> next_poll;  ///< none: not polled any more (gone, disabled)
  std::string next_poll_reason;
  Seconds interval{0};            ///< the gap planned last
  std::optional<Time> not_before; ///< a Retry-After or the like: not even "poll now" comes earlier
  int http_status = 0;            ///< of the last answer; 0: none came
  std::string error;              ///< one sentence; empty when healthy
  std::uint32_t consecutive_failures = 0;
  std::uint64_t polls = 0;
  std::uint64_t not_modified = 0;
  std::uint64_t bytes = 0;        ///< received, as transferred
  std::string title;              ///< the feed's own
  std::string site_url;
  std::string hub;
  std::string schedule;           ///< the scheduler's state of this source, opaque, at most 1 KiB
};

/// One URL that is due, handed out to be polled by whoever holds it until `expires`.
struct Lease {
  std::uint64_t id = 0;
  Time expires;
  std::int64_t poll = 0;           ///< opaque: what is polled, the same in each lease of it
  std::vector<SourceId> sources;   ///< the sources that share this poll; never empty; the first one's state is below
  std::vector<std::string> names;  ///< theirs, in the same order
  std::string url;                 ///< as configured
  PollState state;
};

/// The posts of one poll for one source.
struct SourcePosts {
  SourceId source = 0;
  feeds::Normalised document;
  std::vector<std::string> words;  ///< of each post, by prepare(); else empty, and record() does that work
  FullText full_text = FullText::off;  ///< whether its new stories' pages are wanted
};

/// Does the part of recording that needs no database, so that the store's one writing thread is spared it. Any thread; the
/// posts must not be changed after it.
void prepare(SourcePosts& posts);

/// What came of one poll. Everything in it is committed in one transaction, or none of it.
struct PollOutcome {
  Lease lease;       ///< as claimed
  PollState state;   ///< as it is from now on
  Time at;           ///< when the poll ended: the arrival time of its new posts
  std::vector<SourcePosts> documents;  ///< empty for a 304, an unchanged body or a failure
};

struct Recorded {
  std::size_t new_posts = 0;
  std::size_t updated_posts = 0;
  std::size_t merged_posts = 0;  ///< posts that another source had already
  std::size_t wanted_pages = 0;  ///< pages that are to be fetched now
  Seq seq = 0;                   ///< the store's newest seq after the commit
};

/// A host that asked to be left alone, or to be asked slower.
struct HostState {
  std::string host;
  Time not_before;
  Seconds spacing{0};  ///< learnt gap between starts; 0: none
};

/// What became of the pages of one source's stories; all zero where it never wanted any.
struct PageCounts {
  std::uint64_t waiting = 0;   ///< wanted, not there yet
  std::uint64_t complete = 0;  ///< became articles
  std::uint64_t failed = 0;    ///< given up: their posts keep the feed's text
  std::string problem;         ///< why the last one was given up, or will be tried again; empty: the last one went well
  std::optional<Time> problem_at;
};

struct SourceView {  ///< one row of /api/v1/sources
  SourceId id = 0;
  std::int64_t poll = 0;   ///< as in Lease: sources with one request share it
  std::string name;
  std::string url;
  std::optional<std::string> title;  ///< the config's, else the feed's
  std::vector<std::string> categories;
  std::uint64_t posts = 0;
  bool configured = true;  ///< false: only its posts are left
  PollState state;
  std::optional<PageCounts> pages;  ///< none: it never wanted any
};

enum class Order : std::uint8_t { date, arrival };

/// Takes the posts of a page one by one, in its order, as they stand in the store: nothing is copied. Called inside a read
/// transaction: it must be quick, and must not call the store. What it took is void where the query fails.
class PostSink {
 public:
  PostSink() = default;
  virtual ~PostSink() = default;
  PostSink(const PostSink&) = delete;
  PostSink& operator=(const PostSink&) = delete;

  /// Called before the others. `named`: the seq at which the name of a source last changed, and with it what posts say of theirs.
  virtual void begin(Seq named) = 0;
  /// Takes the post of a change by its seq alone, where it was kept from before: true, and the post is not read. A seq never
  /// names two states of a post, but for the names of its sources.
  virtual bool take_known(Seq seq) = 0;
  /// Takes a post; the view ends with the call.
  virtual void take(const feeds::write::PostView& post) = 0;
};

struct PostQuery {
  std::vector<std::string> sources;     ///< any of them, by name
  std::vector<std::string> categories;  ///< any of them
  std::vector<std::string> tags;        ///< any of them, compared without case
  std::vector<std::string> authors;     ///< any of them, by name, compared without case
  std::string q;                        ///< full text: words, "phrases", -without, prefix*; anything is legal
  std::optional<Time> since;            ///< date (arrival where null) >= since
  std::optional<Time> until;            ///< date < until
  Order order = Order::date;
  std::optional<Seq> after;             ///< order=arrival: only changes after this seq
  std::string cursor;                   ///< a next_cursor of the same query; empty: from the start
  unsigned limit = 50;
  bool with_content = true;             ///< false: content_html stays empty (listings)
  /// Where set: the posts of the page go there, and PostPage::posts stays empty.
  PostSink* sink = nullptr;
};

struct StoredPost {
  feeds::Post post;
  std::int64_t number = 0;  ///< never changes: reader protocols need one
  Seq seq = 0;
  Time arrived;
  std::vector<feeds::write::SourceRef> sources;
};

struct PostPage {
  std::vector<StoredPost> posts;
  std::optional<std::string> next_cursor;
  Seq seq = 0;    ///< the store's newest seq as this page saw it
  Seq named = 0;  ///< the seq at which the name of a source last changed
};

struct Totals {
  std::uint64_t posts = 0;
  std::uint64_t sources = 0;   ///< configured and enabled
  std::uint64_t failing = 0;
  Seq seq = 0;
  Time changed;                ///< when seq last moved; the epoch where nothing is stored yet
};

struct Count {
  std::string name;
  std::uint64_t posts = 0;
};

/// How many posts were published a day (those without a date: arrived), for a sparkline: the last `days` days, oldest first.
struct Activity {
  SourceId source = 0;
  std::vector<std::uint32_t> per_day;
};

/// How long posts are kept. A post goes once every source that carries it has let it go.
struct Retention {
  std::optional<Seconds> keep;    ///< counted from a post's date, else its arrival; none: for ever
  std::uint64_t keep_posts = 0;   ///< at most so many, the newest, whatever else is said; 0: no bound
  std::vector<std::pair<std::string, Seconds>> sources;  ///< by name: instead of `keep` for these
};

/// How open_sqlite() opens.
struct Options {
  std::string path;                     ///< of the database file; missing folders are made
  std::size_t readers = 4;              ///< connections that read at once
  std::chrono::milliseconds query_limit{2000};   ///< a read that takes longer ends with interrupted
  std::chrono::milliseconds lock_limit{5000};    ///< how long a write waits for another process's lock, then busy
  std::size_t writer_cache = 16U << 20U;  ///< bytes of page cache of the writing connection
  std::size_t reader_cache = 4U << 20U;   ///< bytes of page cache of each reading connection
  std::chrono::milliseconds tidy_after{60'000};  ///< so long after new posts, when nothing waits, the search index is put in order
};

/// Rules of identity (design 2.3) are the store's: record() decides what is new, changed, or another source's story.
class Store : public PageStore {
 public:

  /// Makes the configured sources the ones that are polled. New ones are due within `spread` of `now`; known ones (by name,
  /// else by URL: a rename keeps its history) keep their state; removed ones keep their posts and are not polled. Gives whether
  /// they were others before.
  virtual Result<bool> sync_sources(const std::vector<ConfiguredSource>& sources, Time now, Seconds spread) = 0;

  /// Hands out up to n due sources, earliest first, each until now + lease, and writes the attempt down before it returns:
  /// a crash right after costs no second request before the lease ends.
  virtual Result<std::vector<Lease>> claim(Time now, std::size_t n, Seconds lease) = 0;

  /// As claim, for one source by name, due or not ("poll now"). Errors: not_found; busy when somebody polls it, or when
  /// its not_before forbids.
  virtual Result<Lease> claim_source(std::string_view name, Time now, Seconds lease) = 0;

  /// As claim_source, for several by name in one transaction (`update`): those of them that somebody polls, that may not be
  /// asked yet or are unknown are left out. A lease names all sources that share its URL, also ones not asked for.
  virtual Result<std::vector<Lease>> claim_sources(const std::vector<std::string>& names, Time now, Seconds lease) = 0;

  /// The wall clock jumped by `by` while we ran: moves every due time, not_before and lease with it, so that polling
  /// neither stops nor storms.
  virtual Result<void> shift_times(Seconds by) = 0;

  /// When the next source is due; nothing where none ever is.
  virtual Result<std::optional<Time>> next_due() = 0;

  /// Makes a lease that is still held last until `until`. Errors: lost when it has passed to somebody else, or its sources have
  /// changed. One that has run out is held until somebody else gets it.
  virtual Result<void> renew(const Lease& lease, Time until) = 0;

  /// Gives a lease back unused (shutdown, a host that wants to be left alone): due again at `due`.
  ///   reason  why then, for the user; empty: the one that stands goes on to hold
  virtual Result<void> release(const Lease& lease, Time due, std::string_view reason) = 0;

  /// The leases that were handed out and neither recorded nor released, run out or not: after a crash, those of the process
  /// that died. Only id, expires, sources, names, url and state.
  virtual Result<std::vector<Lease>> leases() = 0;

  /// Whether an entry is stored already as it is now: the fingerprints of a source, sorted.
  virtual Result<std::vector<feeds::Fingerprint>> fingerprints(SourceId source) = 0;

  /// Writes an outcome: posts, source state and next poll in one transaction, grouped with others that wait.
  /// `done` is called on the store's own thread after the commit, or with the reason why not (lost: as renew()); it must not
  /// block or throw.
  using Done = std::function<void(Result<Recorded>)>;
  virtual void record(PollOutcome outcome, Done done) = 0;

  /// As record(), for a caller who keeps the outcome to try again when it fails (a full disk).
  virtual void record_shared(std::shared_ptr<const PollOutcome> outcome, Done done) = 0;

  virtual Result<std::vector<HostState>> hosts() = 0;
  virtual Result<void> save_host(const HostState& host) = 0;

  /// Errors: invalid for a cursor that is not ours or not of this order; interrupted when `limit_time` passed first.
  /// order=date: next_cursor is absent at the end of the river. order=arrival: absent once everything written so far was
  /// seen; go on later with `after` = PostPage::seq (or the last post's seq).
  virtual Result<PostPage> posts(const PostQuery& query) = 0;
  virtual Result<std::optional<StoredPost>> post(std::string_view id) = 0;
  virtual Result<std::vector<SourceView>> sources() = 0;
  /// As sources(), one at a time and by name, so that a hundred thousand need no memory; `visit` returns false to stop.
  /// It runs inside a read transaction: it must be quick and must not call the store.
  virtual Result<void> each_source(const std::function<bool(SourceView&&)>& visit) = 0;
  virtual Result<std::optional<SourceView>> source(std::string_view name) = 0;
  virtual Result<Totals> totals() = 0;
  virtual Result<std::vector<Count>> tags(std::size_t most) = 0;
  virtual Result<std::vector<Count>> categories() = 0;
  virtual Result<std::vector<Activity>> activity(Time now, unsigned days) = 0;

  /// Calls back, on the store's own thread, after each commit that moved seq. One listener; set before use.
  virtual void on_change(std::function<void(Seq)> listener) = 0;

  /// Drops what retention no longer keeps; it stays known and never comes back. Works in small transactions.
  virtual Result<std::uint64_t> prune(const Retention& retention, Time now) = 0;

  /// A whole, consistent copy as of now, made while others read and write. Replaces a file at `path` only once it is complete.
  /// Errors: io, no_space, invalid when `path` is the store's own file.
  virtual Result<void> backup(const std::string& path) = 0;
  /// Gives free space back to the file system and tidies the search index. Writers wait meanwhile.
  virtual Result<void> vacuum() = 0;

  /// Answers once a trivial write and read went through: what the watchdog and /healthz rest on.
  virtual Result<void> ping() = 0;
};

/// Opens (and creates or migrates) a SQLite store. What was recorded before stays readable by every later version.
/// Errors, each a sentence that says what to do:
///   config    the file is no store of ours (another application's database, another format), or of a newer riverd
///   corrupt   the file is damaged; it is left as it is
///   io, no_space, busy   the folder or file cannot be written, or somebody holds it
/// Writes still waiting when the store is destroyed are finished first.
[[nodiscard]] Result<std::unique_ptr<Store>> open_sqlite(const Options& options);

}  // namespace riverd::storage
