#include <catch2/catch.hpp>

#include "daemon/http/page/view.h"

namespace riverd::tests {

TEST_CASE("a success of this second is never told as one to come", "[http][page]") {
  http::page::Site site;
  site.now = Time{Seconds{1'700'000'000}};
  storage::SourceView source;
  source.name = "one";
  source.state.last_success = site.now + Seconds{1};  // the store's clock was read after the page's
  source.state.failing_since = source.state.last_success;
  http::page::Health health;
  health.sources.push_back(source);
  const auto page = http::page::render(site, health);
  CHECK(page.find("just now") != std::string::npos);
  CHECK(page.find("in a moment") == std::string::npos);
}

TEST_CASE("each source has its posts a day, those without any a flat line", "[http][page]") {
  http::page::Site site;
  http::page::Health health;
  health.days = 3;
  health.sources.resize(3);
  for (std::size_t i = 0; i < 3; ++i) {
    health.sources[i].id = static_cast<storage::SourceId>(i + 1);
    health.sources[i].name = std::string(1, static_cast<char>('a' + i));
  }
  health.activity = {{1, {0, 2, 1}}, {2, {0, 0, 1}}};
  const auto page = http::page::render(site, health);
  const auto bars_of = [&page](const std::string& label) {
    const auto start = page.find("aria-label=\"" + label + "\"");
    REQUIRE(start != std::string::npos);
    const auto picture = page.substr(start, page.find("</svg>", start) - start);
    std::size_t bars = 0;
    for (auto at = picture.find("<rect"); at != std::string::npos; at = picture.find("<rect", at + 1)) ++bars;
    return bars - 1;  // without the line that they stand on
  };
  CHECK(bars_of("3 posts in 3 days") == 2);
  CHECK(bars_of("1 post in 3 days") == 1);
  CHECK(bars_of("0 posts in 3 days") == 0);
}

TEST_CASE("the live events of a river go on after what its page shows, with the page's filter", "[http][page]") {
  const http::page::Site site;
  http::page::River river;
  river.seq = 42;
  CHECK(http::page::render(site, river).find("data-events=\"/api/v1/events?after=42\"") != std::string::npos);
  river.filter.tags = {"sea"};
  CHECK(http::page::render(site, river).find("data-events=\"/api/v1/events?tag=sea&amp;after=42\"") != std::string::npos);
}

}  // namespace riverd::tests
