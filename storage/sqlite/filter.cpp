#include "storage/sqlite/filter.h"

#include <algorithm>

#include "storage/sqlite/post_rows.h"
#include "storage/sqlite/search_index.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kFacet = "SELECT id, posts FROM facet WHERE kind = ? AND key = ?";
constexpr const char* kSourceNamed = "SELECT id FROM source WHERE name = ?";
constexpr const char* kHas = "SELECT 1 FROM facet_post WHERE facet = ? AND pos = ?";
constexpr const char* kMatches = "SELECT 1 FROM search WHERE search MATCH ? AND rowid = ?";

}  // namespace

Filter::Filter(Database& db, const PostQuery& query) : db_(db), search_(parse_search(query.q)), nothing_(search_.nothing) {
  both_ = search_.unwanted.empty() ? search_.wanted : '(' + search_.wanted + ") NOT (" + search_.unwanted + ')';
  add_sources(query.sources);
  add_group(FacetKind::category, query.categories);
  add_group(FacetKind::tag, query.tags);
  add_group(FacetKind::author, query.authors);
  if (search_.has_prefix()) {
    matcher_ = std::make_unique<WordMatcher>(db, search_);
    if (!matcher_->usable()) matcher_.reset();
  }
  if (query.since) oldest_ = first_pos(*query.since);
  if (query.until) newest_ = first_pos(*query.until) - 1;
}

void Filter::add_group(FacetKind kind, const std::vector<std::string>& names) {
  Group group;
  for (const auto& name : names) {
    const Facet facet = text_facet(kind, name);
    Query row(db_, kFacet, static_cast<std::int64_t>(kind), facet.key);
    if (row.step()) group.push_back({row.integer(0), static_cast<std::uint64_t>(row.integer(1))});
  }
  close_group(names, std::move(group));
}

void Filter::add_sources(const std::vector<std::string>& names) {
  Group group;
  for (const auto& name : names) {
    Query sources(db_, kSourceNamed, name);
    while (sources.step()) {
      Query row(db_, kFacet, static_cast<std::int64_t>(FacetKind::source), source_facet(sources.integer(0)).key);
      if (row.step()) group.push_back({row.integer(0), static_cast<std::uint64_t>(row.integer(1))});
    }
  }
  close_group(names, std::move(group));
}

void Filter::close_group(const std::vector<std::string>& names, Group group) {
  if (names.empty()) return;
  std::sort(group.begin(), group.end(), [](const FacetRow& a, const FacetRow& b) { return a.id < b.id; });
  group.erase(std::unique(group.begin(), group.end(), [](const FacetRow& a, const FacetRow& b) { return a.id == b.id; }),
              group.end());
  nothing_ = nothing_ || group.empty();
  groups_.push_back(std::move(group));
}

std::vector<StreamPtr> Filter::facet_streams() const {
  std::vector<StreamPtr> wanted;
  for (const auto& group : groups_) {
    std::vector<StreamPtr> streams;
    for (const auto& facet : group) streams.push_back(facet_posts(db_, facet.id, facet.posts));
    wanted.push_back(any_of(std::move(streams)));
  }
  return wanted;
}

Intersection Filter::walk_unsearched() const {
  std::vector<StreamPtr> wanted = facet_streams();
  if (wanted.empty()) wanted.push_back(all_posts(db_));
  return {std::move(wanted), {}};
}

bool Filter::reads(const StoredPost& post) const { return matcher_->matches(searchable_words(post.post)); }

Intersection Filter::walk() const {
  std::vector<StreamPtr> wanted = facet_streams();
  std::vector<StreamPtr> unwanted;
  if (!search_.wanted.empty()) {
    wanted.push_back(matching_posts(db_, both_));
  } else if (!search_.unwanted.empty()) {
    unwanted.push_back(matching_posts(db_, search_.unwanted));  // FTS5 knows no bare NOT
  }
  if (wanted.empty()) wanted.push_back(all_posts(db_));
  return {std::move(wanted), std::move(unwanted)};
}

bool Filter::passes(Pos pos) const {
  if (closed() || pos < oldest_ || pos > newest_) return false;
  const auto in_group = [this, pos](const Group& group) {
    return std::any_of(group.begin(), group.end(), [this, pos](const FacetRow& facet) {
      Query row(db_, kHas, facet.id, pos);
      return row.step();
    });
  };
  if (!std::all_of(groups_.begin(), groups_.end(), in_group)) return false;
  if (matcher_) {
    const auto post = PostReader(db_, true).at(pos);
    return post && reads(*post);
  }
  if (!search_.wanted.empty()) return matches(both_, pos);
  return search_.unwanted.empty() || !matches(search_.unwanted, pos);
}

bool Filter::matches(const std::string& expression, Pos pos) const {
  Query row(db_, kMatches, expression, pos);
  return row.step();
}

}  // namespace riverd::storage::sqlite
