#include "daemon/fetch/fetcher.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <set>

#include "daemon/fetch/address.h"
#include "daemon/fetch/host_queue.h"
#include "daemon/fetch/multi.h"
#include "daemon/fetch/resolve.h"
#include "daemon/fetch/transfer.h"

namespace riverd::fetch {

namespace net = boost::asio;

namespace {

constexpr std::size_t kMaxHops = 10;
constexpr std::size_t kPooledHandles = 64;
constexpr std::size_t kIdleConnections = 64;  // kept besides the busy ones
constexpr std::string_view kAccept =
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1";

void init_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool names(const std::string& header, std::string_view wanted) {
  return header.size() == wanted.size() && std::equal(header.begin(), header.end(), wanted.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}

Response to_response(Answer answer, const Url& url) {
  Response response;
  response.status = answer.status;
  response.url = url.text;
  response.body = std::move(answer.body);
  response.held = std::move(answer.held);
  response.content_type = std::move(answer.content_type);
  response.etag = std::move(answer.etag);
  response.last_modified = std::move(answer.last_modified);
  response.cache_control = std::move(answer.cache_control);
  response.expires = std::move(answer.expires);
  response.date = std::move(answer.date);
  response.age = std::move(answer.age);
  response.retry_after = std::move(answer.retry_after);
  response.link = std::move(answer.link);
  response.remote_address = std::move(answer.remote_address);
  return response;
}

/// One fetch as it goes from hop to hop.
struct Journey {
  Request request;
  Url url;
  Url credentials;      ///< the origin that headers and basic_auth are for
  std::string validators;  ///< the URL that etag and last_modified are for
  std::vector<Hop> hops;
  std::set<std::string> visited;
  std::uint64_t bytes = 0;
  std::chrono::milliseconds elapsed{0};

  [[nodiscard]] bool conditional() const {
    return url.text == validators && !(request.etag.empty() && request.last_modified.empty());
  }
};

}  // namespace

class Fetcher::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(net::any_io_executor executor, Options options)
      : executor_(std::move(executor)),
        budget_(std::make_shared<Budget>(options.buffered)),
        queue_(executor_, limits(options)) {
    init_curl_once();
    multi_ = std::make_shared<Multi>(executor_);
    options_ = std::make_shared<const Options>(std::move(options));
  }

  net::awaitable<Result<Response>> fetch(Request request);
  void set_options(Options options);
  void stop();
  void hold_back_when_full();
  [[nodiscard]] const HostQueue& queue() const { return queue_; }

 private:
  [[nodiscard]] HostQueue::Limits limits(const Options& options) const {
    return {options.concurrency, options.per_host, options.spacing, [budget = budget_] { return budget->may_start(); }};
  }
  [[nodiscard]] static Result<Journey> begin(Request request);
  [[nodiscard]] static Exchange exchange(const Journey& journey, const Options& options);
  [[nodiscard]] static Result<bool> follow(Journey& journey, const Answer& answer);
  net::awaitable<std::optional<Error>> refuse_behind_proxy(Url url, std::chrono::milliseconds timeout);
  net::awaitable<Result<Answer>> run(Exchange exchange, bool allow_private);
  Easy take_easy();
  void give_back(Easy easy);

