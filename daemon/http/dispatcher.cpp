#include "daemon/http/dispatcher.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>

#include "daemon/http/encoding.h"
#include "daemon/http/openapi.h"
#include "daemon/http/problem.h"
#include "daemon/http/text.h"

namespace riverd::http {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using HeaderField = boost::beast::http::field;

constexpr auto kMostQueued = 5s;   ///< a request that waited longer for a worker is not worth its work any more
constexpr auto kSlow = 1000ms;     ///< worth a line in the log
constexpr std::size_t kLarge = 256U << 10U;  ///< bytes of an answer for which there must be room
constexpr std::size_t kWitnessed = 4096;  ///< targets whose last change is remembered: at most about 1 MiB

Timeouts timeouts_of(const ServerOptions& options) {
  return {options.head_timeout, options.body_timeout, options.idle_timeout, options.write_timeout, options.stream_timeout,
          options.linger_timeout};
}

double seconds(std::chrono::steady_clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

bool is_read(const Head& head) { return head.method == Method::get || head.method == Method::head; }

/// Answers given to one are not given to another whose page differs.
char credentials_class(const Credentials& credentials) { return credentials.bearer ? 'b' : credentials.session ? 's' : '-'; }

Lane lane_of(Resource resource, const Request& request) {
  if (resource == Resource::healthz || resource == Resource::metrics || resource == Resource::openapi) return Lane::quick;
  if (resource == Resource::poll) return Lane::write;
  return request.parameter("q").value_or("").empty() ? Lane::query : Lane::search;
}

Response busy() {
  Response out = problem(503, "too many requests are waiting");
  out.headers.emplace_back("Retry-After", "1");
  return out;
}

/// Where no page handler is set.
Response plain_page(const Request& request) {
  if (request.path != "/") return problem(404, "there is nothing at this path");
  return {200, "text/plain; charset=utf-8", "riverd: /api/v1/posts, /feed.atom, /feed.rss, /feed.json, /openapi.json\n"};
}

}  // namespace

Dispatcher::Dispatcher(asio::io_context& network, const ServerOptions& options, storage::Store& store, Engine& engine,
                       PageHandler pages, Freshness& freshness)
    : network_(network),
      options_(options),
      store_(store),
      engine_(engine),
      pages_(pages ? std::move(pages) : plain_page),
      freshness_(freshness),
      timeouts_(timeouts_of(options)),
      clock_(options.clock),
      json_(options.json_bytes),
      api_(store, engine, json_, freshness, options.version),
      probe_(store),
      witness_(kWitnessed),
      cache_(options.cache_bytes),
      next_comment_(Clock::now() + options.heartbeat),
      hub_(store, json_, workers_, traffic_, options.event_backlog,
           [&network](std::function<void()> call) { asio::post(network, std::move(call)); }),
      workers_(options.workers, options.queue) {}

Dispatcher::~Dispatcher() { workers_.stop(); }

void Dispatcher::use(std::shared_ptr<const Settings> settings) {
  // Who listens was let in by what held then.
  const bool is_protected = settings->site->protect_reads;
  if (settings_ && is_protected && (!settings_->site->protect_reads || settings->token != settings_->token)) connections_.end_streams();
  settings_ = std::move(settings);
  forget_answers();
}

void Dispatcher::forget_answers() {
  cache_.clear();
  ++generation_;  // what is being made is still given to those who wait, but not kept
}

void Dispatcher::store_changed() { hub_.changed(freshness_.seq.load()); }

void Dispatcher::tick() {
  const auto now = Clock::now();
  connections_.sweep(now);
  const bool comment_due = now >= next_comment_;
  if (comment_due) next_comment_ = now + options_.heartbeat;
  hub_.tick(comment_due);
}

// ---- what connections ask of their owner

void Dispatcher::moved(Connection& connection) {
  connections_.moved(connection);
  traffic_.open.store(connections_.size(), std::memory_order_relaxed);
  traffic_.streams.store(connections_.count(Stage::streaming), std::memory_order_relaxed);
}

std::string_view Dispatcher::date_field() {
  const Time now = clock_();
  if (now != date_of_ || date_.empty()) {
    date_of_ = now;
    date_ = "\r\nDate: " + http_date(now) + "\r\n";
  }
  return date_;
}

std::string_view Dispatcher::cors_fields(std::string_view origin) {
  static constexpr std::string_view kExpose = "Access-Control-Expose-Headers: ETag, Last-Modified, Retry-After\r\n";
  cors_.clear();
  const std::string_view allowed = allowed_origin(*settings_, origin);
  if (!allowed.empty()) cors_.append("Access-Control-Allow-Origin: ").append(allowed).append("\r\n").append(kExpose);
  if (!settings_->cors_any && !settings_->cors_origins.empty()) cors_ += "Vary: Origin\r\n";
  return cors_;
}

std::shared_ptr<const Answer> Dispatcher::refusal(const Refusal& refusal) {
  return make_answer(problem(refusal.status, refusal.detail), false, clock_());
}

void Dispatcher::respond(Connection& connection, Response response) {
  connection.respond(make_answer(std::move(response), false, clock_()));
}

// ---- a request's way

bool Dispatcher::admits(const Connection& connection, std::string_view host) const {
  return host.empty() || host_allowed(*settings_, host, connection.peer().exposure);
}

void Dispatcher::handle(Connection& connection) {
  traffic_.requests.fetch_add(1, std::memory_order_relaxed);
  Exchange exchange;
  exchange.connection = connection.shared_from_this();
  const Head& head = connection.head();
  if (!admits(connection, head.host))
    return respond(connection, problem(421, "this Host is not served here; see server.hosts"));
  if (!read_credentials(exchange)) return refuse_guess(connection);
  if (is_read(head) && answer_from_cache(exchange)) return;
  route(std::move(exchange));
}

bool Dispatcher::read_credentials(Exchange& exchange) {
  const Head& head = exchange.connection->head();
  // Where nobody needs the token it is not looked at: a read then tells nothing of it.
  const bool needed = settings_->site->protect_reads || !is_read(head);
  const std::string_view authorization = needed ? head.field(HeaderField::authorization) : std::string_view();
  const std::string_view cookie = head.field(HeaderField::cookie);
  if (authorization.empty() && cookie.empty()) return true;
  exchange.credentials = credentials(*settings_, authorization, cookie, clock_());
  // Whoever else guesses behind the same proxy: the right token is let in.
  return authorization.empty() || exchange.credentials.bearer || throttle_.may_try(exchange.connection->peer().address);
}

bool Dispatcher::answer_from_cache(Exchange& exchange) {
  const Head& head = exchange.connection->head();
  exchange.gzip = wants_gzip(head.field(HeaderField::accept_encoding));
  exchange.key = {credentials_class(exchange.credentials), exchange.gzip ? 'z' : '-',
                  wants_html(head.field(HeaderField::accept)) ? 'h' : '-'};
  exchange.key += head.target;
  if (settings_->site->protect_reads && !exchange.credentials.signed_in()) return false;
  const auto* found = cache_.find(exchange.key, freshness_.seq.load(std::memory_order_acquire), Clock::now());
  if (found == nullptr) return false;
  traffic_.cache_hits.fetch_add(1, std::memory_order_relaxed);
  const auto answer = *found;
  exchange.connection->respond(answer);
  return true;
}

void Dispatcher::route(Exchange exchange) {
  Connection& connection = *exchange.connection;
  const Head& head = connection.head();
  std::string culprit;
  auto target = parse_target(head.target, &culprit);
  if (!target) return respond(connection, problem(400, target.error().message(), culprit));
  exchange.target = std::move(*target);
  if (!admits(connection, exchange.target.authority))
    return respond(connection, problem(421, "this host is not served here; see server.hosts"));
  if (head.method == Method::options) return options(exchange);
  exchange.route = find_route(exchange.target.segments);
  const Route& route = exchange.route;
  if (route.resource == Resource::unknown) return respond(connection, problem(404, "there is nothing at this path"));
  const bool allowed = is_read(head) ? route.get : head.method == Method::post && route.post;
  if (!allowed) return respond(connection, method_not_allowed(route.allow()));
  if (!authorised(exchange)) return deny(exchange);
  serve(std::move(exchange));
}

void Dispatcher::options(const Exchange& exchange) {
  const Head& head = exchange.connection->head();
  const bool all = exchange.target.path == "*";
  const Route route = all ? Route{Resource::page, Access::open, true, true} : find_route(exchange.target.segments);
  if (route.resource == Resource::unknown)
    return respond(*exchange.connection, problem(404, "there is nothing at this path"));
  Response out;
  out.status = 204;
  out.cache_control = "no-store";
  out.headers.emplace_back("Allow", route.allow());
  const std::string_view origin = head.field(HeaderField::origin);
  if (route.get && !head.field(HeaderField::access_control_request_method).empty() &&
      !allowed_origin(*settings_, origin).empty()) {
    out.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
    out.headers.emplace_back("Access-Control-Allow-Headers",
                             "Authorization, If-None-Match, If-Modified-Since, Last-Event-ID");
    out.headers.emplace_back("Access-Control-Max-Age", "86400");
  }
  respond(*exchange.connection, std::move(out));
}

void Dispatcher::serve(Exchange exchange) {
  switch (exchange.route.resource) {
    case Resource::events: return events(exchange);
    case Resource::sign_in:
      if (exchange.connection->head().method == Method::post) return sign_in(std::move(exchange));
      break;
    case Resource::sign_out: return sign_out(exchange);
    default: break;
  }
  Request request = to_request(exchange);
  run(std::move(exchange), std::move(request));
}

void Dispatcher::events(const Exchange& exchange) {
  Connection& connection = *exchange.connection;
  const Head& head = connection.head();
  const auto filter = parse_filter(exchange.target.query);
  if (!filter) return respond(connection, problem(filter.error()));
  Response shape(200, "text/event-stream; charset=utf-8", "");
  shape.cache_control = "no-store";
  shape.headers.emplace_back("X-Accel-Buffering", "no");
  Answer described = *make_answer(std::move(shape), false, clock_());
  described.head_304.clear();
  for (const std::string_view name : {"Content-Length: ", "ETag: ", "Last-Modified: "}) {
    const auto at = described.head.find(name);
    if (at != std::string::npos) described.head.erase(at, described.head.find("\r\n", at) + 2 - at);
  }
  if (head.method == Method::head) return connection.respond(std::make_shared<const Answer>(std::move(described)));
  if (connection.peer().spare) return respond(connection, busy());

  auto after = filter->after;
  // A client that reconnects repeats its URL: what it saw last wins over what it began with.
  if (const auto last = parse_number<storage::Seq>(head.field("Last-Event-ID"))) after = *last;
  const storage::Seq now = freshness_.seq.load();  // what comes after the client's first byte is not missed
  connection.stream(described.head);
  static const auto welcome = std::make_shared<const std::string>(": welcome\nretry: 2000\n\n");
  connection.push(welcome);
  hub_.subscribe(exchange.connection, *filter, after, now);
}

Request Dispatcher::to_request(const Exchange& exchange) const {
  const Head& head = exchange.connection->head();
  Request out;
  out.method = head.method == Method::head ? Method::get : head.method;
  out.target = head.target;
  out.path = exchange.target.path;
  out.segments = exchange.target.segments;
  out.query = exchange.target.query;
  for (const auto& field : head.fields) out.headers.emplace_back(field.name, field.value);
  out.body = exchange.connection->take_body();
  out.signed_in = exchange.credentials.signed_in();
  out.bearer = exchange.credentials.bearer;
  out.site = settings_->site;
  return out;
}

Response Dispatcher::call(Resource resource, const Request& request) {
  switch (resource) {
    case Resource::posts: return api_.posts(request);
    case Resource::post: return api_.post(request);
    case Resource::sources: return api_.sources(request);
    case Resource::poll: return api_.poll(request);
    case Resource::atom: return api_.feed(request, FeedFormat::atom);
    case Resource::rss: return api_.feed(request, FeedFormat::rss);
    case Resource::json_feed: return api_.feed(request, FeedFormat::json);
    case Resource::opml: return api_.opml(request);
    case Resource::healthz: return health(probe_, engine_, store_);
    case Resource::metrics:
      return metrics({traffic_, handling_, store_time_, workers_.waiting(), cache_bytes_.load()}, engine_, store_,
                     options_.version);
    case Resource::openapi: return openapi_document(request.site->since);
    default: return pages_(request);
  }
}

void Dispatcher::run(Exchange exchange, Request request) {
  const storage::Seq seq = freshness_.seq.load();
  const bool shared = request.method == Method::get;
  // Who joins an answer under way must not get an older one than it could have had.
  std::string flight;
  if (shared) flight = exchange.key + '\n' + std::to_string(seq) + '\n' + std::to_string(generation_);
  if (shared) {
    auto& waiting = flights_[flight];
    waiting.push_back(exchange.connection);
    if (waiting.size() > 1) return;
  }
  traffic_.cache_misses.fetch_add(1, std::memory_order_relaxed);
  const Lane lane = lane_of(exchange.route.resource, request);
  auto shared_request = std::make_shared<const Request>(std::move(request));
  auto job = [this, seq, flight, key = exchange.key, resource = exchange.route.resource, gzip = exchange.gzip,
              generation = generation_, request = shared_request, single = shared ? nullptr : exchange.connection, queued = Clock::now()] {
    const auto start = Clock::now();
    Response response;
    try {
      response = start - queued > kMostQueued ? busy() : call(resource, *request);
    } catch (const std::exception& error) {
      spdlog::error("a request failed target={} error={}", printable(request->target), printable(error.what()));
      response = problem(500, "the server failed; its log says why");
    }
    const auto end = Clock::now();
    if (response.seq == 0) response.seq = seq;
    const unsigned status = response.status;
    const Time now = clock_();
    auto answer = make_answer(std::move(response), gzip, now,
                              [&](std::string_view digest) { return witness_.saw(request->target, digest, now); });
    store_time_.record(seconds(end - start));
    handling_.record(seconds(Clock::now() - queued));
    if (end - start > kSlow || status >= 500)
      spdlog::warn("slow or failed request target={} status={} ms={}", printable(request->target), status,
                   std::chrono::duration_cast<std::chrono::milliseconds>(end - start).count());
    asio::post(network_, [this, flight, key, answer, single, generation] {
      if (single) return give(*single, answer);
      if (generation == generation_) cache_.put(key, answer, Clock::now());
      finish(flight, answer);
    });
  };
  if (workers_.run(lane, std::move(job))) return;
  if (shared) flights_.erase(flight);
  respond(*exchange.connection, busy());
}

void Dispatcher::finish(const std::string& flight, const std::shared_ptr<const Answer>& answer) {
  const auto found = flights_.find(flight);
  if (found == flights_.end()) return;
  const auto waiting = std::move(found->second);
  flights_.erase(found);
  cache_bytes_.store(cache_.bytes(), std::memory_order_relaxed);
  for (const auto& connection : waiting) give(*connection, answer);
}

void Dispatcher::give(Connection& connection, const std::shared_ptr<const Answer>& answer) {
  const bool large = answer->body->size() > kLarge;
  if (large && !connections_.make_room(answer->body->size(), options_.held_bytes, Clock::now())) return respond(connection, busy());
  connection.respond(answer);
}

}  // namespace riverd::http
