#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

#include "base/file.h"
#include "config/append.h"
#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/input.h"
#include "daemon/fetch/fetcher.h"
#include "daemon/poll/catalogue.h"
#include "feeds/post.h"
#include "feeds/read/feed.h"
#include "feeds/read/read.h"

namespace riverd::commands {
namespace {

namespace net = boost::asio;

constexpr std::size_t kPreviewPosts = 5;
constexpr std::size_t kTitleColumns = 100;

/// A feed that was found, read.
struct Found {
  std::string url;
  feeds::Normalised document;
  std::vector<std::string> others;  ///< further feeds that the page names
};

/// Where a feed lives: where permanent redirects led, up to the first temporary one.
std::string lasting_url(const std::string& asked, const fetch::Response& response) {
  std::string url = asked;
  for (const auto& hop : response.hops) {
    if (hop.status != 301 && hop.status != 308) break;
    url = hop.location;
  }
  return url;
}

Result<feeds::Normalised> read_document(const fetch::Response& response) {
  const feeds::read::Hints hints{.charset = charset_of(response.content_type), .base = response.url};
  const auto feed = feeds::read::read(response.body, hints);
  if (!feed) return feed.error();
  return feeds::normalise(*feed, {});
}

net::awaitable<Result<fetch::Response>> get(fetch::Fetcher& fetcher, std::string url) {
  fetch::Request request;
  request.url = url;
  auto response = co_await fetcher.fetch(std::move(request));
  if (!response) co_return response.error().during("get " + url);
  if (response->status < 200 || response->status > 299) {
    co_return Error(Errc::network, "get " + url + ": the server answered " + std::to_string(response->status));
  }
  co_return response;
}

/// The feed at a URL, else the first that works of those the page there names.
net::awaitable<Result<Found>> find_feed(fetch::Fetcher& fetcher, std::string url) {
  auto response = co_await get(fetcher, url);
  if (!response) co_return response.error();
  auto document = read_document(*response);
  if (document) {
    Found found{lasting_url(url, *response), *std::move(document), {}};
    co_return found;
  }
  const auto linked = feeds::read::linked_feeds(response->body, response->url);
  Error last(Errc::not_a_feed, url + " is no feed, and names none");
  for (std::size_t i = 0; i < linked.size(); ++i) {
    auto candidate = co_await get(fetcher, linked[i]);
    if (!candidate) {
      last = candidate.error();
      continue;
    }
    auto read = read_document(*candidate);
    if (!read) {
      last = read.error().during(linked[i]);
      continue;
    }
    Found found{lasting_url(linked[i], *candidate), *std::move(read), {}};
    for (std::size_t other = i + 1; other < linked.size(); ++other) found.others.push_back(linked[other]);
    co_return found;
  }
  co_return last;
}

net::awaitable<void> find_into(fetch::Fetcher& fetcher, std::string url, Result<Found>& found) {
  found = co_await find_feed(fetcher, std::move(url));
}

Result<Found> find_now(const config::Config& config, const std::string& url) {
  net::io_context context;
  fetch::Fetcher fetcher(context.get_executor(), poll::fetch_options(config));
  Result<Found> found = Error(Errc::internal, "the search for a feed ended early");
  std::exception_ptr thrown;
  const auto ended = [&](std::exception_ptr exception) {
    thrown = exception;
    context.stop();  // the fetcher's own upkeep would go on
  };
  net::co_spawn(context, find_into(fetcher, url, found), ended);
  context.run();
  if (thrown) std::rethrow_exception(thrown);
  return found;
}

std::string preview(const Found& found) {
  const auto& feed = found.document.feed;
  const auto count = found.document.posts.size();
  std::string text = printable(feed.title.value_or("(no title)")) + "\n  " + printable(found.url) + "\n  " + feed.format + ", " +
                     std::to_string(count) + (count == 1 ? " entry\n" : " entries\n");
  for (std::size_t i = 0; i < std::min(count, kPreviewPosts); ++i) {
    const auto& post = found.document.posts[i];
    const auto date = post.date ? rfc3339(*post.date).substr(0, 10) : std::string("no date   ");
    text += "  " + date + "  " + cut_to_columns(printable(post.title), kTitleColumns) + "\n";
  }
  for (const auto& other : found.others) text += "  the page also names " + printable(other) + "\n";
  return text;
}

config::NewSource source_of(const AddOptions& options, const Found& found) {
  return {found.url, options.name, found.document.feed.title.value_or(""), "", options.categories, options.tags};
}

}  // namespace

int run_add(const AddOptions& options) {
  int status = kDone;
  const auto config = load_config(options.config, status);
  if (!config) return status;
  const auto url = options.url.find("://") == std::string::npos ? "https://" + options.url : options.url;
  const auto found = find_now(*config, url);
  if (!found) return fail(found.error());
  if (const int shown = print(preview(*found)); shown != kDone) return shown;
  const auto before = read_input(options.config);
  if (!before) return fail(before.error());
  const auto appended = config::append_sources(*before, *config, {source_of(options, *found)});
  if (!appended) return fail(appended.error());
  if (!appended->there.empty()) return print("it is there already, as " + appended->there.front() + "\n");
  if (options.dry_run) return print("\n" + appended->text.substr(before->size()));
  if (const auto written = replace_file(options.config, appended->text); !written) return fail(written.error());
  return print("added as " + appended->names.front() + " to " + options.config + "\n" + std::string(kReloadHint));
}

}  // namespace riverd::commands
