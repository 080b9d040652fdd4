#pragma once
/// One source, an origin that says what it is told to, and settle() between them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/poll/outcome.h"

namespace riverd::poll::test {

inline constexpr Time kNoon = Time(Seconds(1'767'614'400));  // Monday 2026-01-05 12:00 UTC
inline constexpr Seconds kHour{3600}, kDay{86'400};

inline fetch::Response answer(int status) {
  fetch::Response r;
  r.status = status;
  r.url = "https://example.org/feed";
  r.remote_address = "93.184.216.34";
  r.bytes = 500;
  return r;
}

inline fetch::Response ok(std::string body, std::string etag = {}, std::string last_modified = {}) {
  fetch::Response r = answer(200);
  r.body = std::move(body);
  r.etag = std::move(etag);
  r.last_modified = std::move(last_modified);
  return r;
}

inline fetch::Response throttled(std::string retry_after = {}) {
  fetch::Response r = answer(429);
  r.retry_after = std::move(retry_after);
  return r;
}

inline feeds::Post post(const std::string& id, std::optional<Time> date) {
  feeds::Post p;
  p.id = id;
  p.date = date;
  return p;
}

/// A source's life, poll by poll.
class Life {
 public:
  Life() {
    terms.url = "https://example.org/feed";
    state.effective_url = terms.url;
  }

  /// What the next request would carry.
  [[nodiscard]] Conditions next() const { return conditions(state, terms); }

  /// One poll that is answered. `posts` is what reading a changed body gives.
  Settled get(const fetch::Response& response, std::vector<feeds::Post> posts = {}) {
    const Conditions asked = next();
    document_ = {};
    document_.feed = info;
    document_.posts = std::move(posts);
    Poll poll = start();
    // as the fetcher does: validators go to the URL that gave them alone
    poll.conditional = !asked.validator_url.empty() && asked.validator_url == response.url;
    poll.response = &response;
    if (response.status == 200 && !body_is_known(state, body_hash(response.body))) {
      poll.reading.emplace();
      if (unreadable) {
        poll.reading->error = Error(Errc::not_a_feed, "an HTML page, not a feed");
      } else {
        poll.reading->breaks_off = breaks_off;
        poll.reading->documents.push_back(&document_);
      }
    }
    return finish(poll);
  }

  /// One poll without an answer.
  Settled lose(Error error) {
    Poll poll = start();
    poll.failure = std::move(error);
    return finish(poll);
  }

  [[nodiscard]] Seconds wait() const { return *state.next_poll - now; }

  Terms terms;
  storage::PollState state;
  feeds::FeedInfo info;
  std::optional<storage::HostState> host;
  schedule::Price price{200, 1.0 / 86'400};
  Time now = kNoon;
  double spread = 0;
  bool unreadable = false;
  bool breaks_off = false;

 private:
  Poll start() const {
    Poll poll;
    poll.before = state;
    poll.host = host;
    poll.now = now;
    poll.spread = spread;
    return poll;
  }
  Settled finish(const Poll& poll) {
    Settled settled = settle(poll, terms, price);
    state = settled.state;
    if (settled.host) host = settled.host;
    return settled;
  }

  feeds::Normalised document_;
};

}  // namespace riverd::poll::test
