#pragma once
/// Rows of the post table: written, replaced, removed, with every index that follows them.

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/sqlite/batch.h"
#include "storage/sqlite/codec.h"
#include "storage/sqlite/sources.h"
#include "storage/sqlite/word_matcher.h"
#include "storage/store.h"

namespace riverd::storage::sqlite {

/// The columns of post (and of held) in the order read_columns() takes them; for SELECT lists.
#define RIVERD_POST_COLUMNS                                                                                            \
  "number, id, pos, seq, arrived, date, updated, source, digest, indexed, title, link, guid, thumbnail, language, "    \
  "tags, categories, authors, enclosures, carriers, summary"

/// A row, whole. `post` holds the first carrier's version: what the others add is in `carriers`.
struct PostRow {
  std::int64_t number = 0;
  std::int64_t pos = 0;
  Seq seq = 0;
  Time arrived;
  SourceId source = 0;
  std::int64_t digest = 0;
  std::int64_t indexed = 0;  ///< digest_of_words() of what the search index holds
  std::vector<Carrier> carriers;
  feeds::Post post;
};

/// The digest of what a reader sees of an entry. Left out: guid, `updated` and the parts of a link that canonical links
/// drop, which some publishers renew at every request; they change with the next visible change. The first `date` stays.
[[nodiscard]] std::int64_t visible_digest(const feeds::Post& post);

[[nodiscard]] std::optional<PostRow> read_row(Database& db, std::int64_t number);

/// A row of a statement that selects RIVERD_POST_COLUMNS and content_html.
[[nodiscard]] PostRow read_columns(const Query& query);
/// Binds all columns but number and id, in the order of RIVERD_POST_COLUMNS, then content_html. The row must outlive the query.
void bind_columns(Query& query, const PostRow& row);

/// The place of a new post in the river: the highest of its second.
[[nodiscard]] std::int64_t free_pos(Database& db, Time when);
/// Bounds of the places of a second: pos >= first_pos(t) are posts of t or later.
[[nodiscard]] std::int64_t first_pos(Time when);

/// Inserts with its id as given (nobody has it); returns the number. pos is free_pos(). `words`: searchable_words() of it.
std::int64_t insert_row(Batch& batch, PostRow& row, std::string words);

/// Writes what changed between two states of one row; `now` has its new seq already.
void replace_row(Batch& batch, const PostRow& before, PostRow& now);

/// Takes a row out of the table and all indexes; the caller keeps it known.
void erase_row(Batch& batch, const PostRow& row);

/// Every source of a row, first carrier first.
[[nodiscard]] std::vector<SourceId> sources_of(const PostRow& row);

/// Tags and categories as shown: the first carrier's, then what others add, no repeats.
void unite(PostRow& row);

/// One post as readers get it, by its number or id.
class PostReader {
 public:
  ///   with_content   false leaves content_html out
  ///   names          as read before; as SourceNames takes it
  PostReader(Database& db, bool with_content, SourceNames names) : db_(db), names_(std::move(names)), with_content_(with_content) {}
  /// Who stands at a place: of the index alone.
  [[nodiscard]] std::optional<PlacedPost> place(std::int64_t pos);
  [[nodiscard]] std::optional<StoredPost> by_id(std::string_view id);
  [[nodiscard]] std::optional<StoredPost> numbered(std::int64_t number);

  /// Calls visit(const feeds::write::PostView&) with a post as it stands in its row; false where there is none.
  template <class Visit>
  bool show(std::int64_t number, Visit&& visit) {
    Query row(db_, sql_by_number(), number);
    if (!row.step()) return false;
    look_at(row);
    visit(std::as_const(view_));
    return true;
  }

 private:
  [[nodiscard]] const char* sql_by_number() const;
  StoredPost stored(const Query& row);
  void look_at(const Query& row);
  void look_at_carriers(std::string_view blob);
  Database& db_;
  SourceNames names_;
  bool with_content_;
  feeds::write::PostView view_;  ///< of the row that show() is at
};

/// The columns of post that searches look at, for SELECT lists.
#define RIVERD_WORD_COLUMNS "title, tags, authors, carriers, CASE WHEN content_html IS NULL THEN summary END, content_html"

/// Of posts only what is searched, as readers get it.
class WordsReader {
 public:
  explicit WordsReader(Database& db) : db_(db) {}

  /// Calls visit(const SearchedText&), which gives a bool, with a post of a number: that, or false where there is none.
  template <class Visit>
  bool ask(std::int64_t number, Visit&& visit) {
    Query row(db_, kSql, number);
    return row.step() && visit(look_at(row, 0));
  }
  /// The post of a row whose columns from `first` on are RIVERD_WORD_COLUMNS; until the row's next step.
  [[nodiscard]] const SearchedText& look_at(const Query& row, int first);

 private:
  static constexpr const char* kSql = "SELECT " RIVERD_WORD_COLUMNS " FROM post WHERE number = ?";
  Database& db_;
  SearchedText text_;
  std::vector<feeds::write::AuthorView> authors_;
};

}  // namespace riverd::storage::sqlite
