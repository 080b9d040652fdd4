#pragma once
/// Listening sockets: made, taken over, named.

#include <cstdint>
#include <string>

#include "daemon/http/server.h"
#include "daemon/http/settings.h"

namespace riverd::http {

/// What a listening socket is bound to.
struct BoundTo {
  std::string url;  ///< "http://127.0.0.1:8380" or "unix:/run/riverd/riverd.sock"
  std::uint16_t port = 0;
  Exposure exposure = Exposure::network;
  bool tcp = true;
};

[[nodiscard]] Result<BoundTo> describe(const Listener& listener);

}  // namespace riverd::http
