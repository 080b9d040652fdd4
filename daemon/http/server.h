#pragma once
/// The HTTP server (contract 1.4): one network thread, a few worker threads that ask the store.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "daemon/http/engine.h"
#include "daemon/http/page.h"
#include "storage/store.h"

namespace riverd::http {

/// A bound and listening stream socket, TCP or Unix; taken over by the server, which closes it.
struct Listener {
  int descriptor = -1;
};

/// Binds and listens at server.listen: `127.0.0.1:8380`, `[::1]:8380`, `localhost:8380`, `*:8380` or `unix:PATH`; port 0 takes
/// a free one. A Unix socket left behind by a dead process is replaced; it gets server.socket_mode and server.socket_group.
/// Errors: busy when somebody listens there already, invalid for an address or a group that is none, io.
[[nodiscard]] Result<Listener> listen_at(const config::Server& server);

/// Takes the Unix socket of a listener made by listen_at() away from the file system, when the server has ended.
void remove_socket(const config::Server& server);

struct ServerOptions {
  config::Server config;
  std::string version = "0.1.0";
  std::function<Time()> clock;             ///< wall time; empty: the system's
  std::size_t workers = 4;                 ///< threads that ask the store; at least 3
  std::size_t queue = 256;                 ///< requests of one kind that may wait for them; beyond: 503
  std::size_t cache_bytes = 8U << 20U;     ///< answers kept
  std::size_t json_bytes = 8U << 20U;      ///< serialised posts kept
  std::size_t event_backlog = 256U << 10U; ///< bytes that wait for an event client before it must take some
  std::size_t held_bytes = 64U << 20U;     ///< bytes of large answers that wait for all clients together; beyond: 503
  std::chrono::milliseconds head_timeout{15'000};   ///< for a whole request head, however busily it dribbles
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{75'000};   ///< between requests
  std::chrono::milliseconds write_timeout{30'000};  ///< without a byte taken by the client
  std::chrono::milliseconds stream_timeout{5'000};  ///< the same of an event client while events wait for it
  std::chrono::milliseconds linger_timeout{2'000};
  std::chrono::milliseconds heartbeat{10'000};      ///< between comment lines of an event stream
  std::chrono::milliseconds tick{500};              ///< how often deadlines are looked at
};

/// Serves a store. Takes the store's on_change for itself; the store, the engine and what the page handler uses outlive it.
class Server {
 public:
  ///   pages   answers `/` and every path that is not of the API; empty: a plain first page
  Server(std::vector<Listener> listeners, ServerOptions options, storage::Store& store, Engine& engine,
         PageHandler pages = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Reads where the store stands and starts the threads. Errors: what the store says.
  [[nodiscard]] Result<void> start();

  /// Takes a new configuration over: token, protect_reads, hosts, cors_origins, title, images, public_url and
  /// max_connections; `listen` stays as it was. Answers under way are not disturbed. From any thread.
  void reload(const config::Server& config);

  /// Forgets kept answers: after retention or a sync of sources, which need not move seq. From any thread.
  void invalidate();

  /// Whether the network thread runs what it is given within `patience`. Waits for it: call it on a thread that may.
  [[nodiscard]] bool answers(std::chrono::milliseconds patience);

  /// Accepts nothing more, closes event streams and idle connections, lets answers under way end for at most `grace`, then
  /// ends the threads. Idempotent.
  void stop(std::chrono::milliseconds grace = std::chrono::seconds(2));

  /// Where the first listener is reached: "http://127.0.0.1:43123", or "unix:/run/riverd/riverd.sock".
  [[nodiscard]] std::string url() const;

  /// The TCP port of the first listener; 0 for a Unix socket.
  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace riverd::http
