#pragma once
/// Work that waits (for a disk, for a processor) on a pool, from a coroutine on the network thread.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <type_traits>
#include <utility>

#include "storage/store.h"

namespace riverd::poll {

/// Runs `work` on the pool and resumes where it was called, with what it returned. What `work` refers to must live on.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> blocking(boost::asio::thread_pool& pool, Work work) {
  using Value = std::invoke_result_t<Work&>;
  // A named closure, moved: g++ 12 destroys a closure written inside the co_await statement twice.
  auto job = [inner = std::move(work)]() mutable -> boost::asio::awaitable<Value> { co_return inner(); };
  co_return co_await boost::asio::co_spawn(pool, std::move(job), boost::asio::use_awaitable);
}

/// Store::record_shared as an awaitable; resumes on `executor`.
template <class Executor>
boost::asio::awaitable<Result<storage::Recorded>> record(storage::Store& store,
                                                         std::shared_ptr<const storage::PollOutcome> outcome,
                                                         Executor executor) {
  auto start = [&store, executor](auto handler, std::shared_ptr<const storage::PollOutcome> what) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    store.record_shared(std::move(what), [shared, executor](Result<storage::Recorded> recorded) {
      boost::asio::post(executor, [shared, recorded = std::move(recorded)]() mutable { (*shared)(std::move(recorded)); });
    });
  };
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(Result<storage::Recorded>)>(
      std::move(start), boost::asio::use_awaitable, std::move(outcome));
}

}  // namespace riverd::poll
