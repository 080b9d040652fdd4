#include "daemon/commands/status.h"

namespace riverd::commands {
namespace {

/// Digits in groups of three: "18 421".
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ' ');
  return text;
}

}  // namespace

std::string status_text(const Result<storage::Totals>& totals, const http::PollHealth& polling) {
  std::string text = totals ? grouped(totals->sources) + " sources, " + grouped(totals->failing) + " failing, " +
                                  grouped(totals->posts) + " posts"
                            : "the store is in trouble: " + totals.error().message();
  if (!polling.ok) text += "; " + polling.detail;
  return text;
}

}  // namespace riverd::commands
