#include "daemon/http/workers.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <future>

namespace riverd::http {
namespace {

using namespace std::chrono_literals;

/// A job that tells when it began and runs until it is let go.
class Held {
 public:
  [[nodiscard]] Workers::Job job() {
    return [this] {
      began_.set_value();
      let_go_.get_future().wait();
    };
  }
  [[nodiscard]] bool begins() { return begun_.wait_for(20s) == std::future_status::ready; }
  [[nodiscard]] bool has_begun() { return begun_.wait_for(0s) == std::future_status::ready; }
  void let_go() { let_go_.set_value(); }

 private:
  std::promise<void> began_, let_go_;
  std::future<void> begun_ = began_.get_future();
};

TEST_CASE("searches leave a thread to pages, and both together leave one to what is quick", "[http][workers]") {
  Held search, later_search, page, health;
  Workers workers(3, 8);
  CHECK(workers.run(Lane::search, search.job()));
  CHECK(workers.run(Lane::search, later_search.job()));
  CHECK(workers.run(Lane::query, page.job()));
  CHECK(search.begins());
  CHECK(page.begins());
  CHECK(workers.run(Lane::quick, health.job()));
  CHECK(health.begins());
  CHECK_FALSE(later_search.has_begun());
  for (Held* held : {&health, &search, &page, &later_search}) held->let_go();
}

TEST_CASE("a search that comes when pages hold all their threads leaves the last one to what is quick", "[http][workers]") {
  Held page, later_page, search, health;
  Workers workers(3, 8);
  CHECK(workers.run(Lane::query, page.job()));
  CHECK(workers.run(Lane::query, later_page.job()));
  CHECK(page.begins());
  CHECK(later_page.begins());
  CHECK(workers.run(Lane::search, search.job()));
  CHECK(workers.run(Lane::quick, health.job()));
  CHECK(health.begins());
  CHECK_FALSE(search.has_begun());
  for (Held* held : {&health, &page, &later_page, &search}) held->let_go();
}

TEST_CASE("what its lane held back starts when another job ends, pages before searches", "[http][workers]") {
  Held search, later_search, page, later_page;
  Workers workers(3, 8);
  CHECK(workers.run(Lane::search, search.job()));
  CHECK(search.begins());
  CHECK(workers.run(Lane::query, page.job()));
  CHECK(page.begins());
  CHECK(workers.run(Lane::query, later_page.job()));
  CHECK(workers.run(Lane::search, later_search.job()));
  search.let_go();
  CHECK(later_page.begins());
  CHECK_FALSE(later_search.has_begun());
  page.let_go();
  CHECK(later_search.begins());
  for (Held* held : {&later_page, &later_search}) held->let_go();
}

}  // namespace
}  // namespace riverd::http
