#include "daemon/commands/update.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>

#include "daemon/articles/articles.h"
#include "daemon/commands/clock.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/progress.h"
#include "daemon/commands/recovery.h"
#include "daemon/commands/river.h"
#include "daemon/commands/service.h"
#include "daemon/poll/round.h"

namespace riverd::commands {
namespace {

namespace net = boost::asio;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds kStopWithin{5};

constexpr std::chrono::minutes kArticlesWithin{10};

/// Pages, where any source wants them.
using Pages = std::optional<articles::Articles::Totals>;

std::string json(const poll::Totals& totals, const Pages& pages, double seconds) {
  char text[512];
  std::snprintf(text, sizeof text,
                "{\"sources\":%zu,\"polled\":%zu,\"not_modified\":%zu,\"failed\":%zu,\"new_posts\":%zu,\"updated_posts\":%zu,"
                "\"bytes\":%llu,\"seconds\":%.3f",
                totals.sources, totals.polled, totals.not_modified, totals.failed, totals.new_posts, totals.updated_posts,
                static_cast<unsigned long long>(totals.bytes), seconds);
  std::string out = text;
  if (pages) out += ",\"articles\":" + std::to_string(pages->complete) + ",\"articles_failed\":" + std::to_string(pages->failed);
  return out + "}\n";
}

std::string summary(const poll::Totals& totals, const Pages& pages, double seconds) {
  char time[32];
  std::snprintf(time, sizeof time, "%.1f s", seconds);
  std::string out = std::to_string(totals.polled) + " of " + std::to_string(totals.sources) + " sources polled in " + time +
                    ": " + std::to_string(totals.new_posts) + " new posts, " + std::to_string(totals.updated_posts) +
                    " updated, " + std::to_string(totals.not_modified) + " sources unchanged, " +
                    std::to_string(totals.failed) + " failed";
  if (totals.left_out > 0) out += ", " + std::to_string(totals.left_out) + " left out (being polled, told to wait, or gone)";
  if (totals.interrupted > 0) out += ", " + std::to_string(totals.interrupted) + " interrupted";
  if (pages) out += "; " + std::to_string(pages->complete) + " articles fetched, " + std::to_string(pages->failed) + " failed";
  return out + "\n";
}

bool wants_pages(const config::Config& config) {
  const auto wants = [](const config::Source& source) { return source.enabled && source.full_text != config::FullText::off; };
  return std::any_of(config.sources.begin(), config.sources.end(), wants);
}

/// The names to poll: those asked for, else all that are enabled. Nothing when one is unknown.
std::optional<std::vector<std::string>> chosen(const config::Config& config, const UpdateOptions& options) {
  std::vector<std::string> names;
  for (const std::string& name : options.sources) {
    const config::Source* source = find_source(config, name);
    if (source == nullptr) return std::nullopt;
    names.push_back(name);
  }
  if (!options.sources.empty()) return names;
  for (const config::Source& source : config.sources) {
    if (source.enabled) names.push_back(source.name);
  }
  return names;
}

/// Runs one round on this thread until it is over, or a signal ends it.
class Update {
 public:
  Update(storage::Store& store, std::shared_ptr<const config::Config> config, const UpdateOptions& options)
      : options_(options),
        progress_(!options.json),
        round_(network_, poll::World{store, clock_, random_numbers()}, std::make_shared<const poll::Catalogue>(config),
               [this](const poll::Report& report, const poll::Totals& totals) { progress_.show(report, totals); },
               {.told = [this](const Error& trouble) { tell(trouble); }}),
        articles_(network_, poll::World{store, clock_, random_numbers()}, round_.pipeline(),
                  [this](const articles::Report& report) { progress_.show(report); }),
        wants_pages_(wants_pages(*config)),
        signals_(network_, SIGINT, SIGTERM),
        deadline_(network_) {}

  int run(std::vector<std::string> names) {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) stop();
    });
    const auto start = Steady::now();
    progress_.begin(options_.due ? 0 : names.size());
    net::co_spawn(network_, work(std::move(names)), [this](const std::exception_ptr&) { network_.stop(); });
    network_.run();
    progress_.end();
    return finish(std::chrono::duration<double>(Steady::now() - start).count());
  }

 private:
  /// The polls, then the pages of what they found.
  net::awaitable<void> work(std::vector<std::string> names) {
    const auto gone = options_.sources.empty() ? poll::Round::Gone::left_out : poll::Round::Gone::polled;
    auto polls = options_.due ? round_.poll_due() : round_.poll(std::move(names), gone);
    totals_ = co_await std::move(polls);
    if (!wants_pages_ || interrupted_ || !*totals_) co_return;
    articles::Articles::Progress show = [this](const articles::Articles::Totals& totals) { progress_.show(totals); };
    pages_ = co_await articles_.finish(kArticlesWithin, std::move(show));
    if (round_.gave_up()) totals_ = *round_.gave_up();
  }

  void tell(const Error& trouble) {
    progress_.say("the store does not take what was read: " + trouble.message() + "; trying again");
  }

  void stop() {
    interrupted_ = true;
    round_.stop();
    articles_.stop();
    deadline_.expires_after(kStopWithin);
    deadline_.async_wait([this](const boost::system::error_code& error) {
      if (!error) network_.stop();
    });
  }

  int finish(double seconds) {
    if (interrupted_) complain("interrupted; what was polled is kept");
    if (!totals_) {
      if (!interrupted_) complain("the update did not end properly");
      return interrupted_ ? kSomeFailed : kInternal;
    }
    if (!*totals_) return fail(totals_->error().during("update"));
    const poll::Totals& totals = **totals_;
    const int printed = print(options_.json ? json(totals, pages_, seconds) : summary(totals, pages_, seconds));
    if (printed != kDone) return printed;
    return totals.failed > 0 || interrupted_ ? kSomeFailed : kDone;
  }

  net::io_context network_{1};
  const SystemClock clock_;
  const UpdateOptions& options_;
  Progress progress_;
  poll::Round round_;
  articles::Articles articles_;
  const bool wants_pages_;
  net::signal_set signals_;
  net::steady_timer deadline_;
  std::optional<Result<poll::Totals>> totals_;
  Pages pages_;
  bool interrupted_ = false;
};

/// Retention, which the daemon sees to by itself: who polls from a timer has no daemon.
void drop_old_posts(storage::Store& store, const config::Config& config) {
  const auto retention = retention_of(config);
  if (keeps_all(retention)) return;
  if (const auto pruned = store.prune(retention, SystemClock().now()); !pruned) {
    complain("old posts were not dropped: " + pruned.error().message());
  }
}

}  // namespace

int run_update(const UpdateOptions& options) {
  int status = kDone;
  auto loaded = load_config(options.config, status);
  if (!loaded) return status;
  auto config = std::make_shared<const config::Config>(std::move(*loaded));
  auto names = chosen(*config, options);
  if (!names) return kUsage;
  auto store = storage::open_sqlite({.path = config->storage.path});
  if (!store) return fail(store.error());
  ServeLock lock(config->storage.path);
  const Time now = SystemClock().now();
  // New sources are due at once: they are about to be polled.
  if (auto synced = (*store)->sync_sources(poll::configured_sources(*config), now, Seconds(0)); !synced) {
    return fail(synced.error().during("take the configured sources over into " + config->storage.path));
  }
  if (lock.alone()) plan_abandoned_polls(**store, poll::Catalogue(config), now);
  lock.share();
  const int done = Update(**store, config, options).run(std::move(*names));
  drop_old_posts(**store, *config);
  return done;
}

}  // namespace riverd::commands
