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

}  // namespace riverd::tests