  const net::any_io_executor executor_;
  std::shared_ptr<const Options> options_;
  std::shared_ptr<Multi> multi_;
  const std::shared_ptr<Budget> budget_;
  HostQueue queue_;
  std::vector<Easy> idle_;
  std::set<Transfer*> transfers_;
  std::set<std::shared_ptr<net::steady_timer>> resolving_;
  bool stopped_ = false;
};

/// Once there is room for bodies again the queue goes on; by post, for whoever gave some back may be anywhere.
void Fetcher::Impl::hold_back_when_full() {
  budget_->on_may_start([executor = executor_, self = weak_from_this()] {
    net::post(executor, [self] {
      if (const auto impl = self.lock(); impl && !impl->stopped_) impl->queue_.resume();
    });
  });
}

Easy Fetcher::Impl::take_easy() {
  if (idle_.empty()) return make_easy();
  Easy easy = std::move(idle_.back());
  idle_.pop_back();
  return easy;
}

void Fetcher::Impl::give_back(Easy easy) {
  if (idle_.size() < kPooledHandles) idle_.push_back(std::move(easy));
}

Result<Journey> Fetcher::Impl::begin(Request request) {
  auto url = parse_url(request.url);
  if (!url) return url.error();
  Journey journey;
  journey.url = std::move(*url);
  journey.credentials = journey.url;
  if (!request.credentials_url.empty() && request.credentials_url != request.url) {
    auto owner = parse_url(request.credentials_url);
    if (!owner) return owner.error();
    journey.credentials = std::move(*owner);
  }
  journey.validators = journey.url.text;
  if (!request.validator_url.empty() && request.validator_url != request.url) {
    auto giver = parse_url(request.validator_url);
    journey.validators = giver ? std::move(giver->text) : std::string();
  }
  if (!request.basic_auth && !journey.credentials.user_info.empty()) {
    request.basic_auth = journey.credentials.user_info;
  }
  journey.visited.insert(journey.url.text);
  journey.request = std::move(request);
  return journey;
}

Exchange Fetcher::Impl::exchange(const Journey& journey, const Options& options) {
  const Request& request = journey.request;
  Exchange out;
  out.url = journey.url;
  out.user_agent = request.user_agent.value_or(options.user_agent);
  out.proxy = request.proxy ? *request.proxy : options.proxy.value_or("");
  out.timeout = std::max(options.timeout - journey.elapsed, std::chrono::milliseconds(1));
  out.whole_timeout = options.timeout;
  out.connect_timeout = options.connect_timeout;
  out.low_speed_time = options.low_speed_time;
  out.max_body = request.max_body.value_or(options.max_body);
  out.allow_private_networks = options.allow_private_networks;
  out.ca_file = options.ca_file;
  bool own_accept = false;
  if (same_origin(journey.url, journey.credentials)) {
    out.basic_auth = request.basic_auth.value_or("");
    for (const auto& [name, value] : request.headers) {
      own_accept = own_accept || names(name, "accept");
      out.headers.push_back(value.empty() ? name + ";" : name + ": " + value);  // libcurl's form of an empty value
    }
  }
  if (!own_accept) out.headers.push_back("Accept: " + (request.accept.empty() ? std::string(kAccept) : request.accept));
  out.headers.push_back("Accept-Encoding: " + std::string(kAcceptEncoding));
  if (journey.conditional()) {
    if (!request.etag.empty()) out.headers.push_back("If-None-Match: " + request.etag);
    if (!request.last_modified.empty()) out.headers.push_back("If-Modified-Since: " + request.last_modified);
  }
  return out;
}

/// Whether the answer sends us elsewhere; then the journey stands at its next hop.
Result<bool> Fetcher::Impl::follow(Journey& journey, const Answer& answer) {
  if (!is_redirect(answer.status) || answer.location.empty()) return false;
  const std::string doing = "follow the redirect of " + journey.url.text + ": ";
  auto next = resolve_location(journey.url, answer.location);
  if (!next) return next.error().during("follow the redirect of " + journey.url.text);
  if (journey.url.scheme == "https" && next->scheme == "http") {
    return Error(Errc::network, doing + "it leads from https to " + next->text);
  }
  if (journey.hops.size() >= kMaxHops) {
    return Error(Errc::network, doing + "more than " + std::to_string(kMaxHops) + " redirects");
  }
  journey.hops.push_back({answer.status, next->text});
  if (!journey.visited.insert(next->text).second) return Error(Errc::network, doing + "it leads in a circle");
  journey.url = std::move(*next);
  return true;
}

/// A proxy connects for us, so the address connected to is not ours to see: names are judged by what they resolve to here.
net::awaitable<std::optional<Error>> Fetcher::Impl::refuse_behind_proxy(Url url, std::chrono::milliseconds timeout) {
  const Error refusal(Errc::forbidden, "connect to " + url.peer() +
                                           ": a private address, and fetch.allow_private_networks is off");
  if (is_private_host(url.host)) co_return refusal;
  const auto limit = std::make_shared<net::steady_timer>(executor_, timeout);
  resolving_.insert(limit);
  const auto found = co_await resolve(url.host, limit);
  resolving_.erase(limit);
  if (!found) co_return found.error();
  // None: the proxy may know names that we do not.
  for (const sockaddr_storage& address : *found) {
    if (!is_global(reinterpret_cast<const sockaddr&>(address))) co_return refusal;
  }
  co_return std::nullopt;
}

net::awaitable<Result<Answer>> Fetcher::Impl::run(Exchange what, bool allow_private) {
  if (!what.proxy.empty() && !allow_private) {
    if (auto refused = co_await refuse_behind_proxy(what.url, std::min(what.connect_timeout, what.timeout))) co_return std::move(*refused);
  }
  if (stopped_) co_return Error(Errc::interrupted, "fetch " + what.url.text + ": interrupted");
  multi_->set_most_connections(queue_.active() + kIdleConnections);
  Easy easy = take_easy();
  Result<Answer> answer = Error();
  {
    Transfer transfer(executor_, multi_, budget_, easy.get(), std::move(what));
    transfers_.insert(&transfer);
    answer = co_await transfer.run();
    transfers_.erase(&transfer);
  }
  give_back(std::move(easy));
  co_return answer;
}

net::awaitable<Result<Response>> Fetcher::Impl::fetch(Request request) {
  auto journey = begin(std::move(request));
  if (!journey) co_return journey.error();
  while (true) {
    const bool just_used = !journey->hops.empty() || !queue_.idle(journey->url.host);
    HostQueue::Slot slot = co_await queue_.acquire(journey->url.host);
    if (!slot) co_return Error(Errc::interrupted, "fetch " + journey->url.text + ": interrupted");
    if (journey->request.on_start) {
      auto asked = journey->request.on_start(journey->url.text);
      const bool may_start = co_await std::move(asked);
      if (!may_start) co_return Error(Errc::busy, "fetch " + journey->url.text + ": put off");
    }
    const auto options = options_;
    const auto start = std::chrono::steady_clock::now();
    Exchange next = exchange(*journey, *options);
    next.just_used = just_used;
    Result<Answer> answer = co_await run(std::move(next), options->allow_private_networks);
    journey->elapsed += std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    slot.release();
    if (!answer) co_return answer.error();
    journey->bytes += answer->bytes;
    const Result<bool> moved = follow(*journey, *answer);
    if (!moved) co_return moved.error();
    if (*moved && journey->elapsed < options->timeout) continue;
    if (*moved) co_return Error(Errc::timeout, "fetch " + journey->url.text + ": timed out in redirects");
    Response response = to_response(std::move(*answer), journey->url);
    response.conditional = journey->conditional();
    response.hops = std::move(journey->hops);
    response.bytes = journey->bytes;
    response.elapsed = journey->elapsed;
    co_return response;
  }
}

void Fetcher::Impl::set_options(Options options) {
  const bool stricter = options_->allow_private_networks && !options.allow_private_networks;
  // Kept connections were made under the old rule: they end with the transfers that use them.
  if (stricter) multi_ = std::make_shared<Multi>(executor_);
  budget_->set_limit(options.buffered);
  options_ = std::make_shared<const Options>(std::move(options));
  queue_.set_limits(limits(*options_));
}

void Fetcher::Impl::stop() {
  stopped_ = true;
  queue_.stop();
  for (const auto& limit : resolving_) limit->expires_after(std::chrono::milliseconds(0));
  for (Transfer* transfer : transfers_) transfer->stop();
}

Fetcher::Fetcher(net::any_io_executor executor, Options options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options))) {
  impl_->hold_back_when_full();
}

Fetcher::~Fetcher() { impl_->stop(); }

// The coroutine holds the Impl: it may end after the Fetcher did.
net::awaitable<Result<Response>> Fetcher::fetch(Request request) {
  const std::shared_ptr<Impl> impl = impl_;
  co_return co_await impl->fetch(std::move(request));
}

void Fetcher::set_options(Options options) { impl_->set_options(std::move(options)); }
void Fetcher::stop() { impl_->stop(); }
std::size_t Fetcher::active() const { return impl_->queue().active(); }
std::size_t Fetcher::waiting() const { return impl_->queue().waiting(); }
std::size_t Fetcher::waiting_for(const std::string& host) const { return impl_->queue().waiting_for(host); }

}  // namespace riverd::fetch
