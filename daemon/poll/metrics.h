#pragma once
/// What polling counts. Written by the network thread, read by any.

#include <atomic>
#include <cstdint>

#include "daemon/http/engine.h"

namespace riverd::poll {

struct Metrics {
  std::atomic<std::uint64_t> polls = 0;
  std::atomic<std::uint64_t> not_modified = 0;
  std::atomic<std::uint64_t> failed = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::uint64_t> new_posts = 0;
  std::atomic<std::uint64_t> updated_posts = 0;
  std::atomic<std::uint64_t> pages_complete = 0;
  std::atomic<std::uint64_t> pages_failed = 0;
  std::atomic<std::uint64_t> active = 0;
  std::atomic<std::uint64_t> waiting = 0;
  std::atomic<std::uint64_t> parsing = 0;
  std::atomic<std::uint64_t> recording = 0;
  std::atomic<double> lateness = 0;
  http::Histogram fetch_time;
  http::Histogram parse_time;
  http::Histogram record_time;
  http::Histogram start_lateness;

  [[nodiscard]] http::PollStats snapshot() const {
    http::PollStats out;
    out.polls = polls;
    out.not_modified = not_modified;
    out.failed = failed;
    out.bytes = bytes;
    out.new_posts = new_posts;
    out.updated_posts = updated_posts;
    out.pages_complete = pages_complete;
    out.pages_failed = pages_failed;
    out.active = active;
    out.waiting = waiting;
    out.parsing = parsing;
    out.recording = recording;
    out.lateness_seconds = lateness;
    out.fetch = fetch_time.snapshot();
    out.parse = parse_time.snapshot();
    out.record = record_time.snapshot();
    out.lateness = start_lateness.snapshot();
    return out;
  }
};

}  // namespace riverd::poll
