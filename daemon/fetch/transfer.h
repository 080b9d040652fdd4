#pragma once
/// One HTTP exchange on one easy handle: a request as told, an answer within its bounds. No redirects, no policy.

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/fetch/budget.h"
#include "daemon/fetch/decoder.h"
#include "daemon/fetch/multi.h"
#include "daemon/fetch/url.h"

namespace riverd::fetch {

struct EasyCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;

/// A new easy handle with all that no request changes: no cookies, no .netrc, no environment, certificates verified.
[[nodiscard]] Easy make_easy();

struct Exchange {
  Url url;
  std::vector<std::string> headers;  ///< whole lines
  std::string user_agent;
  std::string basic_auth;            ///< user:password; empty: none
  std::string proxy;                 ///< empty: none
  std::chrono::milliseconds timeout{0};        ///< what is left of it for this hop
  std::chrono::milliseconds whole_timeout{0};  ///< of all hops: what a message names
  std::chrono::milliseconds connect_timeout{0};
  std::chrono::seconds low_speed_time{30};
  std::uint64_t max_body = 0;
  /// A kept connection may have carried another answer an instant ago, and its server's closing may be on the way: a request
  /// that meets it was not seen, and is sent again (RFC 9110, 9.2.2).
  bool just_used = false;
  bool allow_private_networks = false;
  std::string ca_file;               ///< empty: the system's
};

/// What an answer's header said, names in lower case; of the last answer, not of interim ones.
struct Answer {
  int status = 0;
  std::string location;
  std::string content_type, content_encoding, etag, last_modified, cache_control, expires, date, age, retry_after, link;
  std::optional<std::uint64_t> content_length;
  std::string body;
  Reservation held;
  std::uint64_t bytes = 0;  ///< on the wire
  std::string remote_address;
};

class Transfer final : public TransferDone {
 public:
  Transfer(boost::asio::any_io_executor executor, std::shared_ptr<Multi> multi, std::shared_ptr<Budget> budget,
           CURL* easy, Exchange exchange);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  /// Runs it to its end. Errors as Fetcher::fetch.
  boost::asio::awaitable<Result<Answer>> run();

  /// Ends it with interrupted.
  void stop();

 private:
  using Steady = std::chrono::steady_clock;
  enum class Verdict : std::uint8_t {
    none, body_too_large, header_too_large, contradictory_length, sent_before, broken_encoding, enough, stopped
  };

  static size_t on_header(char* data, size_t size, size_t count, void* self) noexcept;
  static size_t on_body(char* data, size_t size, size_t count, void* self) noexcept;
  static int on_send(void* self, char*, char*, int, int) noexcept;
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static CURLcode on_tls(CURL* easy, void* context, void* self) noexcept;
  void done(CURLcode code) override;

  void configure();
  [[nodiscard]] bool header_line(std::string_view line);
  void field(std::string_view name, std::string_view value);
  void length_field(std::string_view value);
  [[nodiscard]] bool header_end();
  [[nodiscard]] bool wants_body() const { return answer_.status >= 200 && answer_.status < 300; }
  size_t body_bytes(std::string_view bytes);
  [[nodiscard]] bool append(std::string_view bytes);
  boost::asio::awaitable<void> until_finished();
  void pause();
  void resume_after(std::weak_ptr<int> token);
  [[nodiscard]] Decoded decode(std::string_view bytes, bool last);
  boost::asio::awaitable<void> until_there_is_room();
  [[nodiscard]] std::optional<Error> failure() const;
  [[nodiscard]] Error transport_failure() const;
  [[nodiscard]] Error timed_out() const;
  void collect();

  boost::asio::steady_timer wake_;
  const std::shared_ptr<Multi> multi_;
  const std::shared_ptr<Budget> budget_;
  CURL* const easy_;
  const Exchange exchange_;
  curl_slist* headers_ = nullptr;
  std::unique_ptr<Decoder> decoder_;
  Answer answer_;
  std::size_t header_bytes_ = 0;
  std::size_t header_lines_ = 0;
  std::uint64_t discarded_ = 0;  ///< body bytes of an answer whose body nobody wants
  bool header_done_ = false;
  bool sent_ = false;
  bool may_resend_;
  bool finished_ = false;
  std::optional<Steady::time_point> paused_since_;  ///< for want of room in the budget
  Steady::time_point deadline_;
  Verdict verdict_ = Verdict::none;
  CURLcode code_ = CURLE_OK;
  bool tls_began_ = false;
  std::string refused_;  ///< the last address that policy refused
  char message_[CURL_ERROR_SIZE] = "";
  std::shared_ptr<int> token_ = std::make_shared<int>(0);  ///< callbacks of the budget may come after the end
};

}  // namespace riverd::fetch
