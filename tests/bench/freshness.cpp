/// How soon the policy sees entries: runs the daemon's own scheduling class over a trace in simulated time.
///   freshness --feeds FILE --trace FILE[.gz] --budget R --out FILE
/// Feeds: `id window hint_ttl supports_304 body_bytes`. Trace: `# start=UNIX end=UNIX`, then `id publish_unix stated_unix`
/// sorted by feed and time. At a poll the class is shown what a response holds and no more. Out: `id<TAB>poll_unix_time`.
/// tests/tools/freshness.py turns the result into figures.

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "daemon/schedule/budget.h"
#include "daemon/schedule/policy.h"

namespace {

using riverd::Seconds;
using riverd::Time;
namespace schedule = riverd::schedule;

struct Entry {
  std::int64_t publish = 0;
  std::int64_t stated = 0;
};

struct Feed {
  std::int64_t id = 0;
  std::size_t window = 0;
  std::int64_t hint = 0;
  std::vector<Entry> entries;
  // as polled
  std::size_t seen = 0;      // entries known: all before this one
  std::int64_t last = 0;     // the last poll
  std::string state;         // what the store would hold
};

struct Trace {
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::vector<Feed> feeds;
};

[[noreturn]] void fail(const std::string& why) {
  std::cerr << "freshness: " << why << '\n';
  std::exit(1);
}

template <class Line>
void each_line(const std::string& path, Line&& line) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) fail("cannot read " + path);
  char text[512];
  while (gzgets(file.get(), text, sizeof text) != nullptr) line(text);
}

std::map<std::int64_t, std::size_t> read_feeds(const std::string& path, Trace& trace) {
  std::map<std::int64_t, std::size_t> places;
  each_line(path, [&](const char* text) {
    long long id = 0, window = 0, hint = 0;
    if (*text == '#' || std::sscanf(text, "%lld %lld %lld", &id, &window, &hint) != 3) return;
    places[id] = trace.feeds.size();
    Feed feed;
    feed.id = id;
    feed.window = static_cast<std::size_t>(std::max(1LL, window));
    feed.hint = hint;
    trace.feeds.push_back(std::move(feed));
  });
  return places;
}

void read_trace(const std::string& path, const std::map<std::int64_t, std::size_t>& places, Trace& trace) {
  each_line(path, [&](const char* text) {
    long long id = 0, publish = 0, stated = 0;
    if (*text == '#') {
      if (const char* bounds = std::strstr(text, "start=")) std::sscanf(bounds, "start=%lld end=%lld", &publish, &stated);
      if (publish != 0) trace.start = publish, trace.end = stated;
      return;
    }
    if (std::sscanf(text, "%lld %lld %lld", &id, &publish, &stated) != 3) return;
    const auto place = places.find(id);
    if (place != places.end()) trace.feeds[place->second].entries.push_back({publish, stated});
  });
  if (trace.start == 0 || trace.end <= trace.start) fail("no `# start=UNIX end=UNIX` in " + path);
}

/// What a response at `now` shows of a feed.
schedule::Observation look(Feed& feed, std::int64_t now) {
  schedule::Observation seen;
  seen.at = Time(Seconds(now));
  if (feed.last != 0) seen.previous = Time(Seconds(feed.last));
  const auto after = std::upper_bound(feed.entries.begin(), feed.entries.end(), now,
                                      [](std::int64_t at, const Entry& entry) { return at < entry.publish; });
  const auto visible = static_cast<std::size_t>(after - feed.entries.begin());
  const std::size_t oldest = visible > feed.window ? visible - feed.window : 0;
  if (feed.last != 0 && visible == feed.seen) return seen;  // 304, or the same body
  seen.window = visible - oldest;
  for (std::size_t i = std::max(feed.seen, oldest); i < visible; ++i) {
    const std::int64_t stated = feed.entries[i].stated;
    seen.fresh.push_back(stated == 0 ? std::optional<Time>() : Time(Seconds(stated)));
  }
  feed.seen = visible;
  return seen;
}

/// Placed by a digest of (feed, instant): the same at every run.
double spread_of(std::int64_t id, std::int64_t now) {
  auto x = static_cast<std::uint64_t>(id) * 0x9E3779B97F4A7C15ULL + static_cast<std::uint64_t>(now);
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return static_cast<double>((x ^ (x >> 31U)) >> 11U) * 0x1.0p-53;
}

