#pragma once
/// One page's way: whether it may be asked for, its request, its reading, its later pages. Every way ends in
/// one PageOutcome.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "daemon/articles/judgement.h"
#include "daemon/articles/robots_cache.h"
#include "daemon/poll/pipeline.h"
#include "storage/pages.h"

namespace riverd::articles {

/// How long a page may take in all: robots.txt, its request, later pages with gaps between them.
inline constexpr std::chrono::seconds kVisitTime{600};

class Visitor {
 public:
  ///   pipeline  the polls': its fetcher, hosts and config are shared; outlives the visitor
  Visitor(boost::asio::any_io_executor network, poll::World world, poll::Pipeline& pipeline);
  ~Visitor();

  /// On the network thread, as all calls here.
  boost::asio::awaitable<storage::PageOutcome> visit(storage::PageLease lease);

  /// Visits end soon; the fetcher is stopped by its owner.
  void stop() { stopping_ = true; }

 private:
  struct Visit;
  boost::asio::awaitable<void> go(Visit& visit);
  boost::asio::awaitable<bool> may_ask(Visit& visit, std::string url);
  boost::asio::awaitable<RobotsAnswer> robots_of(Visit& visit, std::string url);
  boost::asio::awaitable<Result<fetch::Response>> ask(Visit& visit, std::string url, std::string accept,
                                                      std::uint64_t max_body);
  boost::asio::awaitable<bool> may_send(Visit& visit, std::string url);
  [[nodiscard]] Seconds wait_of(const Visit& visit) const;
  boost::asio::awaitable<bool> after_polls(Visit& visit, std::string host);
  boost::asio::awaitable<void> read(Visit& visit, fetch::Response response);
  boost::asio::awaitable<void> read_later_pages(Visit& visit, std::string first_url);
  boost::asio::awaitable<void> heed(Visit& visit, const Result<fetch::Response>& answer, const Judgement& judgement);
  boost::asio::awaitable<void> be_patient(Visit& visit, std::string url, std::string peer,
                                          std::optional<Seconds> wait, bool throttled);
  boost::asio::awaitable<void> pause(std::chrono::milliseconds time);
  void end(Visit& visit, storage::PageOutcome::End end, std::string problem, Seconds wait);
  void fail(Visit& visit, Judgement judgement);
  [[nodiscard]] Time now() const;

  const boost::asio::any_io_executor network_;
  const poll::World world_;
  poll::Pipeline& pipeline_;
  RobotsCache robots_;
  boost::asio::thread_pool parse_pool_{1};  ///< so that feeds never wait for pages
  bool stopping_ = false;
};

}  // namespace riverd::articles
