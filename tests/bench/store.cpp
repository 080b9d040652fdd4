// How fast the store writes, pages and searches, and what memory that takes: bench/store [POSTS] [FOLDER]
// With WRITE_ONLY in the environment it only writes.
// Posts are made up: 2,000 sources, words by Zipf's law, bodies of 600 characters, three tags of 5,000, dates over five years;
// every twentieth post is Chinese.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <random>
#include <string>
#include <vector>

#include "storage/digest.h"
#include "storage/store.h"

using namespace riverd;
using namespace riverd::storage;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kSources = 2000;
constexpr Time kStart{Seconds(1'577'836'800)};
constexpr std::int64_t kSpan = 5LL * 365 * 86'400;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
  }
  return 0;
}

class Generator {
 public:
  Generator() {
    double sum = 0;
    for (int i = 1; i <= 50'000; ++i) weights_.push_back(sum += 1.0 / i);
  }
  std::string word() {
    const double at = std::uniform_real_distribution<>(0, weights_.back())(random_);
    const auto rank = std::lower_bound(weights_.begin(), weights_.end(), at) - weights_.begin();
    return "w" + std::to_string(rank);
  }
  feeds::Post post(std::int64_t n) {
    feeds::Post post;
    const std::string number = std::to_string(n);
    post.link = post.identity.link = "https://site" + std::to_string(n % kSources) + ".example/2024/a-story-" + number;
    post.guid = post.identity.guid = *post.link;
    post.identity.guid_global = true;
    post.title = word() + ' ' + word() + ' ' + word() + ' ' + word() + ' ' + number;
    post.date = kStart + Seconds(random_() % kSpan);
    for (int i = 0; i < 3; ++i) post.tags.push_back("tag " + std::to_string(std::min<unsigned>(skewed(5000), 4999)));
    post.categories = {"category " + std::to_string(n % kSources % 12)};
    post.authors = {{"Author " + std::to_string(random_() % 3000), std::nullopt, std::nullopt}};
    std::string body = "<p>";
    if (n % 20 == 7) {
      post.title = han(12);
      body += han(150);
    }
    while (body.size() < 600) body += word() + ' ';
    post.content_html = body + "</p>";
    post.summary = body.substr(3, 198);
    Digest digest;
    digest.add(*post.link);
    post.fingerprint = digest.value();
    Digest id;
    id.add("id" + number);
    char hex[40];
    std::snprintf(hex, sizeof hex, "%016llx%010lld", static_cast<unsigned long long>(id.value()), static_cast<long long>(n));
    post.id = hex;
    return post;
  }

 private:
  /// Chinese text: characters by Zipf's law, of 3,000.
  std::string han(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      const unsigned c = 0x4e00 + std::min(skewed(3000), 2999U) * 7 % 3000;
      text += static_cast<char>(0xe0U | (c >> 12U));
      text += static_cast<char>(0x80U | ((c >> 6U) & 63U));
      text += static_cast<char>(0x80U | (c & 63U));
    }
    return text;
  }
  unsigned skewed(unsigned most) {
    return static_cast<unsigned>(std::pow(static_cast<double>(most), std::uniform_real_distribution<>(0, 1)(random_)));
  }
  std::mt19937_64 random_{42};
  std::vector<double> weights_;
};

