#include "storage/sqlite/facets.h"

#include <algorithm>

#include "storage/fold.h"
#include "storage/sqlite/codec.h"

namespace riverd::storage::sqlite {
namespace {

constexpr std::size_t kMaxKey = 200;  // bytes; a longer tag is found by its beginning
constexpr std::size_t kMaxListed = 64;  // facets of one post in its list: it is in an index, where long rows are a burden

constexpr const char* kFind = "SELECT id FROM facet WHERE kind = ? AND key = ?";
constexpr const char* kCreate = "INSERT INTO facet(kind, key, name) VALUES (?, ?, ?)";
constexpr const char* kAdd = "INSERT OR IGNORE INTO facet_post(facet, pos, listed) VALUES (?, ?, ?)";
constexpr const char* kRelist = "UPDATE facet_post SET listed = ? WHERE facet = ? AND pos = ?";
constexpr const char* kRemove = "DELETE FROM facet_post WHERE facet = ? AND pos = ?";
constexpr const char* kHas = "SELECT 1 FROM facet_post WHERE facet = ? AND pos = ?";
constexpr const char* kCount = "UPDATE facet SET posts = posts + ? WHERE id = ?";
constexpr const char* kNewest = "SELECT pos, listed FROM facet_post WHERE facet = ? ORDER BY pos DESC LIMIT ?";
constexpr const char* kSetNewest = "UPDATE facet SET newest = ?2 WHERE id = ?1 AND newest IS NOT ?2";

constexpr std::int64_t kNewestPosts = 16;  // of a source: a page of fifty posts takes fewer of each where there are many sources

}  // namespace

Facet source_facet(std::int64_t source) { return {FacetKind::source, std::to_string(source), {}}; }

Facet text_facet(FacetKind kind, std::string_view text) {
  std::string key(cut_utf8(fold_case(cut_utf8(text, kMaxKey)), kMaxKey));
  return {kind, std::move(key), std::string(cut_utf8(text, kMaxKey))};
}

std::optional<std::string> encode_facets(std::vector<std::int64_t> ids) {
  if (ids.size() > kMaxListed) return std::nullopt;
  std::sort(ids.begin(), ids.end());
  std::string list;
  std::uint64_t last = 0;
  for (const auto id : ids) {
    std::uint64_t step = static_cast<std::uint64_t>(id) - last;
    last = static_cast<std::uint64_t>(id);
    for (; step >= 0x80; step >>= 7U) list += static_cast<char>(0x80U | (step & 0x7fU));
    list += static_cast<char>(step);
  }
  return list;
}

bool has_facet(Database& db, std::int64_t facet, std::int64_t pos) { return Query(db, kHas, facet, pos).step(); }

bool has_any_facet(std::string_view list, const std::vector<std::int64_t>& ids) {
  std::uint64_t id = 0;
  std::uint64_t step = 0;
  unsigned shift = 0;
  auto wanted = ids.begin();
  for (const char c : list) {
    const auto byte = static_cast<unsigned char>(c);
    if (shift < 64) step |= std::uint64_t{byte & 0x7fU} << shift;
    shift += 7;
    if (byte >= 0x80) continue;
    id += step;
    step = 0;
    shift = 0;
    while (wanted != ids.end() && static_cast<std::uint64_t>(*wanted) < id) ++wanted;
    if (wanted == ids.end()) return false;
    if (static_cast<std::uint64_t>(*wanted) == id) return true;
  }
  return false;
}

void Facets::add(std::int64_t id, std::int64_t pos, std::optional<Blob> listed) {
  Query insert(db_, kAdd, id, pos, listed);
  insert.run();
  auto& change = changes_[id];
  change.of_source = listed.has_value();
  if (db_.changes() > 0) {
    ++change.posts;
  } else if (listed) {
    relist(id, pos, *listed);
  }
}

void Facets::relist(std::int64_t id, std::int64_t pos, Blob listed) {
  Query(db_, kRelist, listed, id, pos).run();
  changes_[id].of_source = true;
}

void Facets::remove(const Facet& facet, std::int64_t pos) {
  const std::int64_t id = id_of(facet, false);
  if (id == 0) return;
  Query erase(db_, kRemove, id, pos);
  erase.run();
  auto& change = changes_[id];
  if (db_.changes() > 0) --change.posts;
  change.of_source = facet.kind == FacetKind::source;
}

void Facets::flush() {
  for (const auto& [id, change] : changes_) {
    if (change.posts != 0) Query(db_, kCount, change.posts, id).run();
    if (change.of_source) Query(db_, kSetNewest, id, Blob{newest(id)}).run();
  }
  changes_.clear();
}

std::string Facets::newest(std::int64_t id) {
  std::vector<PlacedPost> posts;
  Query rows(db_, kNewest, id, kNewestPosts);
  while (rows.step()) {
    const auto listed = rows.is_null(1) ? std::nullopt : view_listed(rows.text(1));
    if (!listed) break;  // a post of before this was kept
    posts.push_back({rows.integer(0), listed->seq, listed->number});
  }
  return encode(posts);
}

std::int64_t Facets::id_of(const Facet& facet, bool create) {
  const std::string cached = static_cast<char>(facet.kind) + facet.key;
  if (const auto found = ids_.find(cached); found != ids_.end()) return found->second;
  std::int64_t id = 0;
  {
    Query find(db_, kFind, static_cast<std::int64_t>(facet.kind), facet.key);
    if (find.step()) id = find.integer(0);
  }
  if (id == 0 && create) {
    Query(db_, kCreate, static_cast<std::int64_t>(facet.kind), facet.key, facet.name).run();
    id = db_.last_insert();
  }
  if (id != 0) ids_.emplace(cached, id);
  return id;
}

}  // namespace riverd::storage::sqlite
