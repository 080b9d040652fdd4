#include <catch2/catch.hpp>

#include "config/config.h"

using namespace riverd;
using namespace riverd::config;
using namespace std::chrono_literals;

TEST_CASE("durations are read in every unit and as sums", "[config]") {
  CHECK(parse_duration("500ms").value() == 500ms);
  CHECK(parse_duration("30s").value() == 30s);
  CHECK(parse_duration("10m").value() == 10min);
  CHECK(parse_duration("1h").value() == 1h);
  CHECK(parse_duration("7d").value() == 168h);
  CHECK(parse_duration("1h30m").value() == 90min);
  CHECK(parse_duration("0s").value() == 0s);
}

TEST_CASE("what is no duration is refused", "[config]") {
  const auto* text = GENERATE("", "30", "s", "-5s", "1.5h", "30 s", "10 minutes", "5x", "1w", "30m1h", "1h1h", "s30", "1h30", "+1s",
                              "99999999999999999999s", "4000000000d", "１s");
  CAPTURE(text);
  CHECK(parse_duration(text).has_error());
}

TEST_CASE("sizes are read in binary and decimal units", "[config]") {
  CHECK(parse_size("16MiB").value() == 16U * 1024 * 1024);
  CHECK(parse_size("512KiB").value() == 512U * 1024);
  CHECK(parse_size("1GiB").value() == 1U << 30U);
  CHECK(parse_size("1000B").value() == 1000);
  CHECK(parse_size("16MB").value() == 16'000'000);
}

TEST_CASE("what is no size is refused", "[config]") {
  const auto* text = GENERATE("", "16", "16M", "MiB", "-1B", "1.5MiB", "16 MiB", "1MiB1KiB", "99999999999GiB", "16mib");
  CAPTURE(text);
  CHECK(parse_size(text).has_error());
}

TEST_CASE("durations and sizes are written as they would be read", "[config]") {
  CHECK(duration_text(90min) == "90m");
  CHECK(duration_text(24h) == "1d");
  CHECK(duration_text(1500ms) == "1500ms");
  CHECK(duration_text(0ms) == "0ms");
  CHECK(size_text(16U << 20U) == "16MiB");
  CHECK(size_text(1000) == "1000B");
}

TEST_CASE("a name is derived from host, path and query", "[config]") {
  CHECK(derive_name("https://www.zdnet.com/topic/cloud/rss.xml") == "zdnet-com-topic-cloud");
  CHECK(derive_name("https://example.org/feed/") == "example-org");
  CHECK(derive_name("http://Blog.Example.org/Atom.xml#top") == "blog-example-org");
  CHECK(derive_name("https://user:secret@example.org/a") == "example-org-a");
  CHECK(derive_name("http://127.0.0.1:8080/feed1.xml") == "127-0-0-1-8080-feed1");
  CHECK(derive_name("https://example.org/feed.php?id=42") == "example-org-id-42");
  CHECK(derive_name("https://пример.рф/") == "source");
  CHECK(derive_name("") == "source");
}

TEST_CASE("a derived name is short and legal, however long the URL", "[config]") {
  const auto name = derive_name("https://example.org/" + std::string(5000, 'x') + "/" + std::string(5000, '/'));
  CHECK(name == "example-org");
  CHECK(derive_name("https://" + std::string(500, 'y') + ".org/").size() <= 60);
}

TEST_CASE("derived names that are taken get a number", "[config]") {
  NameGiver names;
  names.take("example-org-2");
  CHECK(names.give("https://example.org/") == "example-org");
  CHECK(names.give("https://example.org/feed") == "example-org-3");
  CHECK(names.give("https://example.org/rss") == "example-org-4");
}
