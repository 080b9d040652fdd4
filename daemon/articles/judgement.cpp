#include "daemon/articles/judgement.h"

#include <algorithm>
#include <cmath>

#include "daemon/fetch/url.h"
#include "daemon/poll/outcome.h"

namespace riverd::articles {
namespace {

using End = storage::PageOutcome::End;

constexpr Seconds kRetryBase{600};
constexpr Seconds kGap{3};
constexpr Seconds kPrivateGap{1};
constexpr Seconds kLongestGap{300};  // a Crawl-delay counts up to this

bool starts_like(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
         });
}

/// Servers that say nothing are taken at their word's absence: the body decides.
bool is_page_type(std::string_view type) {
  return type.empty() || starts_like(type, "text/html") || starts_like(type, "application/xhtml");
}

bool is_home(std::string_view url) {
  const auto path = url.find('/', std::min(url.find("://") + 3, url.size()));
  return path == std::string_view::npos || path + 1 == url.size();
}

/// Where sites send those who have not agreed or signed in: no page of that is the story.
bool is_wall(const fetch::Url& url) {
  for (const std::string_view name :
       {"consent.", "login.", "signin.", "accounts.", "sso.", "auth.", "privacy."}) {
    if (url.host.starts_with(name)) return true;
  }
  return false;
}

Judgement refused(End end, std::string problem) {
  Judgement out;
  out.end = end;
  out.problem = std::move(problem);
  return out;
}

Judgement judge_failure(const Error& error) {
  switch (error.code()) {
    case Errc::forbidden:
    case Errc::invalid:
    case Errc::too_large:
      return refused(End::given_up, error.message());
    default:
      return refused(End::failed, error.message());
  }
}

Judgement judge_page(const fetch::Response& response, const std::string& url) {
  if (!is_page_type(response.content_type)) {
    return refused(End::given_up,
                   "the page is no HTML but " + response.content_type.substr(0, 100) + ": " + url);
  }
  const auto asked = fetch::parse_url(url);
  const auto answered = fetch::parse_url(response.url);
  if (asked && answered && asked->text != answered->text) {
    if (is_home(answered->text))
      return refused(End::given_up, "the page leads to its site's front page: " + url);
    if (asked->host != answered->host && is_wall(*answered)) {
      return refused(End::given_up,
                     "the page leads to " + answered->host + ", where people agree or sign in: " + url);
    }
  }
  if (response.body.empty()) return refused(End::given_up, "the page is empty: " + url);
  return {};
}

}  // namespace

Judgement judge(const Result<fetch::Response>& answer, const std::string& asked_url, Time now) {
  if (!answer) return judge_failure(answer.error());
  const std::string url = fetch::redacted(asked_url);
  const int status = answer->status;
  if (status >= 200 && status < 300) return judge_page(*answer, url);
  const std::string answered = "the server answered " + std::to_string(status) + " to the page " + url;
  if (status == 410) return refused(End::given_up, answered);
  if (status != 429 && status != 503) return refused(End::failed, answered);
  Judgement out = refused(End::put_off, answered);
  out.asked = poll::retry_after(answer->retry_after, now);
  out.throttled = status == 429;
  if (!out.asked && status == 503) out.end = End::failed;
  return out;
}

Seconds retry_base(const config::Config& config, const config::Source* source) {
  Seconds base = std::min(kRetryBase, config.schedule.hinted_min_interval);
  if (source != nullptr && source->interval) base = std::min(base, *source->interval);
  return std::max(base, Seconds(1));
}

Seconds retry_wait(Seconds base, std::uint32_t tries, double spread) {
  const double times = std::pow(4.0, std::min(tries, 10U) - 1.0);
  return Seconds(
      static_cast<std::int64_t>(std::ceil(static_cast<double>(base.count()) * times * (1 + 0.25 * spread))));
}

Seconds page_gap(const std::string& url, std::optional<Seconds> crawl_delay) {
  const Seconds own = poll::host_key(url).empty() ? kPrivateGap : kGap;
  return std::clamp(crawl_delay.value_or(own), own, kLongestGap);
}

}  // namespace riverd::articles
