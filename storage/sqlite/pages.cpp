#include "storage/sqlite/pages.h"

#include <algorithm>
#include <string>

#include "feeds/content/url.h"
#include "storage/fold.h"
#include "storage/sqlite/held.h"
#include "storage/sqlite/page_parts.h"
#include "storage/sqlite/page_rows.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kWant =
    "INSERT OR IGNORE INTO page(post, source, host, url, due) VALUES (?, ?, ?, ?, ?)";
constexpr const char* kCountedSource = "INSERT OR IGNORE INTO page_count(source) VALUES (?)";
constexpr const char* kWantHost =
    "INSERT INTO page_host(host, due) VALUES (?1, ?2) ON CONFLICT(host) DO UPDATE SET "
    "due = CASE WHEN lease IS NOT NULL THEN due ELSE max(free, min(coalesce(due, ?2), ?2)) END";
constexpr const char* kWantAgain =
    "UPDATE page SET url = ?2, host = ?3, due = ?4, tries = 0, waits = 0, rounds = rounds + 1 WHERE post = "
    "?1";
constexpr const char* kNewEntry = "UPDATE page SET entry = ?2 WHERE post = ?1";
constexpr const char* kDueHosts = "SELECT host, free FROM page_host WHERE due <= ? ORDER BY due LIMIT ?";
constexpr const char* kFirstPage =
    "SELECT post, due, tries FROM page WHERE host = ? AND due IS NOT NULL ORDER BY due LIMIT 1";
constexpr const char* kLeasePage = "UPDATE page SET tries = tries + 1, due = ? WHERE post = ?";
constexpr const char* kLeaseHost = "UPDATE page_host SET lease = ?, due = ? WHERE host = ?";
constexpr const char* kForgetIdle = "DELETE FROM page_host WHERE due IS NULL AND free < ?";
constexpr const char* kSourceName = "SELECT name FROM source WHERE id = ? AND configured AND enabled";
constexpr const char* kNextDue = "SELECT due FROM page_host WHERE due IS NOT NULL ORDER BY due LIMIT 1";
constexpr const char* kWanted = "SELECT count(*) FROM page WHERE due IS NOT NULL AND due <= ?";
constexpr const char* kAbandon =
    "UPDATE page_host SET lease = NULL, free = ?1, due = max(?1, coalesce((SELECT min(due) FROM page "
    "WHERE page.host = page_host.host AND due IS NOT NULL), ?1)) WHERE lease IS NOT NULL";
constexpr const char* kShiftPages = "UPDATE page SET due = due + ? WHERE due IS NOT NULL";
constexpr const char* kShiftHosts = "UPDATE page_host SET due = due + ?1, free = free + ?1";

constexpr std::int64_t kMostRounds =
    5;                              // times a story's page is wanted in all, however often its entry changes
constexpr Seconds kSameMoment{60};  // a stated change closer than this to the last one is the same

bool is_home(std::string_view url) {
  const auto path = url.find('/', std::min(url.find("://") + 3, url.size()));
  return path == std::string_view::npos || url.find_first_not_of("/?#", path) == std::string_view::npos;
}

bool later(const std::optional<Time>& before, const std::optional<Time>& now) {
  return now && (!before || *now >= *before + kSameMoment);
}

void want_again(Batch& batch, const PageRow& page, const std::string& url, Time at) {
  const std::string host = page_host(url);
  Query(batch.db, kWantAgain, page.post, url, host, at).run();
  Query(batch.db, kWantHost, host, at).run();
}

/// Whether the entry of a page says something that makes its page worth another look.
bool changed_much(const PageRow& page, const PageParts& before, const feeds::Post& entry) {
  if (page.rounds >= kMostRounds || !has_page(entry)) return false;
  if (feeds::content::canonical_link(*entry.link) != feeds::content::canonical_link(page.url)) return true;
  if (fold_case(entry.title) != fold_case(before.title)) return true;
  return later(before.updated, entry.updated);
}

std::optional<PageLease> hand_out(Batch& batch, const std::string& host, std::int64_t post, Time now,
                                  Seconds length, Seconds again) {
  auto page = read_page_row(batch.db, post);
  if (!page) return std::nullopt;
  auto row = read_any_row(batch.db, post);
  PageLease lease;
  lease.id = batch.next_lease();
  lease.expires = now + length;
  lease.page = post;
  lease.source = page->source;
  lease.url = std::move(page->url);
  lease.host = host;
  lease.tries = static_cast<std::uint32_t>(page->tries + 1);
  lease.waits = static_cast<std::uint32_t>(page->waits);
  if (row) lease.post = std::move(row->post);
  {
    Query name(batch.db, kSourceName, page->source);
    if (name.step()) lease.name = name.string(0);
  }
  Query(batch.db, kLeasePage, now + again, post).run();
  Query(batch.db, kLeaseHost, static_cast<std::int64_t>(lease.id), lease.expires, host).run();
  return lease;
}

}  // namespace

