#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/river.h"
#include "feeds/write/json.h"

namespace riverd::commands {
namespace {

constexpr std::size_t kSummaryColumns = 300;

std::string joined(const std::vector<std::string>& items) {
  std::string result;
  for (const auto& item : items) result += (result.empty() ? "" : ", ") + item;
  return result;
}

/// One post as a few lines: date and title, where it is from, its link, what it says.
std::string readable(const storage::StoredPost& stored, bool whole) {
  const auto& post = stored.post;
  const bool bold = output_is_terminal();
  std::vector<std::string> names;
  for (const auto& source : stored.sources) names.push_back(source.name);
  std::string origin = joined(names);
  for (const auto* list : {&post.categories, &post.tags}) {
    if (!list->empty()) origin += " | " + joined(*list);
  }
  std::string text = rfc3339(post.date.value_or(stored.arrived)).substr(0, 16) + "  ";
  text[10] = ' ';
  text += (bold ? "\033[1m" : "") + printable(post.title.empty() ? "(no title)" : post.title) + (bold ? "\033[0m" : "") + "\n";
  text += "    " + printable(origin) + "\n";
  if (post.link) text += "    " + printable(*post.link) + "\n";
  if (whole) {
    const auto content = feeds::markdown(post);
    if (content) text += "\n" + printable_lines(*content) + "\n";
  } else if (post.summary && !post.summary->empty()) {
    text += "    " + cut_to_columns(printable(*post.summary), kSummaryColumns) + "\n";
  }
  return text + "\n";
}

int print_json(storage::Store& store, const storage::PostQuery& query, std::uint64_t limit) {
  std::string text = "{\"posts\":[";
  const auto add = [&](storage::StoredPost&& stored) -> Result<void> {
    if (text.back() == '}') text += ',';
    if (!stored.post.content) stored.post.content = feeds::markdown(stored.post);
    const feeds::write::Kept kept{stored.seq, std::move(stored.sources)};
    feeds::write::append_json(text, stored.post, &kept);
    return {};
  };
  if (const auto done = each_post(store, query, limit, add); !done) return fail(done.error());
  return print(text + "]}\n");
}

}  // namespace

int run_query(const QueryOptions& options) {
  int status = kDone;
  const auto config = load_config(options.config, status);
  if (!config) return status;
  const auto query = query_of(options.filters, now());
  if (!query) return fail(query.error());
  const auto store = open_river(*config);
  if (!store) return fail(store.error());
  if (const auto known = know_sources(options.filters, *config, **store); !known) return fail(known.error());
  if (options.json) return print_json(**store, *query, options.limit);
  std::string text;
  const auto add = [&](storage::StoredPost&& post) -> Result<void> {
    text += readable(post, options.content);
    return {};
  };
  if (const auto done = each_post(**store, *query, options.limit, add); !done) return fail(done.error());
  return print(text);
}

}  // namespace riverd::commands
