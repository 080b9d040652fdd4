#include "storage/sqlite/filter.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "storage/sqlite/post_rows.h"
#include "storage/sqlite/search_index.h"
#include "storage/sqlite/word_pairs.h"

namespace riverd::storage::sqlite {
namespace {

constexpr const char* kFacet = "SELECT id, posts, newest FROM facet WHERE kind = ? AND key = ?";
constexpr const char* kSourceNamed = "SELECT id FROM source WHERE name = ?";
constexpr const char* kFound = "SELECT rowid FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ?";  // upwards is quicker
constexpr const char* kOfPairs = "SELECT rowid FROM pairs WHERE pairs MATCH ? LIMIT ?";
constexpr const char* kMatches = "SELECT 1 FROM search WHERE search MATCH ? AND rowid = ?";

constexpr std::int64_t kMaxByPairs = 30'000;
constexpr std::size_t kSampleByPairs = 100;
constexpr std::size_t kMaxFound = 1U << 20U;  // places of one list that is intersected: 8 MiB

}  // namespace

Filter::Filter(Database& db, const PostQuery& query) : db_(db), search_(parse_search(query.q)), nothing_(search_.nothing) {
  both_ = search_.unwanted.empty() ? search_.wanted : '(' + search_.wanted + ") NOT (" + search_.unwanted + ')';
  add_sources(query.sources);
  add_group(FacetKind::category, query.categories);
  add_group(FacetKind::tag, query.tags);
  add_group(FacetKind::author, query.authors);
  if (search_.has_prefix() || search_.has_phrase() || (searches() && query.order == Order::arrival)) {
    matcher_ = std::make_unique<WordMatcher>(db, search_);
    if (!matcher_->usable()) matcher_.reset();
  }
  if (can_read() && search_.has_phrase() && last_unpaired(db) == 0) pairs_ = matcher_->pairs();
  if (can_read() && search_.has_prefix()) narrow_ = matcher_->without_prefixes();
  if (query.since) oldest_ = first_pos(*query.since);
  if (query.until) newest_ = first_pos(*query.until) - 1;
}

void Filter::add_group(FacetKind kind, const std::vector<std::string>& names) {
  std::vector<FacetRow> rows;
  for (const auto& name : names) {
    add_row(text_facet(kind, name), rows);
  }
  close_group(names, std::move(rows));
}

void Filter::add_sources(const std::vector<std::string>& names) {
  std::vector<FacetRow> rows;
  for (const auto& name : names) {
    Query sources(db_, kSourceNamed, name);
    while (sources.step()) add_row(source_facet(sources.integer(0)), rows);
  }
  close_group(names, std::move(rows));
}

void Filter::add_row(const Facet& facet, std::vector<FacetRow>& rows) {
  Query row(db_, kFacet, static_cast<std::int64_t>(facet.kind), facet.key);
  if (row.step()) rows.push_back({row.integer(0), static_cast<std::uint64_t>(row.integer(1)), decode_placed(row.text(2))});
}

void Filter::close_group(const std::vector<std::string>& names, std::vector<FacetRow> rows) {
  if (names.empty()) return;
  std::sort(rows.begin(), rows.end(), [](const FacetRow& a, const FacetRow& b) { return a.id < b.id; });
  Group group;
  std::uint64_t posts = 0;
  for (auto& row : rows) {
    if (!group.ids.empty() && group.ids.back() == row.id) continue;
    group.ids.push_back(row.id);
    posts += row.posts;
    group.rows.push_back(std::move(row));
  }
  nothing_ = nothing_ || group.ids.empty();
  most_ = std::min(most_, posts);
  groups_.push_back(std::move(group));
}

std::vector<StreamPtr> Filter::facet_streams() const {
  std::vector<StreamPtr> wanted;
  std::vector<const FacetRow*> single;
  for (const auto& group : groups_) {
    if (group.rows.size() == 1) {
      single.push_back(&group.rows[0]);
      continue;
    }
    std::vector<StreamPtr> streams;
    for (const auto& row : group.rows) streams.push_back(facet_posts(db_, row.id, row.posts, row.newest));
    wanted.push_back(any_of(std::move(streams)));
  }
  std::sort(single.begin(), single.end(), [](const FacetRow* a, const FacetRow* b) { return a->posts < b->posts; });
  if (single.size() == 1) wanted.push_back(facet_posts(db_, single[0]->id, single[0]->posts, single[0]->newest));
  for (std::size_t i = 1; i < single.size(); ++i) wanted.push_back(posts_of_both(db_, single[0]->id, single[0]->posts, single[i]->id));
  return wanted;
}

Intersection Filter::walk_unsearched() const {
  std::vector<StreamPtr> wanted = facet_streams();
  if (wanted.empty()) wanted.push_back(all_posts(db_));
  return {std::move(wanted), {}};
}

Intersection Filter::walk_to_read() const {
  std::vector<StreamPtr> wanted = facet_streams();
  if (narrows()) wanted.push_back(matching_posts(db_, narrow_));
  if (wanted.empty()) wanted.push_back(all_posts(db_));
  return {std::move(wanted), {}};
}

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

bool Filter::passes_unsearched(Pos pos, std::optional<std::string_view> facets) const {
  if (closed() || pos < oldest_ || pos > newest_) return false;
  return std::all_of(groups_.begin(), groups_.end(), [&](const Group& group) {
    if (facets) return has_any_facet(*facets, group.ids);
    return std::any_of(group.ids.begin(), group.ids.end(), [&](std::int64_t facet) { return has_facet(db_, facet, pos); });
  });
}

bool Filter::is_found(Pos pos) const {
  if (!search_.wanted.empty()) return matches(both_, pos);
  return search_.unwanted.empty() || !matches(search_.unwanted, pos);
}

bool Filter::collect(std::vector<Pos>& places, std::size_t most) const {
  places.clear();
  if (closed()) return true;
  if (search_.wanted.empty()) return collect_from(walk(), places, most);
  if (groups_.empty()) return collect_found(both_, places, most);
  // Both are run through: a leap in a list of matches costs more than many steps.
  std::vector<Pos> found;
  if (!collect_found(both_, found, kMaxFound)) return false;
  std::vector<Pos> posts;
  if (!collect_from(walk_unsearched(), posts, kMaxFound)) return false;
  std::set_intersection(posts.begin(), posts.end(), found.begin(), found.end(), std::back_inserter(places), std::greater());
  return places.size() <= most;
}

bool Filter::collect_to_read(std::vector<Pos>& places, std::size_t most) const {
  places.clear();
  return closed() || collect_found('"' + std::string(matcher_->rarest().word) + '"', places, most);
}

bool Filter::collect_by_pairs(std::vector<std::int64_t>& numbers) const {
  numbers.clear();
  Query rows(db_, kOfPairs, pairs_, kMaxByPairs + 1);
  while (rows.step()) {
    if (std::cmp_equal(numbers.size(), kMaxByPairs)) return false;
    numbers.push_back(rows.integer(0));
  }
  return true;
}

double Filter::likely_matches(const std::vector<std::int64_t>& numbers) const {
  WordsReader words(db_);
  std::size_t found = 0;
  for (std::size_t i = 0; i < kSampleByPairs; ++i) {
    const auto number = numbers[i * numbers.size() / kSampleByPairs];
    if (words.ask(number, [this](const SearchedText& text) { return reads(text, false); })) ++found;
  }
  return static_cast<double>((found + 1) * numbers.size()) / static_cast<double>(kSampleByPairs + 1);
}

double Filter::part_found(std::uint64_t read, std::uint64_t found) const {
  const auto each = 1 / static_cast<double>(std::max<std::uint64_t>(1, read));
  return std::max(1e-9, std::clamp(most_likely(), static_cast<double>(found) * each, static_cast<double>(found + 1) * each));
}

bool Filter::collect_from(Intersection passing, std::vector<Pos>& places, std::size_t most) const {
  Pos bound = newest_;
  while (const auto pos = passing.seek(bound)) {
    if (*pos < oldest_) break;
    if (places.size() == most) return false;
    places.push_back(*pos);
    if (*pos == std::numeric_limits<Pos>::min()) break;
    bound = *pos - 1;
  }
  return true;
}

/// Where the index alone tells: no leaps, so one run through its list will do.
bool Filter::collect_found(const std::string& expression, std::vector<Pos>& places, std::size_t most) const {
  Query rows(db_, kFound, expression, oldest_, newest_);
  while (rows.step()) {
    if (places.size() == most) return false;
    places.push_back(rows.integer(0));
  }
  std::reverse(places.begin(), places.end());
  return true;
}

bool Filter::matches(const std::string& expression, Pos pos) const {
  Query row(db_, kMatches, expression, pos);
  return row.step();
}

}  // namespace riverd::storage::sqlite
