#include "daemon/fetch/transfer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

#include "daemon/fetch/address.h"

namespace riverd::fetch {

namespace net = boost::asio;

namespace {

constexpr std::size_t kMaxHeaderBytes = 64 * 1024;  // interim answers included
constexpr std::size_t kMaxHeaderLines = 256;
constexpr std::uint64_t kMaxDiscarded = 64 * 1024;  // of an error page, to keep its connection
constexpr long kLowSpeedBytes = 16;
constexpr std::chrono::seconds kConnectStep{1};
constexpr long kIdleSeconds = 20;  // a kept connection that idled longer may just be closing: it is not used again

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// A validator that can be sent back byte for byte; else it is not kept.
std::string validator(std::string_view value) {
  const bool sendable = value.size() <= 4096 && std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
  return sendable ? std::string(value) : std::string();
}

void append_field(std::string& to, std::string_view value) {
  if (!to.empty()) to += ", ";
  to += value;
}

}  // namespace

Easy make_easy() {
  Easy easy(curl_easy_init());
  if (!easy) throw std::bad_alloc();
  CURL* const handle = easy.get();
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(handle, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  curl_easy_setopt(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
  curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // Else whoever gives a transfer up would wait for its name server, and all other transfers with it.
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, kLowSpeedBytes);
  curl_easy_setopt(handle, CURLOPT_MAXAGE_CONN, kIdleSeconds);
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 32L * 1024);
  return easy;
}

Transfer::Transfer(net::any_io_executor executor, std::shared_ptr<Multi> multi, std::shared_ptr<Budget> budget,
                   CURL* easy, Exchange exchange)
    : wake_(std::move(executor), std::chrono::steady_clock::time_point::max()),
      multi_(std::move(multi)),
      budget_(std::move(budget)),
      easy_(easy),
      exchange_(std::move(exchange)),
      may_resend_(exchange_.just_used) {
  answer_.held = Reservation(budget_);
}

Transfer::~Transfer() {
  if (!finished_) multi_->remove(easy_);
  // The handle lives on in a pool: nothing in it may point here.
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, nullptr);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, nullptr);
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, nullptr);
  curl_slist_free_all(headers_);
}

void Transfer::configure() {
  for (const std::string& line : exchange_.headers) {
    if (curl_slist* longer = curl_slist_append(headers_, line.c_str())) headers_ = longer;
  }
  const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(easy_, option, value); };
  set(CURLOPT_URL, exchange_.url.text.c_str());
  set(CURLOPT_HTTPHEADER, headers_);
  set(CURLOPT_USERAGENT, exchange_.user_agent.c_str());
  set(CURLOPT_USERPWD, exchange_.basic_auth.empty() ? nullptr : exchange_.basic_auth.c_str());
  set(CURLOPT_PROXY, exchange_.proxy.c_str());  // "": none, whatever the environment says
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(exchange_.connect_timeout, exchange_.timeout).count()));
  if (!exchange_.ca_file.empty()) set(CURLOPT_CAINFO, exchange_.ca_file.c_str());
  set(CURLOPT_ERRORBUFFER, message_);
  set(CURLOPT_PRIVATE, static_cast<TransferDone*>(this));
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(exchange_.low_speed_time.count()));
  set(CURLOPT_PREREQFUNCTION, &Transfer::on_send);
  set(CURLOPT_PREREQDATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_SSL_CTX_FUNCTION, &Transfer::on_tls);
  set(CURLOPT_SSL_CTX_DATA, this);
}

net::awaitable<Result<Answer>> Transfer::run() {
  configure();
  if (!multi_->add(easy_)) {
    finished_ = true;
    co_return Error(Errc::internal, "start a transfer to " + exchange_.url.peer() + ": libcurl refused");
  }
  co_await until_finished();
  collect();
  if (auto error = failure()) co_return std::move(*error);
  if (decoder_) {
    if (decoder_->deferred()) co_await until_there_is_room();
    const Decoded end = verdict_ == Verdict::stopped ? Decoded::ok : decode({}, true);
    if (end == Decoded::too_large) verdict_ = Verdict::body_too_large;
    if (end == Decoded::broken) verdict_ = Verdict::broken_encoding;
    decoder_.reset();
    if (auto error = failure()) co_return std::move(*error);
  }
  answer_.held.complete(answer_.body.capacity());
  co_return std::move(answer_);
}

