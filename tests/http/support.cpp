#include "tests/http/support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace riverd::tests {
namespace {

constexpr int kPatience = 10'000;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("the server under test does not listen");
}

Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

Client::Client(Client&& other) noexcept : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)) {}

bool Client::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

void Client::half_close() { ::shutdown(socket_, SHUT_WR); }

void Client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(socket_, -1));
}

bool Client::receive() {
  pollfd wait{socket_, POLLIN, 0};
  if (::poll(&wait, 1, kPatience) <= 0) return false;
  char bytes[65536];
  const ssize_t n = ::recv(socket_, bytes, sizeof bytes, 0);
  if (n <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(n));
  return true;
}

std::string Client::read_until(const std::string& mark) {
  std::size_t at = std::string::npos;
  while ((at = buffer_.find(mark)) == std::string::npos)
    if (!receive()) return std::exchange(buffer_, {});
  const std::string out = buffer_.substr(0, at + mark.size());
  buffer_.erase(0, at + mark.size());
  return out;
}

std::string Client::read_all() {
  while (receive()) {
  }
  return std::exchange(buffer_, {});
}

bool Client::closed_within(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd wait{socket_, POLLIN, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) return false;
    char bytes[4096];
    if (::recv(socket_, bytes, sizeof bytes, 0) <= 0) return true;
  }
}

Reply Client::reply(bool head) {
  std::string text = read_until("\r\n\r\n");
  Reply out;
  if (!text.ends_with("\r\n\r\n") || !text.starts_with("HTTP/1.1 ")) return out;
  out.status = std::stoi(text.substr(9, 3));
  std::size_t at = text.find("\r\n") + 2;
  while (at + 2 < text.size()) {
    const auto end = text.find("\r\n", at);
    const auto colon = text.find(": ", at);
    std::string& value = out.headers[lower(text.substr(at, colon - at))];
    value += (value.empty() ? "" : ", ") + text.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  if (head || out.status == 304 || out.status == 204) return out;
  const std::size_t length = out.header("content-length").empty() ? 0 : std::stoul(out.header("content-length"));
  while (buffer_.size() < length && receive()) {
  }
  out.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return out;
}

std::string request(const std::string& target, const std::string& fields, const std::string& method) {
  return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

River::River(const Change& change, http::PageHandler pages) {
  http::ServerOptions options;
  options.tick = std::chrono::milliseconds(20);
  if (change) change(options);
  config::Server where;
  where.listen = "127.0.0.1:0";
  const auto listener = http::listen_at(where);
  server = std::make_unique<http::Server>(std::vector{*listener}, options, store, engine, std::move(pages));
  if (!server->start()) throw std::runtime_error("the server under test does not start");
}

Reply River::get(const std::string& target, const std::string& fields, const std::string& method) const {
  auto client = connect();
  client.send(request(target, fields, method));
  return client.reply(method == "HEAD");
}

Reply River::raw(const std::string& bytes) const {
  auto client = connect();
  client.send(bytes);
  return client.reply();
}

}  // namespace riverd::tests
