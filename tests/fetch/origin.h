#pragma once
/// A scripted origin on loopback for tests: answers raw bytes, keeps what it was asked.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace riverd::test {

struct Asked {
  std::string head;  ///< request line and header, as it came
  std::chrono::steady_clock::time_point at;
  [[nodiscard]] std::string path() const {
    const auto begin = head.find(' ') + 1;
    return head.substr(begin, head.find(' ', begin) - begin);
  }
  /// The value of a header field, by its name as sent; "(none)" where it is absent.
  [[nodiscard]] std::string field(const std::string& name) const {
    const auto at_line = head.find("\r\n" + name + ": ");
    if (at_line == std::string::npos) return "(none)";
    const auto begin = at_line + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class Origin {
 public:
  using tcp = boost::asio::ip::tcp;
  /// Gets the connection after a request's header was read; writes what it likes. Returns whether to read another request.
  using Script = std::function<bool(tcp::socket&, const Asked&)>;

  explicit Origin(Script script, const std::string& address = "127.0.0.1")
      : script_(std::move(script)),
        acceptor_(context_, tcp::endpoint(boost::asio::ip::make_address(address), 0)),
        accepting_([this] { accept(); }) {}

  ~Origin() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket poke(context_);
    poke.connect(acceptor_.local_endpoint(), ignored);
    accepting_.join();
    {
      const std::lock_guard lock(mutex_);
      for (auto& socket : sockets_) {
        socket.shutdown(tcp::socket::shutdown_both, ignored);
      }
    }
    for (auto& thread : threads_) thread.join();
  }

  [[nodiscard]] unsigned short port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] std::string url(const std::string& path, const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port()) + path;
  }
  [[nodiscard]] std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  [[nodiscard]] std::size_t connections() const { return connections_; }
  [[nodiscard]] bool stopping() const { return stopping_; }

  /// Writes raw bytes; false when the peer has left.
  static bool write(tcp::socket& socket, const std::string& bytes) {
    boost::system::error_code error;
    boost::asio::write(socket, boost::asio::buffer(bytes), error);
    return !error;
  }
  static std::string answer(const std::string& body, const std::string& fields = "", const std::string& status = "200 OK") {
    return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

 private:
  void accept() {
    while (!stopping_) {
      boost::system::error_code error;
      tcp::socket socket(context_);
      acceptor_.accept(socket, error);
      if (error || stopping_) continue;
      ++connections_;
      const std::lock_guard lock(mutex_);
      sockets_.push_back(std::move(socket));
      threads_.emplace_back([this, &connection = sockets_.back()] { serve(connection); });
    }
  }
  void serve(tcp::socket& socket) {
    std::string buffer;
    boost::system::error_code error;
    while (!stopping_) {
      const auto size = boost::asio::read_until(socket, boost::asio::dynamic_buffer(buffer), "\r\n\r\n", error);
      if (error) break;
      Asked asked{buffer.substr(0, size), std::chrono::steady_clock::now()};
      buffer.erase(0, size);
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(asked);
      }
      if (!script_(socket, asked)) break;
    }
    socket.shutdown(tcp::socket::shutdown_both, error);
  }

  Script script_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> connections_ = 0;
  mutable std::mutex mutex_;
  std::list<tcp::socket> sockets_;
  std::vector<std::thread> threads_;
  std::vector<Asked> asked_;
  std::thread accepting_;
};

}  // namespace riverd::test
