#pragma once
/// The one line that `systemctl status` shows of a running daemon.

#include <string>

#include "base/result.h"
#include "daemon/http/engine.h"
#include "storage/store.h"

namespace riverd::commands {

/// "312 sources, 3 failing, 18 421 posts", and what stands in the way of polling or of the store, where something does.
[[nodiscard]] std::string status_text(const Result<storage::Totals>& totals, const http::PollHealth& polling);

}  // namespace riverd::commands