/// The time that it stands still for want of room is ours and not the server's, so it is given back, once over.
net::awaitable<void> Transfer::until_finished() {
  deadline_ = Steady::now() + exchange_.timeout;
  const Steady::time_point latest = deadline_ + exchange_.timeout;
  while (!finished_) {
    const Steady::time_point end = paused_since_ ? latest : std::min(deadline_, latest);
    if (Steady::now() >= end) {
      multi_->remove(easy_);
      done(CURLE_OPERATION_TIMEDOUT);
      break;
    }
    const bool connecting = !sent_;
    wake_.expires_at(connecting ? std::min(end, Steady::now() + kConnectStep) : end);
    co_await wake_.async_wait(net::as_tuple(net::use_awaitable));
    if (connecting && !sent_ && !finished_) multi_->look_again();
  }
}

void Transfer::stop() {
  verdict_ = Verdict::stopped;
  if (!finished_) {
    multi_->remove(easy_);
    finished_ = true;
  }
  wake_.cancel();
}

void Transfer::done(CURLcode code) {
  code_ = code;
  finished_ = true;
  wake_.cancel();
}

/// Called right before a request is sent. When a kept connection is closed instead of answered, libcurl would send it again
/// over a new one; but the server may have seen it: one request a poll, unless the closing was on its way before it.
int Transfer::on_send(void* data, char*, char*, int, int) noexcept {
  auto& self = *static_cast<Transfer*>(data);
  if (std::exchange(self.sent_, true) && !std::exchange(self.may_resend_, false)) {
    self.verdict_ = Verdict::sent_before;
    return CURL_PREREQFUNC_ABORT;
  }
  return CURL_PREREQFUNC_OK;
}

curl_socket_t Transfer::on_open(void* data, curlsocktype, curl_sockaddr* address) noexcept {
  auto& self = *static_cast<Transfer*>(data);
  // Through a proxy this is the proxy's address, which the user chose; the target was judged before.
  if (!self.exchange_.allow_private_networks && self.exchange_.proxy.empty() && !is_global(address->addr)) {
    self.refused_ = to_string(address->addr);
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// libcurl tells of a connection only when its TLS is done, too: this is how a handshake that hangs is told from a connect.
CURLcode Transfer::on_tls(CURL*, void*, void* self) noexcept {
  static_cast<Transfer*>(self)->tls_began_ = true;
  return CURLE_OK;
}

size_t Transfer::on_header(char* data, size_t size, size_t count, void* self) noexcept {
  const std::string_view line(data, size * count);
  return static_cast<Transfer*>(self)->header_line(line) ? line.size() : 0;
}

bool Transfer::header_line(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes || ++header_lines_ > kMaxHeaderLines) {
    verdict_ = Verdict::header_too_large;
    return false;
  }
  if (header_done_) return true;  // a trailer
  const std::string_view text = trimmed(line);
  if (line.starts_with("HTTP/")) {
    Reservation held = std::move(answer_.held);
    answer_ = Answer();
    answer_.held = std::move(held);
    const std::string_view code = text.substr(std::min(text.find(' '), text.size()));
    if (code.size() >= 4) std::from_chars(code.data() + 1, code.data() + 4, answer_.status);
    return true;
  }
  if (text.empty()) return header_end();
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) field(text.substr(0, colon), trimmed(text.substr(colon + 1)));
  return verdict_ == Verdict::none;
}

void Transfer::field(std::string_view name, std::string_view value) {
  const auto is = [name](std::string_view wanted) { return equal_ignoring_case(name, wanted); };
  if (is("etag")) answer_.etag = validator(value);
  else if (is("last-modified")) answer_.last_modified = validator(value);
  else if (is("content-type")) answer_.content_type = value;
  else if (is("content-encoding")) append_field(answer_.content_encoding, value);
  else if (is("location")) answer_.location = value;
  else if (is("cache-control")) append_field(answer_.cache_control, value);
  else if (is("expires")) answer_.expires = value;
  else if (is("date")) answer_.date = value;
  else if (is("age")) answer_.age = value;
  else if (is("retry-after")) answer_.retry_after = value;
  else if (is("link")) append_field(answer_.link, value);
  else if (is("content-length")) {
    length_field(value);
  }
}

