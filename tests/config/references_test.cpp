#include <catch2/catch.hpp>

#include "tests/config/support.h"

using namespace riverd;
using namespace riverd::config;
using namespace riverd::config::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

TEST_CASE("secrets come from the environment", "[config][issue6]") {
  const auto loaded = read("[server]\ntoken = \"${TOKEN}\"\n[[source]]\nurl = \"https://example.org/?k=${KEY:-none}\"\n"
                           "headers = { A = \"Bearer ${TOKEN}\", B = \"$${TOKEN}\" }\n",
                           {{"TOKEN", "s3cret"}});
  REQUIRE(mistakes(loaded).empty());
  CHECK(loaded.config.server.token == "s3cret");
  CHECK(loaded.config.sources[0].url == "https://example.org/?k=none");
  CHECK(loaded.config.sources[0].extra->headers.at("A") == "Bearer s3cret");
  CHECK(loaded.config.sources[0].extra->headers.at("B") == "${TOKEN}");
}

TEST_CASE("a reference to nothing is a mistake that names it", "[config][issue6]") {
  CHECK(mistakes(read("[server]\ntoken = \"${NO_SUCH}\"")) ==
        std::vector<std::string>{"2:9: server.token: the environment variable NO_SUCH is not set"});
  CHECK_THAT(mistakes(read("[server]\ntoken = \"${A\""))[0], Contains("without its \"}\""));
  CHECK_THAT(mistakes(read("[server]\ntoken = \"${a b}\""))[0], Contains("names no environment variable"));
  CHECK_THAT(mistakes(read("[server]\ntoken = \"${file:/nowhere}\""))[0], Contains("read /nowhere: No such file"));
}

TEST_CASE("secrets come from files beside the config", "[config][issue6]") {
  const Folder folder;
  folder.write("token", "  s3cret\n");
  folder.write("empty", "\n");
  folder.write("lines", "a\nb\n");
  const auto load_text = [&](const std::string& toml) { return load(folder.write("riverd.toml", toml), environment()).value(); };
  CHECK(load_text("[server]\ntoken_file = \"token\"").config.server.token == "s3cret");
  CHECK(load_text("[server]\ntoken = \"${file:token}\"").config.server.token == "s3cret");
  CHECK_FALSE(load_text("[server]\ntoken_file = \"empty\"").ok());
  CHECK_FALSE(load_text("[server]\ntoken_file = \"lines\"").ok());
  CHECK_FALSE(load_text("[server]\ntoken_file = \"token\"\ntoken = \"x\"").ok());
}

TEST_CASE("systemd's credential is the token where the config names none", "[config][issue6]") {
  const Folder folder;
  folder.write("riverd.token", "handed-over\n");
  const std::map<std::string, std::string> values = {{"CREDENTIALS_DIRECTORY", folder.path()}};
  CHECK(read("", values).config.server.token == "handed-over");
  CHECK(read("[server]\ntoken = \"mine\"", values).config.server.token == "mine");
  CHECK(read("", {{"CREDENTIALS_DIRECTORY", "/nowhere"}}).config.server.token.empty());
}

TEST_CASE("defaults hold for every source, a group's before them, a source's own before both", "[config][issue6]") {
  const auto loaded = read(R"(
[defaults]
tags = ["all"]
interval = "2h"
headers = { A = "1" }
[group.slow]
interval = "1d"
max_posts = 5
[[source]]
name = "a"
url = "https://example.org/a"
[[source]]
name = "b"
url = "https://example.org/b"
group = "slow"
[[source]]
name = "c"
url = "https://example.org/c"
group = "slow"
interval = "1h"
tags = []
user_agent = "c"
)");
  REQUIRE(mistakes(loaded).empty());
  const auto& sources = loaded.config.sources;
  CHECK(sources[0].interval == Seconds(2h));
  CHECK(sources[0].tags == std::vector<std::string>{"all"});
  CHECK(sources[0].max_posts == 0);
  CHECK(sources[1].interval == Seconds(24h));
  CHECK(sources[1].tags == std::vector<std::string>{"all"});
  CHECK(sources[1].max_posts == 5);
  CHECK(sources[2].interval == Seconds(1h));
  CHECK(sources[2].tags.empty());
  CHECK(sources[2].extra->headers.at("A") == "1");
  CHECK(sources[2].extra->user_agent == "c");
  CHECK_FALSE(sources[0].extra->user_agent);
  CHECK(sources[0].extra == sources[1].extra);
}

