#pragma once
/// Takes connections off a listening socket, as many as there is room for. Belongs to the network thread.

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "daemon/http/dispatcher.h"
#include "daemon/http/listener.h"

namespace riverd::http {

/// One listening socket. Beyond max_connections the least worthy connection makes room; where none can, a few spare ones
/// are served one answer each, so that a health check gets through, and the others get 503.
class Acceptor {
 public:
  Acceptor(boost::asio::io_context& network, Dispatcher& dispatcher, const Listener& listener, BoundTo bound);

  void start() { wait(); }
  void stop();

 private:
  void wait();
  void accept_all();
  /// False when there is nothing more to accept now.
  bool accept_one();
  void pause();
  void take(Connection::Socket socket, std::string address);
  void turn_away(Connection::Socket& socket);

  boost::asio::io_context& network_;
  Dispatcher& dispatcher_;
  const BoundTo bound_;
  boost::asio::posix::stream_descriptor listening_;
  boost::asio::steady_timer pause_;
};

}  // namespace riverd::http
