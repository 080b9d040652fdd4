#pragma once
/// Name resolution that can be given up at any time.

#include <sys/socket.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace riverd::fetch {

/// The addresses of a name as getaddrinfo() gives them, or of a literal address; none where there is no such name. The lookup has a
/// thread of its own, which is left behind when the time is over or the coroutine is destroyed: a name server that does not
/// answer holds up nobody else, not even the end of the process.
///   limit   expires when it is to be given up; may be set anew meanwhile
/// Errors: timeout.
[[nodiscard]] boost::asio::awaitable<Result<std::vector<sockaddr_storage>>> resolve(
    std::string host, std::shared_ptr<boost::asio::steady_timer> limit);

}  // namespace riverd::fetch