TEST_CASE("sources are split over files, folders and OPML lists", "[config][issue6]") {
  const Folder folder;
  folder.write("more/one.toml", "[defaults]\ntags = [\"one\"]\n[[source]]\nname = \"one\"\nurl = \"https://example.org/1\"\n");
  folder.write("more/two.toml", "[[source]]\nname = \"two\"\nurl = \"https://example.org/2\"\n");
  folder.write("dir/b.toml", "[[source]]\nname = \"b\"\nurl = \"https://example.org/b\"\n");
  folder.write("dir/a.opml", "<opml version='2.0'><body><outline text='News'><outline text='A' xmlUrl='https://example.org/a'/>"
                             "</outline></body></opml>");
  folder.write("dir/ignored.txt", "nonsense");
  const auto main = folder.write("riverd.toml",
                                 "include = [\"more/*.toml\"]\nsources_dir = \"dir\"\n[defaults]\ncategories = [\"all\"]\n"
                                 "[[source]]\nname = \"main\"\nurl = \"https://example.org/\"\n");
  const auto loaded = load(main, environment()).value();
  REQUIRE(mistakes(loaded).empty());
  std::vector<std::string> names;
  for (const auto& source : loaded.config.sources) names.push_back(source.name);
  CHECK(names == std::vector<std::string>{"main", "one", "two", "example-org-a", "b"});
  CHECK(loaded.config.sources[1].tags == std::vector<std::string>{"one"});
  CHECK(loaded.config.sources[1].categories == std::vector<std::string>{"all"});
  CHECK(loaded.config.sources[2].tags.empty());
  CHECK(loaded.config.sources[3].title == "A");
  CHECK(loaded.config.sources[3].categories == std::vector<std::string>{"News"});
}

TEST_CASE("mistakes in included files carry that file's name", "[config][issue6]") {
  const Folder folder;
  const auto included = folder.write("a.toml", "[server]\nlisten = \"x\"\n[[source]]\nname = \"main\"\nurl = \"x\"\n");
  const auto main = folder.write("riverd.toml", "include = [\"a.toml\", \"gone.toml\"]\n[[source]]\nname = \"main\"\nurl = \"https://example.org/\"\n");
  const auto loaded = load(main, environment()).value();
  REQUIRE(loaded.errors.size() == 4);
  CHECK_THAT(loaded.errors[0].text(), StartsWith(main + ":1:22: include: read ") && Contains("gone.toml: No such file"));
  CHECK_THAT(loaded.errors[1].text(), StartsWith(included + ":1:2: \"server\" belongs in " + main));
  CHECK_THAT(loaded.errors[2].text(), StartsWith(included + ":4:8: source.name: \"main\"") && Contains("at " + main + ":3"));
  CHECK_THAT(loaded.errors[3].text(), StartsWith(included + ":5:7: source.url"));
}

TEST_CASE("a file that cannot be read is an error of its own", "[config]") {
  CHECK(load("/nowhere/riverd.toml").error().code() == Errc::not_found);
  CHECK(load("/").error().code() == Errc::io);
}

TEST_CASE("the resolved config loads again to the same settings, without its secrets", "[config][issue6]") {
  const auto first = read(R"(
[server]
token = "s3cret"
[storage]
keep = "30d"
[fetch]
proxy = "http://me:s3cret@proxy.example.org:8080"
[schedule]
budget = 0.5
[rules]
exclude = ["(?i)advert", { tag = "^ad$", title = "\\bad\\b" }]
[group.g]
interval = "90s"
[[source]]
url = "https://me:s3cret@example.org/feed"
group = "g"
title = "A \"quoted\" \\ title"
headers = { Cookie = "s3cret" }
full_text = true
rewrite_title = [{ match = "^x", replace = "" }]
)");
  REQUIRE(mistakes(first).empty());
  const auto text = resolved(first.config);
  CHECK(text.find("s3cret") == std::string::npos);
  const auto second = read(text);
  REQUIRE(mistakes(second).empty());
  CHECK(resolved(second.config) == text);
  CHECK(second.config.rules == first.config.rules);
  CHECK(second.config.sources[0].title == "A \"quoted\" \\ title");
  CHECK(second.config.sources[0].interval == 90s);
  CHECK(second.config.sources[0].extra->rules == first.config.sources[0].extra->rules);
  CHECK(second.config.schedule.budget == 0.5);
}

