#include "daemon/http/acceptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace riverd::http {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::size_t kSpare = 32;   ///< connections beyond max_connections, for one answer each
constexpr int kBatch = 64;           ///< accepted before others have their turn
constexpr auto kPause = 100ms;       ///< when the process is out of descriptors
/// Bytes that the kernel takes before they are on their way. Without it each client that does not read is given megabytes,
/// and the time to copy them is everybody's.
constexpr int kMostUnsent = 128 * 1024;

/// Whom a wrong token counts against: an IPv4 address, or the /64 of an IPv6 one.
std::string address_of(const sockaddr_storage& peer) {
  char text[INET6_ADDRSTRLEN] = {};
  if (peer.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, text, sizeof text);
  } else if (peer.ss_family == AF_INET6) {
    in6_addr address = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
    if (!IN6_IS_ADDR_V4MAPPED(&address)) std::memset(address.s6_addr + 8, 0, 8);
    ::inet_ntop(AF_INET6, &address, text, sizeof text);
  }
  return text;
}

}  // namespace

Acceptor::Acceptor(asio::io_context& network, Dispatcher& dispatcher, const Listener& listener, BoundTo bound)
    : network_(network), dispatcher_(dispatcher), bound_(std::move(bound)), listening_(network), pause_(network) {
  boost::system::error_code ignored;
  listening_.assign(listener.descriptor, ignored);
  listening_.native_non_blocking(true, ignored);
}

void Acceptor::stop() {
  boost::system::error_code ignored;
  pause_.cancel();
  listening_.close(ignored);
}

void Acceptor::wait() {
  if (!listening_.is_open()) return;
  listening_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) accept_all();
  });
}

void Acceptor::accept_all() {
  for (int i = 0; i < kBatch; ++i)
    if (!accept_one()) return;
  wait();
}

bool Acceptor::accept_one() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const int descriptor = ::accept4(listening_.native_handle(), reinterpret_cast<sockaddr*>(&peer), &size,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) {
    switch (errno) {
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM: return pause(), false;
      case EAGAIN: return wait(), false;
      case EBADF:
      case EINVAL: return false;
      default: return true;  // that client has gone again
    }
  }
  Connection::Socket socket(network_);
  boost::system::error_code error;
  socket.assign(asio::generic::stream_protocol(bound_.tcp ? peer.ss_family : AF_UNIX, 0), descriptor, error);
  if (error) {
    ::close(descriptor);
    return true;
  }
  if (bound_.tcp) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMostUnsent, sizeof kMostUnsent);
  }
  take(std::move(socket), address_of(peer));
  return true;
}

void Acceptor::pause() {
  const int reason = errno;
  if (!dispatcher_.connections().evict_one(Connection::Clock::now()))
    spdlog::warn("cannot accept a connection reason=\"{}\"", std::strerror(reason));
  pause_.expires_after(kPause);
  pause_.async_wait([this](const boost::system::error_code& error) {
    if (!error) accept_all();
  });
}

void Acceptor::take(Connection::Socket socket, std::string address) {
  auto& connections = dispatcher_.connections();
  auto& traffic = dispatcher_.traffic();
  const std::size_t most = dispatcher_.settings().max_connections;
  if (connections.size() >= most) static_cast<void>(connections.evict_one(Connection::Clock::now()));
  if (connections.size() >= most + kSpare) return turn_away(socket);
  Connection::Peer peer{std::move(address), bound_.exposure, connections.size() >= most};
  traffic.accepted.fetch_add(1, std::memory_order_relaxed);
  auto connection = std::make_shared<Connection>(dispatcher_, std::move(socket), std::move(peer));
  connections.add(connection);
  connection->start();
}

void Acceptor::turn_away(Connection::Socket& socket) {
  static constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: 107\r\n"
      "Retry-After: 1\r\nConnection: close\r\n\r\n"
      "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
      "\"detail\":\"too many connections are open\"}\n";
  dispatcher_.traffic().refused.fetch_add(1, std::memory_order_relaxed);
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kAnswer.data(), kAnswer.size()), ignored);
  socket.shutdown(Connection::Socket::shutdown_send, ignored);
}

}  // namespace riverd::http
