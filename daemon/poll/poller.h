#pragma once
/// The daemon's polling: claims what is due, sends it through the pipeline, goes on for ever.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/engine.h"
#include "daemon/poll/pipeline.h"

namespace riverd::poll {

/// Holds no memory for a source beyond the config: what is due is asked of the store, in small batches.
class Poller final : public http::Engine {
 public:
  using Listener = std::function<void(const Report&)>;
  using Troubled = std::function<void(const std::string& trouble)>;
  using Noticed = std::function<void(const std::string& what)>;

  ///   network   run by one thread, the only one that runs handlers of this object
  ///   listener  told of every lease's end, on that thread
  ///   troubled  told why polling is paused when that begins, and nothing ("") when it goes on, on that thread
  ///   noticed   told what a user should know of
  Poller(boost::asio::io_context& network, World world, std::shared_ptr<const config::Config> config, Listener listener,
         Troubled troubled = {}, Noticed noticed = {});
  ~Poller() override;

  /// Begins to poll. The store has been told of the config's sources (sync_sources).
  void start();

  /// Accepts nothing any more, ends transfers, waits for what was read to be recorded, at most `limit`.
  boost::asio::awaitable<void> stop(std::chrono::milliseconds limit);

  /// Polls by another config from now on. Polls under way go on as they were. On the network thread; tells the store of
  /// the new sources, without waiting on that thread. Errors: of the store; then the old config stays.
  boost::asio::awaitable<Result<void>> reload(std::shared_ptr<const config::Config> config);

  /// What fetches of stories' pages share with the polls.
  [[nodiscard]] Pipeline& pipeline() { return pipeline_; }

  Result<void> poll_now(std::string_view source) override;
  [[nodiscard]] http::PollHealth health() const override;
  [[nodiscard]] http::PollStats stats() const override;

  /// Whether the loop that claims what is due has not turned for a minute: it hangs, or it has ended. That the store takes
  /// nothing (a full disk) is no stall: then the loop turns and waits.
  [[nodiscard]] bool stalled() const;

  /// New sources' first polls are spread over this time: two a second, within half an interval and half an hour.
  ///   known   how many sources the store had before
  [[nodiscard]] static Seconds first_polls_within(const config::Config& config, std::uint64_t known);

 private:
  boost::asio::awaitable<void> loop();
  boost::asio::awaitable<std::size_t> claim(std::size_t room);
  boost::asio::awaitable<void> follow_clock();
  boost::asio::awaitable<void> keep_sources();
  boost::asio::awaitable<void> look_ahead();
  boost::asio::awaitable<void> heed_others();
  boost::asio::awaitable<void> mend_due_times();
  void launch(storage::Lease lease);
  void finished(const Report& report);
  void set_trouble(const std::string& trouble);
  void poke();
  [[nodiscard]] std::chrono::milliseconds pause() const;
  [[nodiscard]] std::size_t room() const;

  boost::asio::io_context& network_;
  const World world_;
  const Listener listener_;
  const Troubled troubled_;
  const Noticed noticed_;
  Pipeline pipeline_;
  boost::asio::steady_timer wake_;     ///< the loop's
  boost::asio::steady_timer drained_;  ///< stop()'s
  std::size_t in_flight_ = 0;
  bool looping_ = false;
  bool reloading_ = false;
  unsigned reloads_ = 0;  ///< that were begun
  bool poked_ = false;   ///< something changed since the loop looked
  Clock::Milliseconds heeded_others_{0};  ///< of the running clock
  Clock::Milliseconds wall_offset_{0}; ///< wall clock less running clock
  std::optional<Time> next_due_;

  std::atomic<bool> stopping_ = false;
  std::atomic<std::int64_t> lease_seconds_ = 0;
  std::atomic<std::int64_t> heartbeat_ms_ = 0;  ///< of the running clock

  mutable std::mutex mutex_;  // guards what follows: read by any thread
  std::string trouble_;
  std::optional<Time> last_poll_;
  std::optional<Time> shown_due_;
};

}  // namespace riverd::poll
