#pragma once
/// Pages of stories: what `full_text` asks for. A post whose source wants its page has one wanted page; it is
/// fetched at most three times, kept over restarts, and ends as the post's article or as given up.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "feeds/content/article.h"
#include "feeds/post.h"

namespace riverd::storage {

/// What a source's config asks for its new stories.
enum class FullText : std::uint8_t {
  off,
  on,    ///< the post is there at once and is changed when its article comes
  wait,  ///< no reader sees the post before its article is there, or was given up
};

/// Requests for one page that fail before it is given up.
inline constexpr std::uint32_t kPageTries = 3;

/// One page, handed out to be fetched. While it is held nobody gets another page of its host.
struct PageLease {
  std::uint64_t id = 0;
  Time expires;
  std::int64_t page = 0;    ///< opaque: the post's number, or that of one that is held back
  std::int64_t source = 0;  ///< that wanted it
  std::string name;         ///< its name; empty when it is not configured (or not enabled) any more
  std::string url;
  std::string host;         ///< page_host() of the URL
  std::uint32_t tries = 0;  ///< this one included
  std::uint32_t waits = 0;  ///< how often it was put off by its server
  feeds::Post post;         ///< as it is now, without an id's identity
};

/// What came of one page.
struct PageOutcome {
  enum class End : std::uint8_t {
    article,   ///< `article` is merged into the post
    given_up,  ///< the post stays as it is; `problem` says why
    failed,    ///< a try that failed: again at `next`, or given up after the last
    put_off,   ///< not its fault (its host asked for patience): again at `next`; counts as a wait, not as a
               ///< try
    unused,    ///< nothing was asked: again at `next`, counts as nothing
    excluded,  ///< the source's rules leave the story out: it is removed, and stays known
    dropped,   ///< nobody wants the page any more: as given up, but no failure
  };
  PageLease lease;
  End end = End::unused;
  Time at;         ///< when it ended
  Time next;       ///< when this page may be asked again
  Time host_free;  ///< when any page of this host may be asked again
  std::optional<feeds::content::Article> article;
  std::string problem;  ///< one sentence; empty: none
};

struct PageRecorded {
  bool changed = false;   ///< a post appeared or changed: seq has moved
  bool given_up = false;  ///< no more tries
};

/// The pages' part of Store.
class PageStore {
 public:
  virtual ~PageStore() = default;

  /// Hands out up to n pages whose time has come, of n different hosts, each until now + lease. The try is
  /// written down before it returns: when nothing is recorded, the page is due again at now + again at the
  /// earliest, one try less left.
  virtual Result<std::vector<PageLease>> claim_pages(Time now, std::size_t n, Seconds lease,
                                                     Seconds again) = 0;

  /// Writes an outcome, grouped with others that wait. `done` is called on the store's own thread after the
  /// commit, or with the reason why not (lost: the lease has passed to somebody else); it must not block or
  /// throw.
  using PageDone = std::function<void(Result<PageRecorded>)>;
  virtual void record_page(std::shared_ptr<const PageOutcome> outcome, PageDone done) = 0;

  /// When the next page may be handed out; nothing where none is wanted.
  virtual Result<std::optional<Time>> next_page_due() = 0;

  /// How many pages are wanted that are due by then, those handed out included.
  virtual Result<std::uint64_t> wanted_pages(Time due) = 0;

  /// Ends the leases of a process that died: their hosts may be asked again from `now` on, the pages as
  /// planned.
  virtual Result<void> abandon_pages(Time now) = 0;
};

/// The host of an http(s) URL as pages are queued by: in lower case, with the port where it is not the
/// scheme's own.
[[nodiscard]] std::string page_host(std::string_view url);

}  // namespace riverd::storage
