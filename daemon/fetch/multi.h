#pragma once
/// libcurl's multi interface on Asio: one thread, no busy loop.

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

namespace riverd::fetch {

/// What a transfer that was added hears, once: how it ended. Called outside of libcurl, with the handle removed already.
class TransferDone {
 public:
  virtual void done(CURLcode code) = 0;

 protected:
  ~TransferDone() = default;
};

/// libcurl names the sockets it waits for; they stand in an epoll set of our own, and Asio waits for that set. So the
/// descriptors stay libcurl's, which opens and closes them (its resolver's too), and no wait outlives one.
/// The easy handles' CURLOPT_PRIVATE is their TransferDone.
class Multi {
 public:
  explicit Multi(const boost::asio::any_io_executor& executor);
  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  [[nodiscard]] bool add(CURL* easy);
  /// Takes an unfinished transfer out; its TransferDone hears nothing.
  void remove(CURL* easy);
  /// How many connections may be open at once, busy and kept ones together; one too many is closed when it falls idle.
  void set_most_connections(std::size_t most);
  /// After curl_easy_pause() let one go on.
  void kick();
  /// Has libcurl look at every transfer, at most once a second however many ask. For those that connect: libcurl 7.88 gives a
  /// silent address up when it had its share of the time, but tries the next one only when it is called again, and does not ask to be.
  void look_again();

 private:
  using Steady = std::chrono::steady_clock;
  struct Cleanup {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* data) noexcept;
  static int on_timer(CURLM* multi, long milliseconds, void* self) noexcept;
  void wait_for_sockets();
  void wait_for_timer(Steady::time_point when);
  void sockets_ready();
  void timer_ready();
  void finish();

  boost::asio::posix::stream_descriptor sockets_;  ///< the epoll set
  boost::asio::steady_timer timer_;
  std::optional<Steady::time_point> wanted_;  ///< when libcurl wants to be called
  std::optional<Steady::time_point> armed_;   ///< when timer_ fires
  Steady::time_point looked_;                 ///< when look_again() last did
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< handlers may come after the end
  std::unique_ptr<CURLM, Cleanup> multi_;
};

}  // namespace riverd::fetch
