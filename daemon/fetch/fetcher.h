#pragma once
/// One conditional request over HTTP: libcurl multi on Asio, one thread, no thread per transfer.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "daemon/fetch/budget.h"

namespace riverd::fetch {

struct Options {
  std::string user_agent;
  std::chrono::milliseconds timeout{30'000};  ///< whole transfer: redirects, headers, body
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::seconds low_speed_time{30};  ///< a transfer under 16 bytes a second for so long ends
  std::uint64_t max_body = 16U << 20U;        ///< bytes after decompression
  std::uint32_t concurrency = 256;
  std::uint32_t per_host = 2;
  bool allow_private_networks = false;
  std::optional<std::string> proxy;
  std::string ca_file;                        ///< certificates to trust instead of the system's; empty: the system's
  std::uint64_t buffered = 32U << 20U;        ///< bytes of large bodies held at once, see Budget
  /// The gap between two starts to one host (lower case, without port). Empty: none for any.
  std::function<std::chrono::milliseconds(std::string_view host)> spacing;
};

struct Request {
  std::string url;
  std::string etag;           ///< sent as If-None-Match byte for byte; empty: not sent
  std::string last_modified;  ///< sent as If-Modified-Since byte for byte; empty: not sent
  std::string validator_url;  ///< the URL that gave these two: they are sent to it alone; empty: url
  std::map<std::string, std::string> headers;  ///< of this source
  std::optional<std::string> user_agent;
  std::optional<std::string> basic_auth;
  std::string credentials_url;  ///< headers and basic_auth go to this URL's origin alone; empty: url's
  std::optional<std::string> proxy;
  std::string accept;         ///< empty: feed types
  std::optional<std::uint64_t> max_body;
  /// Awaited when its turn has come, right before it is sent, and again at each hop, with the URL that is asked. False: it is
  /// not sent, and fetch() answers busy (a host may ask to be left alone while requests to it wait in a queue). Empty: sent.
  std::function<boost::asio::awaitable<bool>(std::string url)> on_start;
};

struct Hop {
  int status = 0;
  std::string location;  ///< absolute URL it led to
};

struct Response {
  int status = 0;
  std::string url;         ///< that answered, after redirects
  bool conditional = false;  ///< a validator was sent to that URL
  std::vector<Hop> hops;
  std::string body;        ///< decoded; empty unless the status is 2xx
  Reservation held;        ///< the body's share of the budget: keep it as long as the body or what was made of it
  std::string content_type;
  std::string etag;        ///< of the last answer, byte for byte; empty where it has none or none that can be sent back
  std::string last_modified;
  std::string cache_control;
  std::string expires;
  std::string date;
  std::string age;
  std::string retry_after;
  std::string link;        ///< Link header fields, joined by ", "
  std::uint64_t bytes = 0; ///< received on the wire, headers included, over all hops
  std::chrono::milliseconds elapsed{0};  ///< without the time in a queue
  std::string remote_address;  ///< the peer's IP; empty through a proxy, which is no sign of where the origin is
};

/// Bounded, fair, polite: concurrency over all, per_host to one, waiting transfers in fair queues (time in a queue does not
/// count against the timeout). All calls from the executor's one thread.
class Fetcher {
 public:
  Fetcher(boost::asio::any_io_executor executor, Options options);
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  /// One request; redirects are followed (10 hops, http(s) only, never https to http). Any HTTP status is a response.
  /// Errors: network, timeout, too_large, forbidden (a private address), invalid (a URL), busy (on_start), interrupted.
  /// No credential appears in an error or in a Response.
  boost::asio::awaitable<Result<Response>> fetch(Request request);

  /// From the next request on. Transfers under way keep what they started with.
  void set_options(Options options);

  /// Ends every transfer with interrupted; fetch() fails from now on. The coroutines end soon, on the executor.
  void stop();

  [[nodiscard]] std::size_t active() const;   ///< transfers under way
  [[nodiscard]] std::size_t waiting() const;  ///< in a queue
  [[nodiscard]] std::size_t waiting_for(const std::string& host) const;  ///< lower case, as in Url::host

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace riverd::fetch
