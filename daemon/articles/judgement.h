#pragma once
/// What an answer to a page's request means, and when to ask again. Pure.

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "config/config.h"
#include "daemon/fetch/fetcher.h"
#include "storage/pages.h"

namespace riverd::articles {

/// What is to be done after one answer.
struct Judgement {
  /// article: the body is to be read; failed, put_off, given_up as in PageOutcome.
  storage::PageOutcome::End end = storage::PageOutcome::End::article;
  std::string problem;
  std::optional<Seconds> asked;  ///< how long the server asked to be left alone (Retry-After)
  bool throttled = false;        ///< it says that it is asked too often
};

[[nodiscard]] Judgement judge(const Result<fetch::Response>& answer, const std::string& url, Time now);

/// The shortest wait before a page is asked for again: ten minutes, less where the config lets polls come
/// closer.
[[nodiscard]] Seconds retry_base(const config::Config& config, const config::Source* source);

/// The wait before the next try of a page that failed `tries` times: four times as long each time.
[[nodiscard]] Seconds retry_wait(Seconds base, std::uint32_t tries, double spread);

/// The gap between two pages of one host.
[[nodiscard]] Seconds page_gap(const std::string& url, std::optional<Seconds> crawl_delay);

}  // namespace riverd::articles
