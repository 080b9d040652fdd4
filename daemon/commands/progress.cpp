#include "daemon/commands/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "daemon/commands/console.h"

namespace riverd::commands {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::size_t kBarColumns = 30;

std::size_t width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(bool wanted) : bar_(wanted && isatty(STDERR_FILENO) == 1) {}

void Progress::begin(std::size_t expected) {
  expected_ = expected;
  if (bar_) draw({});
}

void Progress::show(const poll::Report& report, const poll::Totals& totals) {
  std::string names;
  for (const auto& name : report.names) names += (names.empty() ? "" : ", ") + name;
  if (!report.linked_feed.empty()) {
    say(names + ": " + report.event);
  } else {
    done_ += report.names.size();
    if (report.end == poll::Report::End::failed) {
      say(names + ": " + report.error);
    }
  }
  const auto now = std::chrono::steady_clock::now();
  if (!bar_ || now - last_ < kRedraw) return;
  last_ = now;
  draw(totals);
}

void Progress::show(const articles::Report& report) {
  if (!report.recorded.given_up || report.problem.empty()) return;
  say(report.name + ": " + report.problem);
}

void Progress::show(const articles::Articles::Totals& totals) {
  if (!bar_ || totals.wanted == 0) return;
  draw(totals.complete + totals.failed, totals.wanted, " articles, " + std::to_string(totals.failed) + " failed");
}

void Progress::say(const std::string& message) {
  clear();
  complain(message);
}

void Progress::draw(const poll::Totals& totals) {
  draw(done_, expected_, ", " + std::to_string(totals.new_posts) + " new, " + std::to_string(totals.failed) + " failed");
}

void Progress::draw(std::size_t done, std::size_t expected, const std::string& rest) {
  std::string line;
  if (expected > 0) {
    const std::size_t full = std::min(kBarColumns, kBarColumns * done / expected);
    line = "[" + std::string(full, '#') + std::string(kBarColumns - full, ' ') + "] " + std::to_string(done) + "/" +
           std::to_string(expected);
  } else {
    line = std::to_string(done) + " polled";
  }
  line += rest;
  line = cut_to_columns(line, width() - 1);
  std::fprintf(stderr, "\r%s\033[K", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

void Progress::end() { clear(); }

}  // namespace riverd::commands
