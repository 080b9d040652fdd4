#pragma once
/// Who may start: so many over all, so many to one host, starts to one host apart, hosts in turn. One thread.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace riverd::fetch {

class HostQueue {
 public:
  using Steady = std::chrono::steady_clock;
  using Spacing = std::function<std::chrono::milliseconds(std::string_view host)>;
  struct Limits {
    std::uint32_t concurrency = 256;
    std::uint32_t per_host = 2;
    Spacing spacing;  ///< the gap between two starts to a host; empty: none
    std::function<bool()> may_start;  ///< false: nobody starts now; call resume() when that has changed. Empty: always true
  };

 private:
  struct Host;
  using Hosts = std::unordered_map<std::string, Host>;

 public:
  /// The right to one transfer; given back when it goes.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept;
    Slot& operator=(Slot&& other) noexcept;
    ~Slot() { release(); }
    void release();
    explicit operator bool() const { return queue_ != nullptr; }

   private:
    friend class HostQueue;
    Slot(HostQueue* queue, Hosts::value_type* host) : queue_(queue), host_(host) {}
    HostQueue* queue_ = nullptr;
    Hosts::value_type* host_ = nullptr;
  };

  HostQueue(boost::asio::any_io_executor executor, Limits limits);

  /// Waits for a turn; an empty slot when stopped.
  boost::asio::awaitable<Slot> acquire(std::string host);

  void set_limits(Limits limits);
  /// Limits::may_start may answer otherwise from now on.
  void resume() { pump(); }
  /// Wakes all who wait with an empty slot; nobody gets one from now on.
  void stop();

  [[nodiscard]] std::size_t active() const { return active_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::size_t waiting_for(const std::string& host) const;
  /// Whether nobody has or awaits a transfer to this host.
  [[nodiscard]] bool idle(const std::string& host) const;
  /// How many hosts it remembers: those with transfers, with somebody waiting, or within their spacing.
  [[nodiscard]] std::size_t hosts() const { return hosts_.size(); }

 private:
  /// Lives in the frame of the coroutine that waits.
  struct Waiter {
    explicit Waiter(const boost::asio::any_io_executor& executor) : wake(executor, Steady::time_point::max()) {}
    boost::asio::steady_timer wake;
    bool granted = false;
  };
  struct Host {
    std::uint32_t active = 0;
    std::deque<Waiter*> waiters;
    Steady::time_point next_start{};
    bool queued = false;  ///< in ready_ or in delayed_
  };

  [[nodiscard]] bool has_place() const {
    return active_ < limits_.concurrency && (!limits_.may_start || limits_.may_start());
  }
  [[nodiscard]] bool startable(const Host& host, Steady::time_point now) const;
  void started(Hosts::value_type& host, Steady::time_point now);
  void queue(Hosts::value_type& host, Steady::time_point now);
  void pump();
  void wake_delayed();
  void arm();
  void released(Hosts::value_type& host);

  boost::asio::any_io_executor executor_;
  Limits limits_;
  Hosts hosts_;
  std::deque<Hosts::value_type*> ready_;  ///< hosts with somebody waiting who may start, in turn
  std::multimap<Steady::time_point, Hosts::value_type*> delayed_;  ///< hosts within their spacing
  boost::asio::steady_timer timer_;
  std::size_t active_ = 0;
  std::size_t waiting_ = 0;
  bool stopped_ = false;
};

}  // namespace riverd::fetch
