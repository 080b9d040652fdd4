#include "daemon/articles/judgement.h"

#include <catch2/catch.hpp>

#include "daemon/articles/later_pages.h"

using namespace riverd;
using namespace riverd::articles;
using namespace std::chrono_literals;
using End = storage::PageOutcome::End;

namespace {

constexpr Time kNow{Seconds(1'726'660'800)};
const std::string kUrl = "https://news.example/story/1";

Result<fetch::Response> answer(int status, const std::string& type = "text/html; charset=utf-8",
                               const std::string& url = kUrl) {
  fetch::Response response;
  response.status = status;
  response.url = url;
  response.content_type = type;
  response.body = "<p>words</p>";
  return response;
}

End end_of(const Result<fetch::Response>& of) {
  return judge(of, kUrl, kNow).end;
}

}  // namespace

TEST_CASE("a page that answers is read; one that fails is tried again; what is no page is not",
          "[articles]") {
  CHECK(end_of(answer(200)) == End::article);
  CHECK(end_of(answer(200, "")) == End::article);
  CHECK(end_of(answer(200, "APPLICATION/XHTML+XML")) == End::article);
  CHECK(end_of(answer(200, "application/pdf")) == End::given_up);
  CHECK(end_of(answer(200, "text/html", "https://news.example/")) == End::given_up);
  CHECK(end_of(answer(200, "text/html", "https://consent.example/collect?to=1")) == End::given_up);
  for (const int status : {404, 403, 500, 302}) CHECK(end_of(answer(status)) == End::failed);
  CHECK(end_of(answer(410)) == End::given_up);
  CHECK(end_of(Error(Errc::timeout, "slow")) == End::failed);
  CHECK(end_of(Error(Errc::network, "refused")) == End::failed);
  CHECK(end_of(Error(Errc::forbidden, "private")) == End::given_up);
  CHECK(end_of(Error(Errc::too_large, "huge")) == End::given_up);
}

TEST_CASE("a server that asks for patience gets it", "[articles]") {
  auto slow = answer(429);
  CHECK(judge(slow, kUrl, kNow).end == End::put_off);
  CHECK(judge(slow, kUrl, kNow).throttled);
  slow->retry_after = "90";
  CHECK(judge(slow, kUrl, kNow).asked == 90s);
  auto down = answer(503);
  CHECK(judge(down, kUrl, kNow).end == End::failed);
  down->retry_after = "120";
  CHECK(judge(down, kUrl, kNow).end == End::put_off);
  CHECK(judge(down, kUrl, kNow).asked == 120s);
}

TEST_CASE("a problem names the page without its password", "[articles]") {
  const auto said = judge(answer(404), "https://user:secret@news.example/story/1", kNow).problem;
  CHECK(said.find("news.example/story/1") != std::string::npos);
  CHECK(said.find("404") != std::string::npos);
  CHECK(said.find("secret") == std::string::npos);
}

TEST_CASE("tries stand ever further apart, pages of a host as far as it asks, within bounds", "[articles]") {
  config::Config config;
  CHECK(retry_base(config, nullptr) == 600s);
  config.schedule.hinted_min_interval = 1s;
  CHECK(retry_base(config, nullptr) == 1s);
  CHECK(retry_wait(600s, 1, 0) == 600s);
  CHECK(retry_wait(600s, 2, 0) == 2400s);
  CHECK(retry_wait(600s, 1, 1) == 750s);
  CHECK(page_gap(kUrl, std::nullopt) == 3s);
  CHECK(page_gap("http://127.0.0.1:8080/a", std::nullopt) == 1s);
  CHECK(page_gap(kUrl, 20s) == 20s);
  CHECK(page_gap(kUrl, 0s) == 3s);
  CHECK(page_gap(kUrl, 86'400s) == 300s);
}

TEST_CASE("rel=next continues an article only where the URL says so", "[articles]") {
  CHECK(continues("https://a.example/story", "https://a.example/story/2", 2));
  CHECK(continues("https://a.example/story/", "https://a.example/story/page/2/", 2));
  CHECK(continues("https://a.example/story/2", "https://a.example/story/3", 3));
  CHECK(continues("https://a.example/s?id=7", "https://a.example/s?id=7&page=2", 2));
  CHECK(continues("https://a.example/story.html", "https://a.example/story-2.html", 2));
  CHECK(continues("https://a.example/story-9.html", "https://a.example/story-10.html", 10));
  CHECK(!continues("https://a.example/story", "https://a.example/another-story", 2));
  CHECK(!continues("https://a.example/2024/09/one/", "https://a.example/2024/09/two/", 2));
  CHECK(!continues("https://a.example/story", "https://b.example/story/2", 2));
  CHECK(!continues("https://a.example/story/2", "https://a.example/story/4", 3));
  CHECK(!continues("https://a.example/p/1001", "https://a.example/p/1002", 2));
  CHECK(!continues("https://a.example/story", "https://a.example/story", 2));
  CHECK(!continues("https://a.example/p/4", "https://a.example/p/5", 2));  // the next story, by its number
}

TEST_CASE("a later page is of the same article when it has its title", "[articles]") {
  feeds::content::Article first, later;
  first.title = "A long walk";
  later.title = "A long walk - Page 2";
  CHECK(same_article(first, later));
  later.title = "Day 2";
  first.title = "Day 1";
  CHECK(!same_article(first, later));
}
