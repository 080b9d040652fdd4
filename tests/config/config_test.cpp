#include <catch2/catch.hpp>

#include "tests/config/support.h"

using namespace riverd;
using namespace riverd::config;
using namespace riverd::config::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

TEST_CASE("an empty config has the defaults of the contract", "[config]") {
  const auto loaded = read("");
  REQUIRE(loaded.ok());
  const auto& config = loaded.config;
  CHECK(config.server.listen == "127.0.0.1:8380");
  CHECK(config.server.token.empty());
  CHECK_FALSE(config.server.protect_reads);
  CHECK(config.storage.path == "var/riverd.db");
  CHECK(config.fetch.timeout == 30s);
  CHECK(config.fetch.connect_timeout == 10s);
  CHECK(config.fetch.max_body == 16U << 20U);
  CHECK(config.fetch.concurrency == 256);
  CHECK(config.fetch.per_host == 2);
  CHECK_FALSE(config.fetch.allow_private_networks);
  CHECK(config.schedule.min_interval == 1h);
  CHECK(config.schedule.hinted_min_interval == 10min);
  CHECK(config.schedule.max_interval == 24h);
  CHECK(config.schedule.budget == 24);
  CHECK(config.log.level == "info");
}

TEST_CASE("hosts are names, and a URL is told so", "[config]") {
  CHECK(read("[server]\nhosts = [\"river.example.org\", \"a.example:8443\", \"192.0.2.1\", \"::1\", \"[::1]:80\", \"*\"]\n").ok());
  for (const std::string host : {"https://river.example.org/", "river.example.org/", "river example", "*.example.org:x", "a@b"}) {
    CAPTURE(host);
    const auto found = mistakes(read("[server]\nhosts = [\"" + host + "\"]\n"));
    REQUIRE(found.size() == 1);
    CHECK(found.front() == "2:9: server.hosts: \"" + host + "\" is no host name; write it like \"river.example.org\"");
  }
}

TEST_CASE("a source is read with all its keys", "[config]") {
  const auto loaded = read(R"(
[[source]]
name = "zdnet-cloud"
url = " https://www.zdnet.com/topic/cloud/rss.xml#top "
title = "Cloud"
categories = ["tech"]
tags = ["cloud", "cloud", "edge"]
enabled = false
interval = "30m"
max_posts = 20
full_text = "wait"
keep = "30d"
headers = { "X-Key" = "a", Accept = "text/xml" }
user_agent = "me"
basic_auth = "user:pass:word"
proxy = "socks5h://127.0.0.1:9050"
)");
  REQUIRE(mistakes(loaded).empty());
  REQUIRE(loaded.config.sources.size() == 1);
  const auto& source = loaded.config.sources.front();
  CHECK(source.name == "zdnet-cloud");
  CHECK(source.url == "https://www.zdnet.com/topic/cloud/rss.xml");
  CHECK(source.title == "Cloud");
  CHECK(source.categories == std::vector<std::string>{"tech"});
  CHECK(source.tags == std::vector<std::string>{"cloud", "edge"});
  CHECK_FALSE(source.enabled);
  CHECK(source.interval == Seconds(30min));
  CHECK(source.max_posts == 20);
  CHECK(source.full_text == FullText::wait);
  REQUIRE(source.extra);
  CHECK(source.extra->keep == Seconds(720h));
  CHECK(source.extra->headers == std::map<std::string, std::string>{{"Accept", "text/xml"}, {"X-Key", "a"}});
  CHECK(source.extra->user_agent == "me");
  CHECK(source.extra->basic_auth == "user:pass:word");
  CHECK(source.extra->proxy == "socks5h://127.0.0.1:9050");
}

TEST_CASE("five different mistakes are all reported with line and column", "[config]") {
  const auto loaded = read(R"([server]
listne = "127.0.0.1:8380"
[fetch]
timeout = "30 parsecs"
concurrency = "many"
[[source]]
name = "a"
url = "gopher://example.org/"
[[source]]
name = "a"
url = "https://example.org/"
)");
  REQUIRE(loaded.errors.size() == 5);
  const auto found = mistakes(loaded);
  CHECK_THAT(found[0], StartsWith("2:1: unknown key \"listne\"") && Contains("did you mean \"listen\"?"));
  CHECK_THAT(found[1], StartsWith("4:11: fetch.timeout: bad duration \"30 parsecs\""));
  CHECK_THAT(found[2], StartsWith("5:15: fetch.concurrency: expected an integer, got a string"));
  CHECK_THAT(found[3], StartsWith("8:7: source.url: bad URL"));
  CHECK_THAT(found[4], StartsWith("10:8: source.name: \"a\" is the name of another source already, at riverd.toml:7"));
  CHECK_THAT(loaded.errors[0].text(), StartsWith("riverd.toml:2:1: unknown key"));
}

