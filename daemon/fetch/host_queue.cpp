#include "daemon/fetch/host_queue.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace riverd::fetch {

namespace net = boost::asio;

HostQueue::Slot::Slot(Slot&& other) noexcept
    : queue_(std::exchange(other.queue_, nullptr)), host_(std::exchange(other.host_, nullptr)) {}

HostQueue::Slot& HostQueue::Slot::operator=(Slot&& other) noexcept {
  if (this != &other) {
    release();
    queue_ = std::exchange(other.queue_, nullptr);
    host_ = std::exchange(other.host_, nullptr);
  }
  return *this;
}

void HostQueue::Slot::release() {
  if (queue_ != nullptr) std::exchange(queue_, nullptr)->released(*host_);
}

HostQueue::HostQueue(net::any_io_executor executor, Limits limits)
    : executor_(std::move(executor)), limits_(std::move(limits)), timer_(executor_) {}

bool HostQueue::startable(const Host& host, Steady::time_point now) const {
  return host.active < limits_.per_host && host.next_start <= now;
}

void HostQueue::started(Hosts::value_type& host, Steady::time_point now) {
  ++host.second.active;
  ++active_;
  const auto gap = limits_.spacing ? limits_.spacing(host.first) : std::chrono::milliseconds(0);
  if (gap.count() > 0) host.second.next_start = now + gap;
}

net::awaitable<HostQueue::Slot> HostQueue::acquire(std::string name) {
  if (stopped_) co_return Slot();
  const auto now = Steady::now();
  Hosts::value_type& host = *hosts_.try_emplace(std::move(name)).first;
  if (has_place() && ready_.empty() && host.second.waiters.empty() && startable(host.second, now)) {
    started(host, now);
    co_return Slot(this, &host);
  }
  Waiter waiter(executor_);
  host.second.waiters.push_back(&waiter);
  ++waiting_;
  queue(host, now);
  pump();
  if (!waiter.granted) co_await waiter.wake.async_wait(net::as_tuple(net::use_awaitable));
  if (!waiter.granted) co_return Slot();
  co_return Slot(this, &host);
}

/// Puts a host where it is looked for next: among the ready, among the delayed, or nowhere (a release queues it again).
void HostQueue::queue(Hosts::value_type& host, Steady::time_point now) {
  Host& state = host.second;
  if (state.queued) return;
  if (state.next_start > now) {
    delayed_.emplace(state.next_start, &host);
    state.queued = true;
    arm();
  } else if (!state.waiters.empty() && state.active < limits_.per_host) {
    ready_.push_back(&host);
    state.queued = true;
  } else if (state.waiters.empty() && state.active == 0) {
    hosts_.erase(host.first);
  }
}

void HostQueue::pump() {
  if (stopped_) return;
  const auto now = Steady::now();
  while (has_place() && !ready_.empty()) {
    Hosts::value_type& host = *ready_.front();
    ready_.pop_front();
    host.second.queued = false;
    if (!host.second.waiters.empty() && startable(host.second, now)) {
      Waiter* waiter = host.second.waiters.front();
      host.second.waiters.pop_front();
      --waiting_;
      started(host, now);
      waiter->granted = true;
      waiter->wake.cancel();
    }
    queue(host, now);
  }
}

void HostQueue::arm() {
  if (delayed_.empty() || stopped_) return;
  timer_.expires_at(delayed_.begin()->first);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) wake_delayed();
  });
}

void HostQueue::wake_delayed() {
  const auto now = Steady::now();
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    Hosts::value_type& host = *delayed_.begin()->second;
    delayed_.erase(delayed_.begin());
    host.second.queued = false;
    queue(host, now);
  }
  pump();
  arm();
}

void HostQueue::released(Hosts::value_type& host) {
  --host.second.active;
  --active_;
  if (stopped_) return;
  queue(host, Steady::now());
  pump();
}

std::size_t HostQueue::waiting_for(const std::string& host) const {
  const auto found = hosts_.find(host);
  return found == hosts_.end() ? 0 : found->second.waiters.size();
}

bool HostQueue::idle(const std::string& host) const {
  const auto found = hosts_.find(host);
  return found == hosts_.end() || (found->second.active == 0 && found->second.waiters.empty());
}

void HostQueue::set_limits(Limits limits) {
  limits_ = std::move(limits);
  const auto now = Steady::now();
  for (auto it = hosts_.begin(); it != hosts_.end();) queue(*it++, now);
  pump();
}

void HostQueue::stop() {
  stopped_ = true;
  timer_.cancel();
  for (auto& [name, host] : hosts_) {
    for (Waiter* waiter : host.waiters) waiter->wake.cancel();
    host.waiters.clear();
  }
  waiting_ = 0;
}

}  // namespace riverd::fetch
