#include <string>

#include "storage/digest.h"
#include "storage/sqlite/dates.h"
#include "storage/sqlite/held.h"
#include "storage/sqlite/identity.h"
#include "storage/sqlite/page_parts.h"
#include "storage/sqlite/page_rows.h"
#include "storage/sqlite/pages.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kPage =
    "SELECT source, url, tries, waits, rounds, has_content, entry, article FROM page WHERE post = ?";
constexpr const char* kHeld = "SELECT 1 FROM page_host WHERE host = ? AND lease = ?";
constexpr const char* kAgain = "UPDATE page SET due = ?2, tries = ?3, waits = ?4 WHERE post = ?1";
constexpr const char* kDone = "UPDATE page SET due = NULL WHERE post = ?";
constexpr const char* kArticle =
    "UPDATE page SET due = NULL, has_content = ?2, entry = ?3, article = ?4 WHERE post = ?1";
constexpr const char* kEarliest =
    "SELECT due FROM page WHERE host = ? AND due IS NOT NULL ORDER BY due LIMIT 1";
constexpr const char* kFree =
    "UPDATE page_host SET lease = NULL, free = ?2, due = CASE WHEN ?3 IS NULL THEN NULL ELSE max(?2, ?3) END "
    "WHERE host = ?1";
constexpr const char* kComplete =
    "UPDATE page_count SET complete = complete + 1, problem = '', problem_at = NULL WHERE source = ?";
constexpr const char* kFailed =
    "UPDATE page_count SET failed = failed + 1, problem = ?2, problem_at = ?3 WHERE source = ?1";
constexpr const char* kProblem = "UPDATE page_count SET problem = ?2, problem_at = ?3 WHERE source = ?1";
constexpr const char* kRemember = "INSERT INTO removed(number, id, title, date) VALUES (?, ?, ?, ?)";

constexpr std::size_t kLongestProblem = 500;

std::string cut(std::string_view problem) {
  return std::string(problem.substr(0, kLongestProblem));
}

/// One outcome, of a page that is still wanted as it was handed out.
class Recorder {
 public:
  Recorder(Batch& batch, const PageOutcome& outcome, PageRow page)
      : batch_(batch), outcome_(outcome), page_(std::move(page)), number_(outcome.lease.page) {}

  PageRecorded run() {
    using End = PageOutcome::End;
    switch (outcome_.end) {
      case End::article:
        complete();
        break;
      case End::given_up:
        give_up(outcome_.problem);
        break;
      case End::dropped:
        give_up({});
        break;
      case End::excluded:
        exclude();
        break;
      case End::failed:
        if (page_.tries >= std::int64_t{kPageTries}) {
          give_up(outcome_.problem);
        } else {
          again(page_.tries, page_.waits);
        }
        break;
      case End::put_off:
        again(page_.tries - 1, page_.waits + 1);
        break;
      case End::unused:
        again(page_.tries - 1, page_.waits);
        break;
    }
    return done_;
  }

 private:
  void again(std::int64_t tries, std::int64_t waits) {
    Query(batch_.db, kAgain, number_, outcome_.next, std::max<std::int64_t>(tries, 0), waits).run();
    if (!outcome_.problem.empty())
      Query(batch_.db, kProblem, page_.source, cut(outcome_.problem), outcome_.at).run();
  }

  void give_up(const std::string& problem) {
    done_.changed = is_held(number_);
    done_.given_up = true;
    give_up_page(batch_, number_, problem, outcome_.at);
  }

  void complete() {
    auto before = read_any_row(batch_.db, number_);
    if (!before || !outcome_.article) return give_up({});
    PostRow now = *before;
    const PageParts entry = page_.article ? decode_parts(page_.entry) : parts_of(now.post);
    restore(now.post, entry);
    const auto own_content = now.post.content_html;
    now.post = feeds::merge_article(std::move(now.post), *outcome_.article);
    const bool has_content = page_.has_content || now.post.content_html != own_content;
    now.post.date = before->post.date ? before->post.date : believable(now.post.date, outcome_.at);  // the first one stays
    now.post.updated = believable(now.post.updated, outcome_.at);
    Query(batch_.db, kArticle, number_, std::int64_t{has_content}, Blob{encode(entry)},
          Blob{encode(parts_of(*outcome_.article))})
        .run();
    count(has_content);
    show(*before, std::move(now));
  }

