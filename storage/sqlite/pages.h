#pragma once
/// Pages of stories: wanted, handed out, merged into their posts. The rows are explained in schema.cpp.

#include <memory>
#include <optional>
#include <vector>

#include "storage/pages.h"
#include "storage/sqlite/post_rows.h"

namespace riverd::storage::sqlite {

/// Whether a new story has a page of its own that could be fetched.
[[nodiscard]] bool has_page(const feeds::Post& entry);

/// Asks for the page of a post. False: it was asked for already.
bool want_page(Batch& batch, std::int64_t post, SourceId source, const feeds::Post& entry, Time at);

/// A later version of an entry whose post may have a page: what the post is to be shown as. Where title, link
/// or stated time changed, the page is asked for again, a few times in all; `wanted` says whether the source
/// still wants pages.
///   shown  the post as it is
struct Revised {
  feeds::Post post;
  bool with_article = false;  ///< the page's part is in it
  bool wanted_again = false;
};
[[nodiscard]] Revised revise(Batch& batch, const PostRow& shown, const feeds::Post& entry, bool wanted,
                             Time at);

/// An entry whose words are as before but whose stated time of change moved: asks for the page again.
bool note_update(Batch& batch, const PostRow& shown, const feeds::Post& entry, Time at);

/// Whether readers see any difference between two states of a post.
[[nodiscard]] bool look_alike(const PostRow& a, const PostRow& b);

[[nodiscard]] std::vector<PageLease> claim_pages(Batch& batch, Time now, std::size_t n, Seconds lease,
                                                 Seconds again);

/// Errors: busy when the host's lease is another one by now.
[[nodiscard]] Result<PageRecorded> record_page(Batch& batch, const PageOutcome& outcome);

[[nodiscard]] std::optional<Time> next_page_due(Database& db);
[[nodiscard]] std::uint64_t wanted_pages(Database& db, Time due);
void abandon_pages(Batch& batch, Time now);
void shift_pages(Batch& batch, Seconds by);

}  // namespace riverd::storage::sqlite
