#pragma once
/// One round of polls, then done: `riverd update`.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/poll/pipeline.h"

namespace riverd::poll {

struct Totals {
  std::size_t sources = 0;       ///< that the round was for
  std::size_t polled = 0;
  std::size_t not_modified = 0;  ///< of these: a 304, or the same body again
  std::size_t failed = 0;        ///< of these: no usable answer
  std::size_t left_out = 0;      ///< not asked: polled by somebody else, or told to wait
  std::size_t interrupted = 0;   ///< not polled to the end, or not asked: the round was stopped
  std::size_t new_posts = 0;
  std::size_t updated_posts = 0;
  std::uint64_t bytes = 0;
};

class Round {
 public:
  using Listener = std::function<void(const Report&, const Totals&)>;
  using Troubled = std::function<void(const Error&)>;

  /// What to do with a store that takes nothing, a full disk, say: it is told once, then tried for some time.
  struct StoreTrouble {
    Troubled told;
    std::chrono::milliseconds patience{30'000};
  };

  Round(boost::asio::io_context& network, World world, std::shared_ptr<const Catalogue> catalogue, Listener listener,
        StoreTrouble trouble);

  /// Whether feeds that their publishers ended (410) are polled all the same.
  enum class Gone : std::uint8_t { left_out, polled };
  /// Polls the sources of these names once each, due or not, never before a Retry-After. Where a source turns out to be a
  /// web page, the feed that the page names is polled in its place; that is another URL, so still one request for each.
  /// Errors: the store's. What could not be recorded is given up then, and due again as if it had been.
  boost::asio::awaitable<Result<Totals>> poll(std::vector<std::string> names, Gone gone);
  /// Polls those that are due, as the daemon would.
  boost::asio::awaitable<Result<Totals>> poll_due();

  [[nodiscard]] Pipeline& pipeline() { return pipeline_; }

  /// Why the store was given up, which can still come when pages are fetched after the polls.
  [[nodiscard]] const std::optional<Error>& gave_up() const { return gave_up_; }

  /// Ends it: transfers are cut, what was read is recorded.
  void stop();

 private:
  using Claim = std::function<Result<std::vector<storage::Lease>>(std::size_t most)>;
  boost::asio::awaitable<Result<void>> run(Claim claim);
  boost::asio::awaitable<Result<void>> launch_all(Claim claim);
  void launch(storage::Lease lease);
  void finished(const Report& report);
  [[nodiscard]] bool insists(const Error& trouble, std::chrono::milliseconds lasting);

  boost::asio::io_context& network_;
  const World world_;
  const Listener listener_;
  const StoreTrouble trouble_;
  Pipeline pipeline_;
  boost::asio::steady_timer wake_;
  std::size_t in_flight_ = 0;
  std::vector<std::string> linked_;  ///< sources whose page named a feed, to be polled once more
  bool stopping_ = false;
  bool told_trouble_ = false;
  std::optional<Error> gave_up_;  ///< the trouble of a store that took nothing for too long
  Totals totals_;
};

}  // namespace riverd::poll