  /// An article whose text could not be used is a failure that people should hear of.
  void count(bool has_content) {
    if (has_content && outcome_.problem.empty()) {
      Query(batch_.db, kComplete, page_.source).run();
    } else {
      done_.given_up = true;
      const std::string why = outcome_.problem.empty()
                                  ? "the page shows less than the feed does: " + outcome_.lease.url
                                  : outcome_.problem;
      Query(batch_.db, kFailed, page_.source, cut(why), outcome_.at).run();
    }
  }

  void show(const PostRow& before, PostRow now) {
    if (is_held(number_)) {
      done_.changed = true;
      release_held(batch_, std::move(now), outcome_.at);
      return;
    }
    if (now.post.date != before.post.date) now.pos = free_pos(batch_.db, *now.post.date);
    if (look_alike(before, now)) return;
    done_.changed = true;
    now.seq = batch_.next_seq(outcome_.at);
    replace_row(batch_, before, now);
  }

  void exclude() {
    const auto row = read_any_row(batch_.db, number_);
    if (!row) return give_up({});
    Query(batch_.db, kRemember, number_, row->post.id, title_digest(row->post.title), row->post.date).run();
    if (is_held(number_)) {
      erase_held(batch_, number_);
    } else {
      erase_row(batch_, *row);
      batch_.touch(outcome_.at);
      done_.changed = true;
    }
  }

  Batch& batch_;
  const PageOutcome& outcome_;
  const PageRow page_;
  const std::int64_t number_;
  PageRecorded done_;
};

}  // namespace

std::optional<PageRow> read_page_row(Database& db, std::int64_t post) {
  Query q(db, kPage, post);
  if (!q.step()) return std::nullopt;
  return PageRow{post,         q.integer(0),      q.string(1), q.integer(2),        q.integer(3),
                 q.integer(4), q.integer(5) != 0, q.string(6), q.optional_string(7)};
}

void give_up_page(Batch& batch, std::int64_t post, std::string_view problem, Time at) {
  const auto page = read_page_row(batch.db, post);
  if (!page) return;
  Query(batch.db, kDone, post).run();
  if (!problem.empty()) Query(batch.db, kFailed, page->source, cut(problem), at).run();
  if (!is_held(post)) return;
  if (auto row = read_any_row(batch.db, post)) release_held(batch, std::move(*row), at);
}

void plan_page_host(Batch& batch, const std::string& host, Time free) {
  std::optional<Time> due;
  {
    Query earliest(batch.db, kEarliest, host);
    if (earliest.step()) due = earliest.time(0);
  }
  Query(batch.db, kFree, host, free, due).run();
}

bool look_alike(const PostRow& a, const PostRow& b) {
  const auto digest = [](const PostRow& row) {
    feeds::Post post = row.post;
    post.identity = {};
    return visible_digest(post);
  };
  return a.pos == b.pos && a.source == b.source && a.carriers == b.carriers &&
         a.post.updated == b.post.updated && digest(a) == digest(b);
}

Result<PageRecorded> record_page(Batch& batch, const PageOutcome& outcome) {
  const PageLease& lease = outcome.lease;
  if (!Query(batch.db, kHeld, lease.host, static_cast<std::int64_t>(lease.id)).step()) {
    return Error(Errc::lost, "record the page " + lease.url + ": its lease has ended");
  }
  PageRecorded recorded;
  auto page = read_page_row(batch.db, lease.page);
  // A page that is gone was removed with its post; another URL, or fewer tries, is wanted since its entry
  // changed.
  const bool as_it_was = page && page->url == lease.url && page->tries == std::int64_t{lease.tries};
  if (as_it_was) recorded = Recorder(batch, outcome, std::move(*page)).run();
  plan_page_host(batch, lease.host, outcome.host_free);
  return recorded;
}

}  // namespace riverd::storage::sqlite
