#include <malloc.h>
#include <unistd.h>

#include <utility>

#include "base/file.h"
#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/input.h"
#include "feeds/read/read.h"
#include "feeds/write/json.h"

namespace riverd::commands {
namespace {

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
  return text.empty() ? "none" : text;
}

/// The rules as one that also says what they did to each post: who writes rules wants to see it.
feeds::Rule told(std::vector<feeds::Rule> rules, std::size_t& left_out) {
  return [rules = std::move(rules), &left_out](feeds::Post& post) {
    const auto title = post.title;
    const auto tags = post.tags;
    const auto categories = post.categories;
    for (const auto& rule : rules) {
      if (rule(post)) continue;
      complain("left out by a rule: " + title);
      ++left_out;
      return false;
    }
    if (post.title != title) complain("title: " + title + " -> " + post.title);
    if (post.tags != tags) complain("tags of " + post.title + ": " + joined(tags) + " -> " + joined(post.tags));
    if (post.categories != categories) {
      complain("categories of " + post.title + ": " + joined(categories) + " -> " + joined(post.categories));
    }
    return true;
  };
}

/// Neither the document nor what was read of it is kept beside the posts.
Result<feeds::Normalised> posts_of(const std::string& file, const feeds::read::Hints& hints, const feeds::Settings& settings) {
  const auto body = read_input(file);
  if (!body) return body.error();
  const auto feed = feeds::read::read(*body, hints);
  if (!feed) return feed.error().during(file);
  return feeds::normalise(*feed, settings);
}

}  // namespace

int run_parse(const ParseOptions& options) {
  constexpr int kLarge = 1 << 20;  // bytes: such blocks go back to the system when they are freed, or they add up
  mallopt(M_MMAP_THRESHOLD, kLarge);
  feeds::Settings settings;
  feeds::read::Hints hints{.charset = charset_of(options.content_type), .base = options.base};
  if (!options.source.empty()) {
    int status = kDone;
    const auto config = load_config(options.config, status);
    if (!config) return status;
    const auto* source = find_source(*config, options.source);
    if (source == nullptr) return kUsage;
    settings = config::settings_of(*config, *source);
    if (hints.base.empty()) hints.base = source->url;
  }
  std::size_t left_out = 0;
  if (!settings.rules.empty()) settings.rules = {told(std::exchange(settings.rules, {}), left_out)};
  settings.keep_repeats = true;
  const auto document = posts_of(options.file, hints, settings);
  if (!document) return fail(document.error());
  if (document->left_out > left_out) complain(std::to_string(document->left_out - left_out) + " more left out by max_posts");
  int status = kDone;
  feeds::write::parse_json(*document, [&status](std::string_view piece) {
    if (status == kDone) status = print(piece);
  });
  return status;
}

}  // namespace riverd::commands