TEST_CASE("the resolved config keeps every setting, also letters that look like a reference", "[config][issue6]") {
  const auto first = read(R"(
[server]
listen = "unix:/run/$${x}/s"
socket_mode = "0666"
socket_group = "www-data"
protect_reads = true
hosts = ["river.example.org"]
cors_origins = []
max_connections = 7
images = false
title = "River ${of} mine"
public_url = "https://river.example.org/$${y}/"
[storage]
path = "/var/$${z}.db"
keep_posts = 9
[fetch]
user_agent = "me"
timeout = "1500ms"
connect_timeout = "3s"
max_body = "512KiB"
concurrency = 3
per_host = 1
allow_private_networks = true
[schedule]
min_interval = "90m"
hinted_min_interval = "61s"
max_interval = "2d"
[log]
level = "debug"
[[source]]
name = "s"
url = "https://example.org/?q=$${a}&r=$$${b}"
site_url = "https://example.org/$${home}"
categories = ["a, b"]
tags = ["${t}"]
enabled = false
interval = "10m"
max_posts = 4
keep = "3d"
user_agent = "x"
proxy = "socks5h://127.0.0.1:9050"
include = ["a", { content = "$${" }]
rewrite_tags = [{ match = "^(x)$", replace = '\1${' }]
)");
  CHECK(mistakes(first) == std::vector<std::string>{});
  REQUIRE(first.ok());
  CHECK(first.config.sources[0].url == "https://example.org/?q=${a}&r=$${b}");
  const auto text = resolved(first.config);
  CAPTURE(text);
  const auto second = read(text);
  REQUIRE(mistakes(second).empty());
  CHECK(resolved(second.config) == text);
  const auto& [a, b] = std::tie(first.config, second.config);
  CHECK(b.server.listen == "unix:/run/${x}/s");
  CHECK(b.server.socket_mode == 0666);
  CHECK(b.server.socket_group == "www-data");
  CHECK(b.server.protect_reads == a.server.protect_reads);
  CHECK(b.server.hosts == a.server.hosts);
  CHECK(b.server.cors_origins == a.server.cors_origins);
  CHECK(b.server.max_connections == a.server.max_connections);
  CHECK(b.server.images == a.server.images);
  CHECK(b.server.title == a.server.title);
  CHECK(b.server.public_url == a.server.public_url);
  CHECK(b.storage.path == "/var/${z}.db");
  CHECK(b.storage.keep_posts == 9);
  CHECK(b.fetch.timeout == 1500ms);
  CHECK(b.fetch.max_body == 512U << 10U);
  CHECK(b.fetch.allow_private_networks);
  CHECK(b.schedule.hinted_min_interval == 61s);
  CHECK(b.log.level == "debug");
  CHECK(b.sources[0].url == a.sources[0].url);
  CHECK(b.sources[0].site_url == "https://example.org/${home}");
  CHECK(b.sources[0].tags == a.sources[0].tags);
  CHECK(b.sources[0].extra->rules == a.sources[0].extra->rules);
  CHECK(b.sources[0].extra->keep == a.sources[0].extra->keep);
}

TEST_CASE("a socket's mode is octal", "[config][issue6]") {
  CHECK(read("[server]\nsocket_mode = \"0600\"").config.server.socket_mode == 0600);
  const auto* bad = GENERATE("\"rw\"", "\"0988\"", "\"07777\"", "\"\"", "\"-1\"", "660");
  CAPTURE(bad);
  CHECK_FALSE(read("[server]\nsocket_mode = " + std::string(bad)).ok());
}

TEST_CASE("the rules of a source come after those of all", "[config][issue6]") {
  const auto loaded = read(R"(
[rules]
rewrite_title = [{ match = "a", replace = "b" }]
[[source]]
url = "https://example.org/"
tags = ["t"]
max_posts = 3
rewrite_title = [{ match = "b", replace = "c" }]
)");
  REQUIRE(loaded.ok());
  const auto settings = settings_of(loaded.config, loaded.config.sources[0]);
  CHECK(settings.tags == std::vector<std::string>{"t"});
  CHECK(settings.max_posts == 3);
  REQUIRE(settings.rules.size() == 2);
  feeds::Post post;
  post.title = "a";
  for (const auto& rule : settings.rules) CHECK(rule(post));
  CHECK(post.title == "c");
}

TEST_CASE("the sample config is valid and has ZDNET's cloud topic first", "[config]") {
  const auto loaded = load(std::string(RIVERD_SOURCE_DIR) + "/config/riverd.toml", environment());
  REQUIRE(loaded.has_value());
  CHECK(mistakes(*loaded).empty());
  CHECK(loaded->warnings.empty());
  REQUIRE(loaded->config.sources.size() >= 13);
  CHECK(loaded->config.sources[0].url == "https://www.zdnet.com/topic/cloud/rss.xml");
  CHECK(loaded->config.storage.path == "var/riverd.db");
}

TEST_CASE("a hundred thousand sources are read", "[config]") {
  std::string toml;
  for (int i = 0; i < 100'000; ++i) {
    toml += "[[source]]\nurl = \"https://host" + std::to_string(i % 5000) + ".example.org/" + std::to_string(i) + "/rss.xml\"\ntags = [\"x\"]\n";
  }
  const auto loaded = read(toml);
  REQUIRE(loaded.ok());
  CHECK(loaded.config.sources.size() == 100'000);
  CHECK(sizeof(Source) <= 256);
}
