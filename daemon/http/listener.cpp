#include "daemon/http/listener.h"

#include <arpa/inet.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "daemon/http/text.h"

namespace riverd::http {
namespace {

constexpr int kBacklog = 4096;

/// A descriptor that is closed unless let go of.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

Error failure(const std::string& address, int error) {
  return {error == EADDRINUSE ? Errc::busy : Errc::io, "listen at " + address + ": " + std::strerror(error)};
}

Result<Listener> listen_with(const std::string& address, const sockaddr* bound, socklen_t size) {
  Descriptor socket(::socket(bound->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return failure(address, errno);
  if (bound->sa_family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  if (::bind(socket.get(), bound, size) != 0 || ::listen(socket.get(), kBacklog) != 0) return failure(address, errno);
  return Listener{socket.release()};
}

/// Whether somebody answers at a Unix socket's path.
bool is_alive(const sockaddr_un& path) {
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&path), sizeof path) == 0 || errno != ECONNREFUSED;
}

/// Who may connect: the mode and, where one is named, the group of the socket.
Result<void> give_access(const config::Server& server, const std::string& path) {
  if (!server.socket_group.empty()) {
    const struct group* found = ::getgrnam(server.socket_group.c_str());  // NOLINT(concurrency-mt-unsafe): no thread runs yet
    if (found == nullptr) return Error(Errc::invalid, "server.socket_group: there is no group \"" + server.socket_group + "\"");
    if (::lchown(path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0) {
      return Error(Errc::io, "give " + path + " to the group " + server.socket_group + ": " + std::strerror(errno) +
                                 "; riverd must be in that group (under systemd use SocketGroup= in riverd.socket)");
    }
  }
  if (::chmod(path.c_str(), server.socket_mode) != 0) return failure(server.listen, errno);
  return {};
}

Result<Listener> listen_unix(const config::Server& server, const std::string& path) {
  const std::string& address = server.listen;
  sockaddr_un bound{};
  bound.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof bound.sun_path)
    return Error{Errc::invalid, "listen at " + address + ": the path is empty or longer than 107 bytes"};
  std::memcpy(bound.sun_path, path.c_str(), path.size() + 1);
  struct stat file {};
  const bool socket_there = ::lstat(path.c_str(), &file) == 0 && S_ISSOCK(file.st_mode);
  if (socket_there && !is_alive(bound)) ::unlink(path.c_str());
  const mode_t before = ::umask(0177);  // nobody else gets in before the mode is as configured
  auto listener = listen_with(address, reinterpret_cast<const sockaddr*>(&bound), sizeof bound);
  ::umask(before);
  if (!listener) return listener;
  if (auto given = give_access(server, path); !given) {
    ::close(listener->descriptor);
    ::unlink(path.c_str());
    return given.error();
  }
  return listener;
}

Result<Listener> listen_tcp(const std::string& address) {
  const auto invalid = [&](const std::string& why) { return Error{Errc::invalid, "listen at " + address + ": " + why}; };
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return invalid("a port is missing, as in 127.0.0.1:8380");
  std::string host = address.substr(0, colon);
  const std::string port = address.substr(colon + 1);
  if (!parse_number<std::uint16_t>(port)) return invalid("the port is not a number up to 65535");
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const bool any = host.empty() || host == "*";
  if (const int error = ::getaddrinfo(any ? nullptr : host.c_str(), port.c_str(), &hints, &found); error != 0)
    return Error{Errc::io, "listen at " + address + ": " + ::gai_strerror(error)};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  return listen_with(address, found->ai_addr, found->ai_addrlen);
}

std::string text_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof text);
    return '[' + std::string(text) + ']';
  }
  ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  return text;
}

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  return (ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24U) == 127;
}

}  // namespace

Result<Listener> listen_at(const config::Server& server) {
  if (server.listen.starts_with("unix:")) return listen_unix(server, server.listen.substr(5));
  return listen_tcp(server.listen);
}

void remove_socket(const config::Server& server) {
  if (server.listen.starts_with("unix:")) ::unlink(server.listen.c_str() + 5);
}

Result<BoundTo> describe(const Listener& listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(listener.descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return Error{Errc::io, std::string("look at the listening socket: ") + std::strerror(errno)};
  BoundTo out;
  if (address.ss_family == AF_UNIX) {
    out.url = std::string("unix:") + reinterpret_cast<const sockaddr_un&>(address).sun_path;
    out.exposure = Exposure::local;
    out.tcp = false;
    return out;
  }
  const bool six = address.ss_family == AF_INET6;
  out.port = ntohs(six ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                       : reinterpret_cast<const sockaddr_in&>(address).sin_port);
  out.url = "http://" + text_of(address) + ":" + std::to_string(out.port);
  out.exposure = is_loopback(address) ? Exposure::loopback : Exposure::network;
  return out;
}

}  // namespace riverd::http