/// Of this thread: what others do on the machine is not counted.
std::chrono::nanoseconds cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

class Run {
 public:
  Run(Trace& trace, double budget, std::FILE* out)
      : trace_(trace), out_(out), budget_(limits(budget), Time(Seconds(trace.start))), limits_(limits(budget)) {
    const double days = static_cast<double>(trace.end - trace.start) / 86'400;
    most_polls_ = static_cast<std::uint64_t>(budget * days * static_cast<double>(trace.feeds.size()));
    budget_.set_sources(trace.feeds.size(), Time(Seconds(trace.start)));
  }

  void run() {
    for (std::size_t i = 0; i < trace_.feeds.size(); ++i) {
      due_.push({trace_.start + static_cast<std::int64_t>(600 * i / trace_.feeds.size()), i});
    }
    while (!due_.empty() && due_.top().first < trace_.end && polls_ < most_polls_) {
      const auto [now, place] = due_.top();
      due_.pop();
      due_.push({poll(trace_.feeds[place], now), place});
    }
  }

  std::uint64_t polls_ = 0;
  std::size_t largest_state_ = 0;
  std::uint64_t state_bytes_ = 0;
  std::chrono::nanoseconds deciding_{0};

 private:
  static schedule::Limits limits(double budget) {
    schedule::Limits limits;
    limits.min_interval = Seconds(600);
    limits.budget = budget;
    return limits;
  }

  /// One poll, as the daemon does it: decode, observe, decide, encode.
  std::int64_t poll(Feed& feed, std::int64_t now) {
    const schedule::Observation seen = look(feed, now);
    const Time at{Seconds(now)};
    feed.last = now;
    ++polls_;
    std::fprintf(out_, "%lld\t%lld\n", static_cast<long long>(feed.id), static_cast<long long>(now));
    schedule::Wishes wishes;
    wishes.hint = Seconds(feed.hint);
    schedule::Limits bounds = limits_;  // the daemon believes a hint up to max_interval; here it is a rule, however long
    bounds.max_interval = std::max(bounds.max_interval, wishes.hint);
    const auto before = cpu_time();
    schedule::SourceModel model = schedule::SourceModel::decode(feed.state);
    model.observe(seen);
    const schedule::Decision next = schedule::decide(model, bounds, wishes, budget_.price(at), at, spread_of(feed.id, now));
    budget_.polled(feed.id, schedule::demand(model, bounds, wishes), at);
    feed.state = model.encode();
    deciding_ += cpu_time() - before;
    largest_state_ = std::max(largest_state_, feed.state.size());
    state_bytes_ += feed.state.size();
    return next.next.time_since_epoch().count();
  }

  Trace& trace_;
  std::FILE* out_;
  schedule::Budget budget_;
  schedule::Limits limits_;
  std::uint64_t most_polls_ = 0;
  using Due = std::pair<std::int64_t, std::size_t>;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  for (const char* name : {"--feeds", "--trace", "--budget", "--out"}) {
    if (!options.contains(name)) fail("usage: freshness --feeds F --trace T --budget R --out D");
  }
  Trace trace;
  const auto places = read_feeds(options["--feeds"], trace);
  read_trace(options["--trace"], places, trace);
  if (trace.feeds.empty()) fail("no feeds in " + options["--feeds"]);
  const double budget = std::atof(options["--budget"].c_str());
  if (!(budget > 0)) fail("--budget must be a positive number");
  std::FILE* out = std::fopen(options["--out"].c_str(), "w");
  if (out == nullptr) fail("cannot write " + options["--out"]);
  Run run(trace, budget, out);
  run.run();
  if (std::fclose(out) != 0) fail("cannot write " + options["--out"]);
  const auto polls = static_cast<double>(std::max<std::uint64_t>(1, run.polls_));
  std::cerr << run.polls_ << " polls, " << static_cast<double>(run.deciding_.count()) / 1000 / polls
            << " us a decision (with decode, learning and encode), state " << static_cast<double>(run.state_bytes_) / polls
            << " bytes on average, " << run.largest_state_ << " at most\n";
}
