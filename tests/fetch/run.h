#pragma once
/// Runs fetches to their end on a loop of their own.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <vector>

#include "daemon/fetch/fetcher.h"

namespace riverd::test {

inline fetch::Options loopback_options() {
  fetch::Options options;
  options.user_agent = "riverd/test (+https://example.org/)";
  options.allow_private_networks = true;
  options.timeout = std::chrono::seconds(10);
  options.connect_timeout = std::chrono::seconds(5);
  return options;
}

/// All requests at once; answers in their order.
inline std::vector<Result<fetch::Response>> fetch_all(fetch::Options options, std::vector<fetch::Request> requests) {
  boost::asio::io_context context(1);
  fetch::Fetcher fetcher(context.get_executor(), std::move(options));
  std::vector<std::optional<Result<fetch::Response>>> answers(requests.size());
  std::size_t left = requests.size();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    boost::asio::co_spawn(context, fetcher.fetch(std::move(requests[i])),
                          [&, i](const std::exception_ptr& error, Result<fetch::Response> answer) {
                            if (error) std::rethrow_exception(error);
                            answers[i] = std::move(answer);
                            if (--left == 0) context.stop();
                          });
  }
  context.run();
  std::vector<Result<fetch::Response>> out;
  for (auto& answer : answers) out.push_back(std::move(*answer));
  return out;
}

/// One request after the other, by one fetcher.
inline std::vector<Result<fetch::Response>> fetch_in_turn(fetch::Options options, std::vector<fetch::Request> requests) {
  boost::asio::io_context context(1);
  fetch::Fetcher fetcher(context.get_executor(), std::move(options));
  std::vector<Result<fetch::Response>> out;
  auto work = [&]() -> boost::asio::awaitable<void> {
    for (fetch::Request& request : requests) out.push_back(co_await fetcher.fetch(std::move(request)));
    context.stop();
  };
  boost::asio::co_spawn(context, work, [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
  context.run();
  return out;
}

inline Result<fetch::Response> fetch_one(fetch::Request request, fetch::Options options = loopback_options()) {
  std::vector<fetch::Request> one;
  one.push_back(std::move(request));
  return std::move(fetch_all(std::move(options), std::move(one)).front());
}

inline fetch::Request get(std::string url) {
  fetch::Request request;
  request.url = std::move(url);
  return request;
}

}  // namespace riverd::test