/// RFC 9112, 6.3: two lengths that differ, and one beyond all numbers, are errors. libcurl refuses what is no number at all, but
/// takes the last of several, and reads until the end of the connection where the number is too large for it.
void Transfer::length_field(std::string_view value) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (end != value.data() + value.size()) return;
  if (error == std::errc::result_out_of_range) length = std::numeric_limits<std::uint64_t>::max();
  if (answer_.content_length && *answer_.content_length != length) verdict_ = Verdict::contradictory_length;
  answer_.content_length = length;
}

bool Transfer::header_end() {
  if (answer_.status < 200) return true;  // interim: another header follows
  header_done_ = true;
  if (!wants_body()) return true;
  decoder_ = make_decoder(answer_.content_encoding, exchange_.max_body);
  if (answer_.content_length > exchange_.max_body) {  // decoded it may only be longer, or it is no feed
    verdict_ = Verdict::body_too_large;
    return false;
  }
  return true;
}

size_t Transfer::on_body(char* data, size_t size, size_t count, void* self) noexcept {
  return static_cast<Transfer*>(self)->body_bytes({data, size * count});
}

size_t Transfer::body_bytes(std::string_view bytes) {
  if (!wants_body()) {
    discarded_ += bytes.size();
    if (discarded_ <= kMaxDiscarded) return bytes.size();
    verdict_ = Verdict::enough;
    return 0;
  }
  if (!answer_.held.may_grow(answer_.body.size() + bytes.size())) {
    pause();
    return CURL_WRITEFUNC_PAUSE;
  }
  if (!decoder_ && answer_.body.empty() && answer_.content_length) {
    answer_.body.reserve(static_cast<std::size_t>(std::min(*answer_.content_length, Budget::kFree)));
  }
  const Decoded result = decoder_ ? decode(bytes, false) : append(bytes) ? Decoded::ok : Decoded::too_large;
  if (result == Decoded::ok) return bytes.size();
  verdict_ = result == Decoded::too_large ? Verdict::body_too_large : Verdict::broken_encoding;
  return 0;
}

Decoded Transfer::decode(std::string_view bytes, bool last) {
  const Sink sink = [this](std::string_view decoded) { return append(decoded); };
  return last ? decoder_->finish(sink) : decoder_->write(bytes, sink);
}

bool Transfer::append(std::string_view bytes) {
  std::string& body = answer_.body;
  const std::size_t size = body.size() + bytes.size();
  if (size > exchange_.max_body) return false;
  if (size > body.capacity()) {
    // Twice as much, but no more than a body may have: doubling past the bound would cost half of it for nothing.
    body.reserve(std::max(size, std::min(body.capacity() * 2, static_cast<std::size_t>(exchange_.max_body))));
    answer_.held.set(body.capacity());
  }
  body += bytes;
  return true;
}

void Transfer::pause() {
  if (paused_since_) return;
  paused_since_ = Steady::now();
  resume_after(token_);
}

void Transfer::resume_after(std::weak_ptr<int> token) {
  budget_->on_freed([this, token = std::move(token)] {
    if (token.expired() || finished_) return;
    // Not from here: whoever freed something may be inside of libcurl.
    net::post(wake_.get_executor(), [this, token] {
      if (token.expired() || finished_) return;
      deadline_ += Steady::now() - *paused_since_;
      paused_since_.reset();
      wake_.cancel();  // to wait for another end
      curl_easy_pause(easy_, CURLPAUSE_CONT);
      multi_->kick();
    });
  });
}

net::awaitable<void> Transfer::until_there_is_room() {
  wake_.expires_at(Steady::time_point::max());
  while (verdict_ == Verdict::none && !answer_.held.may_grow(Budget::kFree + 1)) {
    budget_->on_freed([this, token = std::weak_ptr<int>(token_)] {
      if (!token.expired()) wake_.cancel();
    });
    co_await wake_.async_wait(net::as_tuple(net::use_awaitable));
  }
}

void Transfer::collect() {
  curl_off_t body = 0;
  long header = 0;
  char* address = nullptr;
  curl_easy_getinfo(easy_, CURLINFO_SIZE_DOWNLOAD_T, &body);
  curl_easy_getinfo(easy_, CURLINFO_HEADER_SIZE, &header);
  curl_easy_getinfo(easy_, CURLINFO_PRIMARY_IP, &address);
  answer_.bytes = static_cast<std::uint64_t>(body) + static_cast<std::uint64_t>(header);
  if (address != nullptr && exchange_.proxy.empty()) answer_.remote_address = address;
}

}  // namespace riverd::fetch
