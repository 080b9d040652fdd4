#include "storage/sqlite/sources.h"

#include "storage/sqlite/codec.h"
#include "storage/sqlite/polls.h"

namespace riverd::storage::sqlite {
namespace {

#define RIVERD_SOURCE_SELECT                                                                                     \
  "SELECT s.id, s.name, s.url, s.title, s.categories, s.configured, s.enabled, coalesce(f.posts, 0), "           \
  RIVERD_POLL_COLUMNS                                                                                            \
  ", c.complete, c.failed, c.problem, c.problem_at, CASE WHEN c.source IS NULL THEN 0 ELSE "                     \
  "(SELECT count(*) FROM page g WHERE g.source = s.id AND g.due IS NOT NULL) END, s.poll "                       \
  "FROM source s JOIN poll p ON p.id = s.poll LEFT JOIN facet f ON f.kind = 1 AND f.key = CAST(s.id AS TEXT) "   \
  "LEFT JOIN page_count c ON c.source = s.id "

constexpr int kStateColumn = 8;
constexpr int kPageColumn = kStateColumn + kPollColumns;
constexpr const char* kAll = RIVERD_SOURCE_SELECT "WHERE s.configured OR f.posts > 0 ORDER BY s.name";
constexpr const char* kOne = RIVERD_SOURCE_SELECT "WHERE s.name = ? ORDER BY s.configured DESC, s.id LIMIT 1";
constexpr const char* kName =
    "SELECT s.name, coalesce(s.title, nullif(p.title, '')), s.url FROM source s JOIN poll p ON p.id = s.poll WHERE s.id = ?";

std::optional<std::string> not_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

/// User name and password are nobody's business but the origin's.
std::string without_credentials(std::string url) {
  const std::size_t host = url.find("://");
  if (host == std::string::npos) return url;
  const std::size_t end = url.find_first_of("/?#", host + 3);
  const std::size_t at = url.substr(0, end).rfind('@');
  if (at != std::string::npos && at > host) url.erase(host + 3, at - host - 2);
  return url;
}

SourceView read_view(const Query& row) {
  SourceView view;
  view.id = row.integer(0);
  view.poll = row.integer(kPageColumn + 5);
  view.name = row.string(1);
  view.url = without_credentials(row.string(2));
  view.title = row.optional_string(3);
  view.categories = decode_strings(row.text(4));
  view.configured = row.integer(5) != 0;
  view.posts = static_cast<std::uint64_t>(row.integer(7));
  view.state = read_state(row, kStateColumn);
  view.state.effective_url = without_credentials(std::move(view.state.effective_url));
  if (!view.title) view.title = not_empty(view.state.title);
  if (!row.is_null(kPageColumn)) {
    view.pages = {static_cast<std::uint64_t>(row.integer(kPageColumn + 4)), static_cast<std::uint64_t>(row.integer(kPageColumn)),
                  static_cast<std::uint64_t>(row.integer(kPageColumn + 1)), row.string(kPageColumn + 2), row.time(kPageColumn + 3)};
  }
  if (row.integer(6) == 0 || !view.configured) {
    view.state.state = State::disabled;
    view.state.next_poll.reset();
  }
  return view;
}

void visit_rows(Query& rows, const std::function<bool(SourceView&&)>& visit) {
  while (rows.step()) {
    if (!visit(read_view(rows))) return;
  }
}

}  // namespace

void each_source(Database& db, std::string_view name, const std::function<bool(SourceView&&)>& visit) {
  if (name.empty()) {
    Query rows(db, kAll);
    visit_rows(rows, visit);
  } else {
    Query rows(db, kOne, name);
    visit_rows(rows, visit);
  }
}

std::optional<feeds::write::SourceRef> KnownNames::find(Seq named, SourceId source) {
  const std::lock_guard lock(mutex_);
  if (named != named_) return std::nullopt;
  const auto found = names_.find(source);
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

void KnownNames::add(Seq named, SourceId source, const feeds::write::SourceRef& name) {
  const std::lock_guard lock(mutex_);
  if (named < named_) return;  // a reader that began before the last change
  if (named > named_ || names_.size() == kMost) names_.clear();
  named_ = named;
  names_.emplace(source, name);
}

const feeds::write::SourceRef& SourceNames::of(SourceId source) {
  auto [place, absent] = known_.try_emplace(source);
  if (!absent) return place->second;
  if (auto known = shared_ != nullptr ? shared_->find(named_, source) : std::nullopt) {
    place->second = std::move(*known);
  } else {
    place->second = read(source);
    if (shared_ != nullptr) shared_->add(named_, source, place->second);
  }
  return place->second;
}

feeds::write::SourceRef SourceNames::read(SourceId source) {
  Query row(db_, kName, source);
  if (!row.step()) return {};
  return {row.string(0), row.optional_string(1), without_credentials(row.string(2))};
}

}  // namespace riverd::storage::sqlite
