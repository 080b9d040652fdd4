#include "daemon/fetch/resolve.h"

#include <netdb.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace riverd::fetch {

namespace net = boost::asio;

namespace {

/// What the thread and the coroutine share; whoever comes last lets it go.
struct Lookup {
  std::mutex mutex;
  bool wanted = true;  ///< the coroutine, and with it the executor, is still there
  bool found = false;
  std::vector<sockaddr_storage> addresses;
  std::shared_ptr<net::steady_timer> wake;
};

/// The coroutine's hold on the lookup, which ends with its frame, however that ends.
class Waiting {
 public:
  explicit Waiting(std::shared_ptr<Lookup> lookup) : lookup_(std::move(lookup)) {}
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    const std::lock_guard lock(lookup_->mutex);
    lookup_->wanted = false;
    lookup_->wake.reset();
  }

 private:
  std::shared_ptr<Lookup> lookup_;
};

std::vector<sockaddr_storage> ask(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  std::vector<sockaddr_storage> addresses;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return addresses;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(list, &freeaddrinfo);
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    sockaddr_storage address{};
    std::memcpy(&address, entry->ai_addr, std::min<std::size_t>(entry->ai_addrlen, sizeof address));
    addresses.push_back(address);
  }
  return addresses;
}

void look_up(const std::shared_ptr<Lookup>& lookup, const std::string& host) noexcept {
  auto addresses = ask(host);
  const std::lock_guard lock(lookup->mutex);
  if (!lookup->wanted) return;
  lookup->addresses = std::move(addresses);
  lookup->found = true;
  net::post(lookup->wake->get_executor(), [wake = lookup->wake] { wake->cancel(); });
}

}  // namespace

net::awaitable<Result<std::vector<sockaddr_storage>>> resolve(std::string host,
                                                              std::shared_ptr<net::steady_timer> limit) {
  auto lookup = std::make_shared<Lookup>();
  lookup->wake = limit;
  const Waiting waiting(lookup);
  const Error too_late(Errc::timeout, "resolve " + host + ": timed out");
  try {
    std::thread([lookup, host] { look_up(lookup, host); }).detach();
  } catch (const std::system_error&) {
    co_return Error(Errc::timeout, "resolve " + host + ": no thread to do it");
  }
  while (std::chrono::steady_clock::now() < limit->expiry()) {
    {
      const std::lock_guard lock(lookup->mutex);
      if (lookup->found) co_return std::move(lookup->addresses);
    }
    co_await limit->async_wait(net::as_tuple(net::use_awaitable));
  }
  co_return too_late;
}

}  // namespace riverd::fetch