TEST_CASE("a mistake of syntax hides no other mistake", "[config]") {
  const auto loaded = read(R"([fetch]
timeout = 30s
per_host = "two"
[server
tokn = "x"
[[source]]
url = "https://example.org/
name = "A"
)");
  const auto found = mistakes(loaded);
  REQUIRE(found.size() == 6);
  CHECK_THAT(found[0], StartsWith("2:") && Contains("in \"quotes\""));
  CHECK_THAT(found[1], StartsWith("3:12: fetch.per_host: expected an integer"));
  CHECK_THAT(found[2], StartsWith("4:") && Contains("]"));
  CHECK_THAT(found[3], StartsWith("6:1: source: url is missing"));
  CHECK_THAT(found[4], StartsWith("7:") && Contains("not closed"));
  CHECK_THAT(found[5], StartsWith("8:8: source.name: must be 1 to 100 of the characters a-z, 0-9 and -"));
}

TEST_CASE("each broken value is refused where it stands", "[config]") {
  const auto [toml, column] = GENERATE(table<std::string, unsigned>({
      {"listen = \"127.0.0.1\"", 1},
      {"include = \"a.toml\"", 11},
      {"[server]\nlisten = \"127.0.0.1\"", 10},
      {"[server]\nlisten = \"127.0.0.1:99999\"", 10},
      {"[server]\nlisten = \"[::1:80\"", 10},
      {"[server]\nlisten = \"unix:\"", 10},
      {"[server]\nlisten = 8380", 10},
      {"[server]\ntoken = \"\"", 9},
      {"[server]\ntoken = \"a b\"", 9},
      {"[server]\ntoken_file = \"/nowhere/token\"", 14},
      {"[server]\nprotect_reads = \"yes\"", 17},
      {"[server]\npublic_url = \"river.example.org\"", 14},
      {"[server]\nmax_connections = 0", 19},
      {"[storage]\npath = \"\"", 8},
      {"[storage]\nkeep = \"0s\"", 8},
      {"[storage]\nkeep = 365", 8},
      {"[fetch]\nmax_body = 16777216", 12},
      {"[fetch]\nmax_body = \"16M\"", 12},
      {"[fetch]\nconcurrency = 0", 15},
      {"[fetch]\nconcurrency = -1", 15},
      {"[fetch]\nper_host = 1.5", 12},
      {"[fetch]\ntimeout = \"0s\"", 11},
      {"[fetch]\nproxy = \"ftp://x\"", 9},
      {"[fetch]\nuser_agent = \"a\\nb\"", 14},
      {"[schedule]\nmin_interval = \"500ms\"", 16},
      {"[schedule]\nmin_interval = \"1500ms\"", 16},
      {"[schedule]\nbudget = -1", 10},
      {"[schedule]\nbudget = nan", 10},
      {"[schedule]\nbudget = \"24\"", 10},
      {"[log]\nlevel = \"loud\"", 9},
      {"[rules]\nexclude = [\"(\"]", 12},
      {"[rules]\nexclude = [{ titel = \"x\" }]", 14},
      {"[rules]\nexclude = [{}]", 12},
      {"[rules]\ninclude = [\"\"]", 12},
      {"[rules]\nrewrite_title = [{ replace = \"x\" }]", 18},
      {"[rules]\nrewrite_title = [{ match = \"x\", replace = \"\\\\2\" }]", 18},
      {"[group]\nx = 1", 5},
      {"server = 1", 10},
      {"source = 1", 10},
      {"[source]\nurl = \"https://example.org/\"", 1},
  }));
  CAPTURE(toml);
  const auto loaded = read(toml);
  REQUIRE(loaded.errors.size() == 1);
  CHECK(loaded.errors[0].column == column);
  CHECK(loaded.errors[0].line == (toml.find('\n') == std::string::npos || toml.starts_with("[source]") ? 1 : 2));
}

TEST_CASE("each broken key of a source is refused where it stands", "[config]") {
  const auto* key = GENERATE("name = \"Upper\"", "name = \"\"", "name = \"a_b\"", "name = 3", "title = \"\"", "categories = \"tech\"",
                             "tags = [1]", "enabled = 1", "interval = \"0s\"", "interval = 30", "max_posts = -1",
                             "full_text = \"maybe\"", "full_text = 1", "headers = { Host = \"x\" }", "headers = { \"a b\" = \"x\" }",
                             "headers = { A = \"x\\r\\nB: y\" }", "headers = \"A: b\"", "basic_auth = \"user\"", "proxy = \"a b\"",
                             "group = \"nowhere\"", "exclude = [\"(?<=a)b\"]", "unknown = 1", "user_agent = \"\"");
  CAPTURE(key);
  const auto loaded = read(std::string("[[source]]\nurl = \"https://example.org/\"\n") + key + "\n");
  REQUIRE(loaded.errors.size() == 1);
  CHECK(loaded.errors[0].line == 3);
}

TEST_CASE("only absolute http and https URLs are polled", "[config]") {
  const auto* url = GENERATE("", "https", "http:", "example.org", "ftp://example.org/", "http:/example.org", "https://", "https:///feed", "http://[::1/",
                             "http://[zz]/", "https://exa mple.org/", "https://example.org/a b", "https://example.org:0x50/",
                             "https://example.org:70000/", "https://..org/", "javascript:alert(1)", "file:///etc/passwd",
                             "https://example.org\\\\@evil/", "https://a\\u0000b/");
  CAPTURE(url);
  const auto loaded = read("[[source]]\nurl = \"" + std::string(url) + "\"\n");
  REQUIRE(loaded.errors.size() == 1);
  CHECK(loaded.errors[0].line == 2);
  CHECK(loaded.errors[0].column == 7);
}

TEST_CASE("URLs that people really have are accepted", "[config]") {
  const auto* url = GENERATE("https://example.org", "HTTP://Example.org/", "https://[2001:db8::1]:8443/feed", "http://10.0.0.1:81/?a=b&c",
                             "https://пример.рф/лента", "https://example.org/a%20b?q=ü");
  CAPTURE(url);
  CHECK(mistakes(read("[[source]]\nurl = \"" + std::string(url) + "\"\n")).empty());
}

TEST_CASE("credentials in a URL become basic_auth, so that nobody shows them", "[config]") {
  const auto loaded = read("[[source]]\nurl = \"https://us%40er:p%3Aw@example.org/feed\"\n");
  REQUIRE(loaded.ok());
  CHECK(loaded.config.sources[0].url == "https://example.org/feed");
  CHECK(loaded.config.sources[0].extra->basic_auth == "us@er:p:w");
  CHECK(loaded.config.sources[0].name == "example-org");
}

TEST_CASE("sources without a name get one that no other has", "[config]") {
  const auto loaded = read(R"(
[[source]]
url = "https://example.org/feed"
[[source]]
url = "https://example.org/rss"
[[source]]
name = "example-org"
url = "https://example.org/atom"
)");
  REQUIRE(loaded.ok());
  CHECK(loaded.config.sources[0].name == "example-org-2");
  CHECK(loaded.config.sources[1].name == "example-org-3");
  CHECK(loaded.config.sources[2].name == "example-org");
}

TEST_CASE("an interval that was set moves the defaults out of its way", "[config]") {
  SECTION("a short min_interval lowers hinted_min_interval too") {
    const auto schedule = read("[schedule]\nmin_interval = \"1s\"").config.schedule;
    CHECK(schedule.min_interval == 1s);
    CHECK(schedule.hinted_min_interval == 1s);
  }
  SECTION("also when that was set") {
    const auto loaded = read("[schedule]\nmin_interval = \"1m\"\nhinted_min_interval = \"5m\"");
    REQUIRE(loaded.ok());
    CHECK(loaded.config.schedule.hinted_min_interval == 1min);
  }
  SECTION("a short max_interval lowers min_interval") {
    const auto schedule = read("[schedule]\nmax_interval = \"30m\"").config.schedule;
    CHECK(schedule.min_interval == 30min);
    CHECK(schedule.max_interval == 30min);
  }
  SECTION("a long min_interval raises max_interval") {
    CHECK(read("[schedule]\nmin_interval = \"2d\"").config.schedule.max_interval == 48h);
  }
  SECTION("two that were set and contradict each other are a mistake") {
    const auto loaded = read("[schedule]\nmin_interval = \"2h\"\nmax_interval = \"1h\"");
    REQUIRE(loaded.errors.size() == 1);
    CHECK(loaded.errors[0].text() == "riverd.toml:2:16: schedule.min_interval: is longer than max_interval");
  }
}

TEST_CASE("a key in the wrong table is told where it belongs", "[config]") {
  CHECK_THAT(mistakes(read("listen = \"a:1\""))[0], Contains("it belongs in [server]"));
  CHECK_THAT(mistakes(read("[log]\nsources_dir = \"a\""))[0], Contains("it belongs at the top of the file"));
  CHECK_THAT(mistakes(read("[sevrer]"))[0], Contains("did you mean \"server\"?"));
  CHECK_THAT(mistakes(read("[fetch]\nwhatever = 1"))[0], !Contains("did you mean"));
}

TEST_CASE("no text makes reading it crash or hang", "[config]") {
  const auto text = GENERATE(std::string(300'000, '['), "a = " + std::string(300'000, '['), std::string(300'000, '"'),
                             std::string("\xff\xfe\x00\x01", 4), std::string(100'000, '\0'), std::string(100'000, '\n') + "x",
                             [] {
                               std::string keys = "a";
                               for (int i = 0; i < 300'000; ++i) keys += ".a";
                               return keys + " = 1\n[" + keys + "]\n";
                             }());
  const auto loaded = read(text);
  CHECK_FALSE(loaded.ok());
  CHECK(loaded.errors.size() <= 40);
}

TEST_CASE("images are turned off by false or by \"off\"", "[config]") {
  CHECK(read("").config.server.images);
  for (const char* off : {"false", "\"off\""}) CHECK_FALSE(read("[server]\nimages = " + std::string(off)).config.server.images);
  for (const char* on : {"true", "\"on\""}) CHECK(read("[server]\nimages = " + std::string(on)).config.server.images);
  CHECK(mistakes(read("[server]\nimages = \"lazy\"")).size() == 1);
}