/// Polls sources in turn, 20 posts each, until there are so many posts; returns CPU seconds of it without the making up.
void fill(Store& store, Generator& generator, std::int64_t from, std::int64_t to) {
  double spent = 0;
  const auto began = Clock::now();
  Time now = kStart + Seconds(kSpan + from * 10);
  for (std::int64_t n = from; n < to;) {
    now += Seconds(3600);
    auto leases = store.claim(now, 200, Seconds(60));
    if (!leases || leases->empty()) std::abort();
    std::vector<PollOutcome> outcomes;
    for (auto& lease : *leases) {
      PollOutcome outcome;
      outcome.at = now;
      outcome.state = lease.state;
      outcome.state.next_poll = now + Seconds(36'000);
      outcome.documents.resize(1);
      outcome.documents[0].source = lease.sources[0];
      for (int i = 0; i < 20 && n < to; ++i) outcome.documents[0].document.posts.push_back(generator.post(n++));
      outcome.lease = std::move(lease);
      outcomes.push_back(std::move(outcome));
    }
    const double before = cpu_seconds();
    std::promise<void> all;
    std::size_t left = outcomes.size();
    for (auto& outcome : outcomes) {
      store.record(std::move(outcome), [&](Result<Recorded> recorded) {
        if (!recorded) std::fprintf(stderr, "%s\n", recorded.error().message().c_str());
        if (--left == 0) all.set_value();
      });
    }
    all.get_future().wait();
    spent += cpu_seconds() - before;
  }
  const double wall = std::chrono::duration<double>(Clock::now() - began).count();
  std::printf("  recorded %lld posts in %.1f CPU s: %.0f posts a CPU second (%.1f s wall with making them up), %ld MiB resident\n",
              static_cast<long long>(to - from), spent, static_cast<double>(to - from) / spent, wall, resident_kib() / 1024);
}

void measure(Store& store, const char* name, const std::function<PostQuery(int)>& query) {
  std::vector<double> wall;
  std::vector<double> cpu;
  std::size_t posts = 0;
  for (int i = 0; i < 101; ++i) {
    const auto asked = query(i);
    const double before = cpu_seconds();
    const auto began = Clock::now();
    const auto page = store.posts(asked);
    wall.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
    cpu.push_back((cpu_seconds() - before) * 1000);
    posts += page ? page->posts.size() : 0;
    if (!page) std::printf("  %s: %s\n", name, page.error().message().c_str());
  }
  std::sort(wall.begin(), wall.end());
  std::sort(cpu.begin(), cpu.end());
  std::printf("  %-34s median %7.3f ms  p90 %7.3f ms  worst %8.3f ms  (CPU median %.3f ms, %zu posts a page)\n", name, wall[50], wall[90],
              wall[100], cpu[50], posts / 101);
}

void measure_all(Store& store) {
  const auto with = [](auto set) {
    return [set](int i) {
      PostQuery query;
      set(query, i);
      return query;
    };
  };
  const auto n = [](const char* text, int i) { return text + std::to_string(i); };
  measure(store, "newest page", with([](PostQuery&, int) {}));
  measure(store, "one source", with([&](PostQuery& q, int i) { q.sources = {n("source-", i * 17)}; }));
  measure(store, "one category", with([&](PostQuery& q, int i) { q.categories = {n("category ", i % 12)}; }));
  measure(store, "common tag", with([&](PostQuery& q, int i) { q.tags = {n("tag ", 1 + i % 5)}; }));
  measure(store, "rare tag", with([&](PostQuery& q, int i) { q.tags = {n("tag ", 3000 + i)}; }));
  measure(store, "author", with([&](PostQuery& q, int i) { q.authors = {n("author ", i)}; }));
  measure(store, "category and tag", with([&](PostQuery& q, int i) {
            q.categories = {n("category ", i % 12)};
            q.tags = {n("tag ", 1 + i)};
          }));
  measure(store, "20 sources and a tag", with([&](PostQuery& q, int i) {
            for (int s = 0; s < 20; ++s) q.sources.push_back(n("source-", i + s * 50));
            q.tags = {n("tag ", 2 + i % 3)};
          }));
  measure(store, "category, an old month", with([&](PostQuery& q, int i) {
            q.categories = {n("category ", i % 12)};
            q.until = kStart + Seconds(kSpan / 200 * (i + 50));
          }));
  measure(store, "arrival, after, category", with([&](PostQuery& q, int i) {
            q.order = Order::arrival;
            q.categories = {n("category ", i % 12)};
            q.after = i * 50;
          }));
  measure(store, "arrival from the start, rare tag", with([&](PostQuery& q, int i) {
            q.order = Order::arrival;
            q.tags = {n("tag ", 3000 + i)};
          }));
  measure(store, "search: common word", with([&](PostQuery& q, int i) { q.q = n("w", i % 10); }));
  measure(store, "search: rare word", with([&](PostQuery& q, int i) { q.q = n("w", 20'000 + i); }));
  measure(store, "search: two words", with([&](PostQuery& q, int i) { q.q = n("w", 20 + i) + n(" w", 400 + i); }));
  measure(store, "search: phrase", with([&](PostQuery& q, int i) { q.q = n("\"w", i % 10) + n(" w", 5 + i) + "\""; }));
  measure(store, "search: word without word", with([&](PostQuery& q, int i) { q.q = n("w", 20 + i) + " -w1"; }));
  measure(store, "search: only without", with([&](PostQuery& q, int i) { q.q = n("-w", i % 10); }));
  measure(store, "search: prefix of four", with([&](PostQuery& q, int i) { q.q = n("w", 100 + i) + "*"; }));
  measure(store, "search: prefix of one", with([&](PostQuery& q, int) { q.q = "w*"; }));
  measure(store, "search: word and category", with([&](PostQuery& q, int i) {
            q.q = n("w", 50 + i);
            q.categories = {n("category ", i % 12)};
          }));
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t most = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  const std::string folder = argc > 2 ? argv[2] : (std::filesystem::temp_directory_path() / ("riverd-bench-" + std::to_string(getpid()))).string();
  std::filesystem::create_directories(folder);
  Options options;
  options.path = folder + "/store.db";
  Generator generator;
  {
    auto store = open_sqlite(options);
    if (!store) return std::fprintf(stderr, "%s\n", store.error().message().c_str()), 1;
    std::vector<ConfiguredSource> sources(kSources);
    for (int i = 0; i < kSources; ++i) {
      auto& source = sources[static_cast<std::size_t>(i)];
      source.name = "source-" + std::to_string(i);
      source.url = "https://site" + std::to_string(i) + ".example/feed";
      source.request_key = static_cast<std::uint64_t>(i) + 1;
    }
    (void)(*store)->sync_sources(sources, kStart, Seconds(0));
    std::int64_t have = 0;
    const bool write_only = std::getenv("WRITE_ONLY") != nullptr;
    for (const std::int64_t size : {std::int64_t{10'000}, most}) {
      std::setvbuf(stdout, nullptr, _IOLBF, 0);
      std::printf("%lld posts\n", static_cast<long long>(size));
      fill(**store, generator, have, size);
      have = size;
      if (!write_only) measure_all(**store);
    }
  }
  {
    auto store = open_sqlite(options);
    measure(**store, "opened again: newest page", [](int) { return PostQuery{}; });
    std::printf("  %ld MiB resident after opening, file %.0f MiB\n", resident_kib() / 1024,
                static_cast<double>(std::filesystem::file_size(options.path)) / 1048576);
  }
  if (argc <= 2) std::filesystem::remove_all(folder);
}