bool has_page(const feeds::Post& entry) {
  return entry.link && !entry.identity.link_shared && !page_host(*entry.link).empty() &&
         !is_home(*entry.link);
}

bool want_page(Batch& batch, std::int64_t post, SourceId source, const feeds::Post& entry, Time at) {
  const std::string host = page_host(*entry.link);
  Query(batch.db, kWant, post, source, host, *entry.link, at).run();
  if (batch.db.changes() == 0) return false;
  Query(batch.db, kWantHost, host, at).run();
  Query(batch.db, kCountedSource, source).run();
  return true;
}

Revised revise(Batch& batch, const PostRow& shown, const feeds::Post& entry, bool wanted, Time at) {
  Revised out{.post = entry};
  const auto page = read_page_row(batch.db, shown.number);
  if (!page) return out;
  const PageParts before = page->article ? decode_parts(page->entry) : parts_of(shown.post);
  if (wanted && changed_much(*page, before, entry)) {
    want_again(batch, *page, *entry.link, at);
    out.wanted_again = true;
  }
  if (!page->article) return out;
  out.with_article = true;
  Query(batch.db, kNewEntry, page->post, Blob{encode(parts_of(entry))}).run();
  const std::string content =
      page->has_content ? shown.post.content_html.value_or(std::string()) : std::string();
  out.post = feeds::merge_article(entry, article_of(decode_parts(*page->article), content));
  return out;
}

bool note_update(Batch& batch, const PostRow& shown, const feeds::Post& entry, Time at) {
  const auto page = read_page_row(batch.db, shown.number);
  if (!page) return false;
  PageParts before = page->article ? decode_parts(page->entry) : parts_of(shown.post);
  if (!later(before.updated, entry.updated) || !changed_much(*page, before, entry)) return false;
  if (page->article) {
    before.updated = entry.updated;
    Query(batch.db, kNewEntry, page->post, Blob{encode(before)}).run();
  }
  want_again(batch, *page, *entry.link, at);
  return true;
}

std::vector<PageLease> claim_pages(Batch& batch, Time now, std::size_t n, Seconds length, Seconds again) {
  Query(batch.db, kForgetIdle, now).run();
  struct Host {
    std::string name;
    Time free;
  };
  std::vector<Host> hosts;
  {
    Query due(batch.db, kDueHosts, now, static_cast<std::int64_t>(n));
    while (due.step()) hosts.push_back({due.string(0), due.time(1).value_or(Time())});
  }
  std::vector<PageLease> leases;
  for (const auto& host : hosts) {
    std::optional<std::int64_t> post;
    std::optional<Time> page_due;
    std::int64_t tries = 0;
    {
      Query first(batch.db, kFirstPage, host.name);
      if (first.step()) {
        post = first.integer(0);
        page_due = first.time(1);
        tries = first.integer(2);
      }
    }
    if (post && *page_due <= now && tries >= std::int64_t{kPageTries}) {
      give_up_page(batch, *post, "riverd ended before the page was read, " + std::to_string(tries) + " times",
                   now);
      plan_page_host(batch, host.name, std::max(host.free, now));
    } else if (!post || *page_due > now) {
      plan_page_host(batch, host.name, host.free);
    } else if (auto lease = hand_out(batch, host.name, *post, now, length, again)) {
      leases.push_back(std::move(*lease));
    }
  }
  return leases;
}

std::optional<Time> next_page_due(Database& db) {
  Query query(db, kNextDue);
  if (!query.step()) return std::nullopt;
  return query.time(0);
}

std::uint64_t wanted_pages(Database& db, Time due) {
  Query query(db, kWanted, due);
  return query.step() ? static_cast<std::uint64_t>(query.integer(0)) : 0;
}

void abandon_pages(Batch& batch, Time now) {
  Query(batch.db, kAbandon, now).run();
}

void shift_pages(Batch& batch, Seconds by) {
  Query(batch.db, kShiftPages, static_cast<std::int64_t>(by.count())).run();
  Query(batch.db, kShiftHosts, static_cast<std::int64_t>(by.count())).run();
}

}  // namespace riverd::storage::sqlite
