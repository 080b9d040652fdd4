#include "daemon/commands/serve.h"

#include <malloc.h>

#include <boost/asio/io_context.hpp>
#include <memory>

#include "daemon/commands/advice.h"
#include "daemon/commands/clock.h"
#include "daemon/commands/console.h"
#include "daemon/commands/daemon.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/log.h"
#include "daemon/commands/recovery.h"
#include "daemon/commands/service.h"

namespace riverd::commands {
namespace {

/// Few arenas, and large blocks back to the system at once: what a hostile body took is not kept.
void keep_memory_small() {
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

/// From the service manager, else bound here.
Result<std::vector<http::Listener>> listeners(const config::Server& server, bool& own_socket) {
  auto given = handed_over_listeners();
  if (!given || !given->empty()) return given;
  auto own = http::listen_at(server);
  if (!own) return own.error();
  own_socket = true;
  return std::vector<http::Listener>{*own};
}

int serve(std::shared_ptr<const config::Config> config) {
  bool own_socket = false;
  auto sockets = listeners(config->server, own_socket);
  if (!sockets) {
    complain(sockets.error().message());
    return sockets.error().code() == Errc::invalid ? kConfig : kIo;
  }
  boost::asio::io_context network(1);
  auto store = storage::open_sqlite({.path = config->storage.path});
  if (!store) return fail(store.error());
  ServeLock lock(config->storage.path);
  const Time now = SystemClock().now();
  const auto totals = (*store)->totals();
  const auto spread = poll::Poller::first_polls_within(*config, totals ? totals->sources : 0);
  if (auto synced = (*store)->sync_sources(poll::configured_sources(*config), now, spread); !synced) {
    return fail(synced.error().during("take the configured sources over into " + config->storage.path));
  }
  if (lock.alone()) plan_abandoned_polls(**store, poll::Catalogue(config), now);
  lock.share();
  Daemon daemon(network, **store, config, std::move(*sockets));
  if (auto started = daemon.start(); !started) return fail(started.error());
  log_info("riverd " RIVERD_VERSION " serves", {{"url", daemon.url()},
                                                {"sources", std::to_string(config->sources.size())},
                                                {"store", config->storage.path}});
  const std::string url = daemon.url();
  static_cast<void>(print("riverd: the river is at " + url + (url.starts_with("http") ? "/" : "") + "\n"));
  daemon.run();
  if (own_socket) http::remove_socket(config->server);
  log_info("stopped");
  return kDone;
}

}  // namespace

int run_serve(const ServeOptions& options) {
  keep_memory_small();
  int status = kDone;
  auto config = load_config(options.config, status);
  if (!config) return status;
  start_log(config->log.level);
  if (const auto locked = locked_reads(*config)) log_warning(*locked);
  return serve(std::make_shared<const config::Config>(std::move(*config)));
}

}  // namespace riverd::commands
