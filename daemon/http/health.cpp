#include "daemon/http/health.h"

#include "feeds/write/json.h"

namespace riverd::http {

using namespace std::chrono_literals;

StoreProbe::StoreProbe(storage::Store& store) : store_(store), thread_([this] { work(); }) {}

StoreProbe::~StoreProbe() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

StoreProbe::Finding StoreProbe::ask(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  if (finished_ > 0 && wanted_ == finished_ && Clock::now() - when_ < 1s) return finding_;
  if (wanted_ == finished_) ++wanted_;
  const std::uint64_t mine = wanted_;
  wake_.notify_one();
  if (answered_.wait_for(lock, patience, [&] { return finished_ >= mine; })) return finding_;
  return {false, "the store does not answer", 0};
}

void StoreProbe::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || wanted_ > finished_; });
    if (stopping_) return;
    lock.unlock();
    const auto start = Clock::now();
    const auto ping = store_.ping();
    const auto end = Clock::now();
    lock.lock();
    finding_ = {ping.has_value(), ping ? "" : ping.error().message(), std::chrono::duration<double>(end - start).count()};
    when_ = end;
    finished_ = wanted_;
    answered_.notify_all();
  }
}

namespace {

void add_part(std::string& out, std::string_view name, bool ok, std::string_view detail) {
  out.append(",\"").append(name).append("\":{\"status\":\"").append(ok ? "ok" : "stopped").append("\",\"detail\":");
  if (detail.empty()) {
    out += "null";
  } else {
    feeds::write::append_json_string(out, detail);
  }
}

void add_time(std::string& out, std::string_view name, const std::optional<Time>& time) {
  out.append(",\"").append(name).append("\":");
  out += time ? '"' + rfc3339(*time) + '"' : "null";
}

}  // namespace

Response health(StoreProbe& probe, const Engine& engine, storage::Store& store) {
  const PollHealth polling = engine.health();
  const auto kept = probe.ask(1200ms);
  const bool ok = polling.ok && kept.ok;
  std::string body = std::string("{\"status\":\"") + (ok ? "ok" : "failing") + '"';
  add_part(body, "polling", polling.ok, polling.detail);
  add_time(body, "last_poll", polling.last_poll);
  add_time(body, "next_due", polling.next_due);
  body += '}';
  add_part(body, "store", kept.ok, kept.detail);
  if (kept.ok) {
    if (const auto totals = store.totals()) {
      body += ",\"posts\":" + std::to_string(totals->posts) + ",\"seq\":" + std::to_string(totals->seq) +
              ",\"sources\":" + std::to_string(totals->sources) + ",\"failing\":" + std::to_string(totals->failing);
    }
  }
  body += "}}\n";
  Response out(ok ? 200 : 503, "application/json", std::move(body));
  out.cache_control = "no-store";
  if (!ok) out.headers.emplace_back("Retry-After", "5");
  return out;
}

}  // namespace riverd::http
