#include "daemon/articles/visitor.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <set>

#include "daemon/articles/later_pages.h"
#include "daemon/articles/reading.h"
#include "daemon/fetch/url.h"
#include "daemon/poll/blocking.h"
#include "daemon/poll/outcome.h"

namespace riverd::articles {

namespace net = boost::asio;

namespace {

using namespace std::chrono_literals;
using End = storage::PageOutcome::End;

constexpr std::uint64_t kMostPage = 4U << 20U;  // bytes: an article's page is seldom one
constexpr std::uint32_t kMostWaits = 10;        // times a page is put off by its server before it is given up
constexpr std::size_t kMostPages = 10;          // of one article
constexpr std::chrono::seconds kPollsFirst{60};  // how long a page waits for a place that no poll wants
constexpr Seconds kAfterPolls{10};
constexpr std::string_view kAcceptPage = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1";
constexpr std::string_view kAcceptRobots = "text/plain, */*;q=0.5";

}  // namespace

struct Visitor::Visit {
  storage::PageOutcome outcome;
  std::shared_ptr<const poll::Catalogue> catalogue;
  const config::Source* source = nullptr;
  Seconds base{0};     ///< of retries
  Seconds gap{0};      ///< to the next page of this host
  bool asked = false;  ///< the page itself
  std::optional<Time> later;  ///< a host on its way wants to be left alone until then
  std::chrono::milliseconds began{0};
  std::optional<feeds::content::Article> article;
};

Visitor::Visitor(net::any_io_executor network, poll::World world, poll::Pipeline& pipeline)
    : network_(std::move(network)), world_(std::move(world)), pipeline_(pipeline) {}

Visitor::~Visitor() {
  parse_pool_.stop();
  parse_pool_.join();
}

Time Visitor::now() const {
  return std::chrono::ceil<Seconds>(world_.clock.wall());
}

net::awaitable<storage::PageOutcome> Visitor::visit(storage::PageLease lease) {
  Visit visit;
  visit.catalogue = pipeline_.catalogue();
  visit.source = visit.catalogue->find(lease.name);
  visit.base = retry_base(visit.catalogue->config(), visit.source);
  visit.gap = page_gap(lease.url, std::nullopt);
  visit.began = world_.clock.running();
  visit.outcome.lease = std::move(lease);
  try {
    co_await go(visit);
  } catch (const std::exception& fault) {
    end(visit, End::failed, std::string("read the page: ") + fault.what(), visit.base);
  }
  storage::PageOutcome& outcome = visit.outcome;
  outcome.at = world_.clock.now();
  outcome.article = std::move(visit.article);
  co_return std::move(outcome);
}

net::awaitable<void> Visitor::go(Visit& visit) {
  const storage::PageLease& lease = visit.outcome.lease;
  const std::string url = lease.url;
  if (visit.source == nullptr || visit.source->full_text == config::FullText::off) {
    end(visit, End::dropped, {}, Seconds(0));
    co_return;
  }
  if (const auto later =
          pipeline_.hosts().start_or_wait(poll::host_key(url), world_.clock.now(), world_.random())) {
    end(visit, End::unused, {}, later->until - world_.clock.now());
    co_return;
  }
  const bool allowed_at_all = co_await may_ask(visit, url);
  if (!allowed_at_all) co_return;
  visit.asked = true;
  Result<fetch::Response> answer = co_await ask(visit, url, std::string(kAcceptPage), kMostPage);
  if (!answer && (answer.error().code() == Errc::interrupted || answer.error().code() == Errc::busy)) {
    // Asked and not answered: not again soon, so that many restarts in a row add no request.
    end(visit, End::unused, {}, stopping_ ? visit.base : wait_of(visit));
    co_return;
  }
  Judgement judgement = judge(answer, url, now());
  co_await heed(visit, answer, judgement);
  if (judgement.end != End::article) {
    fail(visit, std::move(judgement));
    co_return;
  }
  // Where a redirect led to another host, its rules count too.
  const std::string answered = answer->url;
  if (storage::page_host(answered) != lease.host) {
    const bool allowed = co_await may_ask(visit, answered);
    if (!allowed) co_return;
  }
  co_await read(visit, std::move(*answer));
}

/// Whether robots.txt lets a URL be asked for. If not, the outcome says so.
net::awaitable<bool> Visitor::may_ask(Visit& visit, std::string url) {
  RobotsAnswer answer = co_await robots_of(visit, url);
  if (!answer.robots) {
    const Seconds wait = std::chrono::ceil<Seconds>(answer.retry_after);
    Judgement judgement;
    judgement.end = End::put_off;
    judgement.problem = "the robots.txt of " + storage::page_host(fetch::redacted(url)) + " cannot be had (" +
                        answer.why + ")";
    judgement.asked = wait;
    if (stopping_ || visit.later)
      end(visit, End::unused, {}, stopping_ ? visit.base : wait_of(visit));
    else
      fail(visit, std::move(judgement));
    co_return false;
  }
  visit.gap = std::max(visit.gap, page_gap(url, answer.robots->crawl_delay()));
  if (answer.robots->allows(robots_target(url))) co_return true;
  end(visit, End::given_up, "robots.txt asks not to fetch the page " + fetch::redacted(url), Seconds(0));
  co_return false;
}

net::awaitable<RobotsAnswer> Visitor::robots_of(Visit& visit, std::string url) {
  const std::string robots = robots_url(url);
  if (const auto known = robots_.find(robots, world_.clock.running())) co_return *known;
  const Result<fetch::Response> answer =
      co_await ask(visit, robots, std::string(kAcceptRobots), kMostPage);
  std::optional<RobotsCache::Milliseconds> asked;
  if (!answer && answer.error().code() == Errc::forbidden)
    co_return RobotsAnswer{std::make_shared<const Robots>(), {}, {}};  // so is the page
  if (!answer && (answer.error().code() == Errc::interrupted || answer.error().code() == Errc::busy)) {
    co_return RobotsAnswer{nullptr, wait_of(visit), answer.error().message()};
  }
  if (answer && (answer->status == 429 || answer->status == 503)) {
    if (const auto wait = poll::retry_after(answer->retry_after, now())) asked = *wait;
    std::string peer = answer->remote_address;
    const auto wait = asked ? std::optional(std::chrono::ceil<Seconds>(*asked)) : std::nullopt;
    co_await be_patient(visit, url, std::move(peer), wait, answer->status == 429);
  }
  co_return robots_.learn(robots, answer, asked, visit.base, world_.clock.running());
}

/// One request, when no poll wants its place.
net::awaitable<Result<fetch::Response>> Visitor::ask(Visit& visit, std::string url, std::string accept,
                                                     std::uint64_t max_body) {
  const auto parsed = fetch::parse_url(url);
  if (!parsed) co_return parsed.error();
  const bool free = co_await after_polls(visit, parsed->host);
  if (!free) co_return Error(Errc::busy, "fetch " + parsed->text + ": polls come first");
  poll::Conditions conditions;
  conditions.url = std::move(url);
  fetch::Request request = poll::Catalogue::request(*visit.source, std::move(conditions));
  request.accept = std::move(accept);
  request.max_body = std::min(max_body, visit.catalogue->config().fetch.max_body);
  request.on_start = [this, &visit](std::string asked) { return may_send(visit, std::move(asked)); };
  co_return co_await pipeline_.fetcher().fetch(std::move(request));
}

/// A host may ask to be left alone while a request to it waits, and so may one that a redirect leads to.
net::awaitable<bool> Visitor::may_send(Visit& visit, std::string url) {
  const auto later = pipeline_.hosts().forbidden_until(poll::host_key(url), world_.clock.now(), world_.random());
  if (later) visit.later = later->until;
  co_return !later;
}

/// How long a page waits that could not be asked for now.
Seconds Visitor::wait_of(const Visit& visit) const {
  return visit.later ? std::max(kAfterPolls, *visit.later - world_.clock.now()) : kAfterPolls;
}

net::awaitable<bool> Visitor::after_polls(Visit& visit, std::string host) {
  const std::size_t most = std::max<std::size_t>(1, visit.catalogue->config().fetch.concurrency * 3 / 4);
  const auto limit = world_.clock.running() + kPollsFirst;
  const fetch::Fetcher& fetcher = pipeline_.fetcher();
  while (!stopping_) {
    if (fetcher.active() < most && fetcher.waiting_for(host) == 0) co_return true;
    if (world_.clock.running() > limit) co_return false;
    co_await pause(100ms);
  }
  co_return false;
}

net::awaitable<void> Visitor::read(Visit& visit, fetch::Response response) {
  const std::string first_url = response.url;
  auto work = [&visit, page = ReadPage{std::move(response.body), response.url, response.content_type}] {
    auto article = read_page(page);
    if (article && !apply_rules(visit.catalogue->config(), *visit.source, visit.outcome.lease, *article)) {
      return Result<feeds::content::Article>(Error(Errc::exists, "left out"));
    }
    return article;
  };
  auto article = co_await poll::blocking(parse_pool_, std::move(work));
  if (!article) {
    const bool excluded = article.error().code() == Errc::exists;
    end(visit, excluded ? End::excluded : End::given_up, excluded ? std::string() : article.error().message(),
        Seconds(0));
    co_return;
  }
  const std::string paywall =
      article->paywalled ? "the page is not free: " + fetch::redacted(first_url) : std::string();
  visit.article = std::move(*article);
  if (!visit.article->paywalled) co_await read_later_pages(visit, first_url);
  end(visit, End::article, paywall, Seconds(0));
}

/// An article in several pages: what rel=next leads to, on the same host, as long as it is the same article.
net::awaitable<void> Visitor::read_later_pages(Visit& visit, std::string first_url) {
  std::set<std::string> seen{first_url};
  std::string current = std::move(first_url);
  while (seen.size() < kMostPages && visit.article->next_page && !stopping_) {
    std::string next = *visit.article->next_page;
    const auto left = kVisitTime - (world_.clock.running() - visit.began);
    if (left < visit.gap + visit.catalogue->config().fetch.timeout + 30s) break;
    if (!continues(current, next, static_cast<std::uint32_t>(seen.size() + 1)) || !seen.insert(next).second)
      break;
    const RobotsAnswer robots = co_await robots_of(visit, next);
    if (!robots.robots || !robots.robots->allows(robots_target(next))) break;
    co_await pause(visit.gap);
    Result<fetch::Response> answer = co_await ask(visit, next, std::string(kAcceptPage), kMostPage);
    const Judgement judgement = judge(answer, next, now());
    co_await heed(visit, answer, judgement);
    if (judgement.end != End::article) break;
    auto work = [page = ReadPage{std::move(answer->body), answer->url, answer->content_type}] {
      return read_page(page);
    };
    const auto article = co_await poll::blocking(parse_pool_, std::move(work));
    if (!article || !same_article(*visit.article, *article)) break;
    feeds::content::append_page(*visit.article, *article);
    current = std::move(next);
  }
}

/// What an answer asks of us.
net::awaitable<void> Visitor::heed(Visit& visit, const Result<fetch::Response>& answer, const Judgement& judgement) {
  if (!answer || !(judgement.throttled || judgement.asked)) co_return;
  std::string answered = answer->url;
  std::string peer = answer->remote_address;
  co_await be_patient(visit, std::move(answered), std::move(peer), judgement.asked, judgement.throttled);
}

/// What a server asks of us counts for polls of its host too.
net::awaitable<void> Visitor::be_patient(Visit& visit, std::string url, std::string peer,
                                         std::optional<Seconds> wait, bool throttled) {
  const std::string key = poll::host_key(url, peer);
  if (key.empty()) co_return;
  const storage::HostState host = poll::slowed_host(pipeline_.hosts().find(key), key, now(), wait, throttled);
  pipeline_.hosts().set(host);
  visit.gap = std::max(visit.gap, host.spacing);
  auto save = [host, &store = world_.store] { return store.save_host(host); };
  const auto saved = co_await poll::blocking(pipeline_.store_pool(), std::move(save));
  static_cast<void>(saved);  // remembered in memory; the next one tries again
}

void Visitor::end(Visit& visit, End end, std::string problem, Seconds wait) {
  storage::PageOutcome& outcome = visit.outcome;
  outcome.end = end;
  outcome.problem = std::move(problem);
  outcome.next = now() + wait;
  outcome.host_free = end == End::put_off || end == End::unused ? outcome.next : now();
  if (visit.asked) outcome.host_free = std::max(outcome.host_free, now() + visit.gap);
}

void Visitor::fail(Visit& visit, Judgement judgement) {
  const storage::PageLease& lease = visit.outcome.lease;
  const Seconds wait =
      std::max(retry_wait(visit.base, std::max(lease.tries, lease.waits + 1), world_.random()),
               judgement.asked.value_or(Seconds(0)));
  if (judgement.end == End::put_off && lease.waits >= kMostWaits) judgement.end = End::given_up;
  const bool host_waits = judgement.asked.has_value() || judgement.throttled;
  end(visit, judgement.end, std::move(judgement.problem), wait);
  if (host_waits) visit.outcome.host_free = visit.outcome.next;
}

net::awaitable<void> Visitor::pause(std::chrono::milliseconds time) {
  net::steady_timer timer(network_, time);
  co_await timer.async_wait(net::as_tuple(net::use_awaitable));
}

}  // namespace riverd::articles
