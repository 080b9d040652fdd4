#include "daemon/articles/robots.h"

#include <catch2/catch.hpp>

#include "daemon/articles/robots_cache.h"

using namespace riverd;
using namespace riverd::articles;
using namespace std::chrono_literals;

TEST_CASE("the longest pattern decides, and Allow between two as long", "[robots]") {
  const auto robots = Robots::parse(
      "User-agent: *\nDisallow: /news\nAllow: /news/open\nDisallow: /news/open/not\nAllow: /same\nDisallow: "
      "/same\n");
  CHECK(robots.allows("/"));
  CHECK(!robots.allows("/news/1"));
  CHECK(robots.allows("/news/open/1"));
  CHECK(!robots.allows("/news/open/not/1"));
  CHECK(robots.allows("/same/1"));
  CHECK(robots.allows("/robots.txt"));
}

TEST_CASE("our own groups count instead of those for all, wherever they stand", "[robots]") {
  const auto robots = Robots::parse(
      "User-agent: riverd\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nuser-AGENT: other\nUser-agent: "
      "Riverd/2.0\nDisallow: /b\nSitemap: https://x.example/s.xml\nDisallow: /c\n");
  for (const char* shut : {"/a", "/b", "/c"}) CHECK(!robots.allows(shut));
  CHECK(robots.allows("/d"));
  CHECK(Robots::parse("User-agent: riverd-images\nDisallow: /\n").allows("/d"));
  CHECK(Robots::parse("Disallow: /\n").allows("/d"));  // belongs to nobody
  CHECK(Robots::parse("User-agent: riverd\nDisallow:\n\nUser-agent: *\nDisallow: /\n").allows("/d"));
}

TEST_CASE("* stands for anything and a last $ for the end", "[robots]") {
  const auto robots = Robots::parse(
      "User-agent: *\nDisallow: /*.pdf$\nDisallow: /a*/print\nDisallow: *?session=\nDisallow: /end$\n");
  CHECK(!robots.allows("/x/y.pdf"));
  CHECK(robots.allows("/x/y.pdf?v=1"));
  CHECK(!robots.allows("/abc/def/print/1"));
  CHECK(robots.allows("/b/print"));
  CHECK(!robots.allows("/x?session=1"));
  CHECK(!robots.allows("/end"));
  CHECK(robots.allows("/end/"));
}

TEST_CASE("encoded characters are compared as what they stand for", "[robots]") {
  const auto robots =
      Robots::parse("User-agent: *\nDisallow: /caf%c3%A9\nDisallow: /%62ar\nDisallow: /\xE6\x97\xA5\n");
  CHECK(!robots.allows("/caf\xC3\xA9/1"));
  CHECK(!robots.allows("/caf%C3%A9"));
  CHECK(!robots.allows("/bar"));
  CHECK(!robots.allows("/%E6%97%A5"));
  CHECK(robots.allows("/cafe"));
}

TEST_CASE("comments, byte order marks and any line ends are read over", "[robots]") {
  const auto robots = Robots::parse(
      "\xEF\xBB\xBFUser-agent: * # all\r\rDisallow: /a # not this\r\nnonsense\r\n  crawl-delay :  2.5\n");
  CHECK(!robots.allows("/a"));
  CHECK(robots.crawl_delay() == 3s);
}

TEST_CASE("what is behind 500 KiB is not there, and the longest file is read in no time", "[robots]") {
  std::string body = "User-agent: *\n";
  while (body.size() < kMostRobots) body += "Disallow: /*a*a*a*a*a*b\n";
  body += "Disallow: /\n";
  const auto robots = Robots::parse(body);
  const auto start = std::chrono::steady_clock::now();
  CHECK(robots.allows("/" + std::string(8000, 'a')));
  CHECK(std::chrono::steady_clock::now() - start < 3s);
}

TEST_CASE("where robots.txt is, and what of a URL it is asked about", "[robots]") {
  CHECK(robots_url("https://News.example:8080/a?b#c") == "https://News.example:8080/robots.txt");
  CHECK(robots_url("ftp://x/") == "");
  CHECK(robots_target("https://x.example/a/b?c=d#e") == "/a/b?c=d");
  CHECK(robots_target("https://x.example") == "/");
}

namespace {
Result<fetch::Response> answer(int status, std::string body = {}) {
  fetch::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}
}  // namespace

TEST_CASE("a host without a robots.txt allows all, one that fails allows nothing until it answers",
          "[robots]") {
  RobotsCache cache;
  const std::string url = "https://x.example/robots.txt";
  CHECK(!cache.find(url, 0ms));
  CHECK(cache.learn(url, answer(404), {}, 60s, 0ms).robots->allows("/a"));
  CHECK(cache.find(url, 23h)->robots);
  CHECK(!cache.find(url, 25h));
  CHECK(!cache.learn(url, answer(503), {}, 60s, 0ms).robots);
  CHECK(cache.find(url, 30s)->retry_after == 30s);
  CHECK(!cache.find(url, 61s));
  CHECK(cache.learn(url, Error(Errc::network, "no"), {}, 60s, 61s).retry_after == 120s);
  CHECK(cache.learn(url, answer(429), 10min, 60s, 0ms).retry_after == 10min);
  CHECK(!cache.learn(url, answer(200, "User-agent: *\nDisallow: /a"), {}, 60s, 0ms).robots->allows("/a"));
}

TEST_CASE("a bounded number of hosts is remembered", "[robots]") {
  RobotsCache cache;
  for (int i = 0; i < 3000; ++i)
    cache.learn("https://" + std::to_string(i) + ".example/robots.txt", answer(404), {}, 60s,
                std::chrono::milliseconds(i));
  CHECK(cache.size() == 1000);
  CHECK(cache.find("https://2999.example/robots.txt", 1s));
  std::string long_one = "User-agent: *\n";
  while (long_one.size() < kMostRobots) long_one += "Disallow: /" + std::string(200, 'a') + "\n";
  for (int i = 0; i < 200; ++i) cache.learn("https://long-" + std::to_string(i) + ".example/robots.txt", answer(200, long_one), {}, 60s, 4s);
  CHECK(cache.size() < 100);
  CHECK(cache.find("https://long-199.example/robots.txt", 5s));
}
