#pragma once
/// A server on a free port, and clients that speak to it byte by byte.

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/http/server.h"
#include "tests/http/fake_store.h"

namespace riverd::tests {

struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case; repeats joined by ", "
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// One TCP connection. Every wait ends after ten seconds.
class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(Client&& other) noexcept;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// False when the peer has closed or reset the connection.
  bool send(const std::string& bytes);
  void half_close();
  void reset();  ///< closes with RST

  /// The next answer; status 0 when the connection ended first.
  Reply reply(bool head = false);
  /// Everything up to and including `mark`; what came so far where the connection ended first.
  std::string read_until(const std::string& mark);
  /// Everything until the peer closes.
  std::string read_all();
  /// Whether the peer closes within the time given.
  bool closed_within(std::chrono::milliseconds time);

 private:
  bool receive();
  int socket_ = -1;
  std::string buffer_;
};

/// The server under test with everything around it.
class River {
 public:
  using Change = std::function<void(http::ServerOptions&)>;
  explicit River(const Change& change = {}, http::PageHandler pages = {});

  FakeStore store;
  FakeEngine engine;
  std::unique_ptr<http::Server> server;

  [[nodiscard]] Client connect() const { return Client(server->port()); }
  /// One request on a connection of its own.
  [[nodiscard]] Reply get(const std::string& target, const std::string& fields = "", const std::string& method = "GET") const;
  /// Sends bytes as they are and gives the first answer.
  [[nodiscard]] Reply raw(const std::string& bytes) const;
};

/// `GET target HTTP/1.1` with Host and the fields given (each with CRLF).
[[nodiscard]] std::string request(const std::string& target, const std::string& fields = "", const std::string& method = "GET");

}  // namespace riverd::tests
