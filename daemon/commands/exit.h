#pragma once
/// Exit statuses (contract 1.2, after sysexits.h).

#include "base/result.h"

namespace riverd::commands {

enum Exit : int {
  kDone = 0,
  kSomeFailed = 1,   ///< update: some sources failed
  kUsage = 64,
  kNotAFeed = 65,
  kNoInput = 66,
  kInternal = 70,
  kIo = 74,
  kConfig = 78,
};

/// The status that tells this failure.
[[nodiscard]] int exit_status(const Error& error);

}  // namespace riverd::commands
