#pragma once
/// What `update` shows while it works: a bar on a terminal, a line a failed source anywhere; all on standard error.

#include <chrono>
#include <cstddef>
#include <string>

#include "daemon/articles/articles.h"
#include "daemon/poll/round.h"

namespace riverd::commands {

class Progress {
 public:
  ///   wanted   false: failures only
  explicit Progress(bool wanted);

  /// `expected` leases; 0: not known.
  void begin(std::size_t expected);
  void show(const poll::Report& report, const poll::Totals& totals);
  /// A page that was given up is said.
  void show(const articles::Report& report);
  void show(const articles::Articles::Totals& totals);
  /// A line of its own.
  void say(const std::string& message);
  void end();

 private:
  void draw(const poll::Totals& totals);
  void draw(std::size_t done, std::size_t expected, const std::string& rest);
  void clear();

  const bool bar_;
  std::size_t expected_ = 0;
  std::size_t done_ = 0;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace riverd::commands
