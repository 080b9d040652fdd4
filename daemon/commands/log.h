#pragma once
/// The daemon's log on standard error: one line an event, `what happened key=value key=value`, the same keys everywhere
/// (source, url, status, ms, error). Under systemd each is an entry of the journal with its priority and those keys as fields
/// (SOURCE=, URL=, STATUS=); where only the journal's stream is there, a line with the priority prefix and no time.

#include <string>
#include <string_view>

#include "daemon/commands/journal.h"

namespace riverd::commands {

/// Makes spdlog's default logger the one described above.
///   level   trace, debug, info, warn or error
void start_log(const std::string& level);
void set_log_level(const std::string& level);

/// `what key=value ...`. Empty values are left out; a value with a space, a quote or an equals sign is quoted; control
/// characters, also those of a terminal, are escaped.
[[nodiscard]] std::string log_line(std::string_view what, Fields fields);

void log_debug(std::string_view what, Fields fields = {});
void log_info(std::string_view what, Fields fields = {});
void log_warning(std::string_view what, Fields fields = {});
void log_error(std::string_view what, Fields fields = {});

/// Whether debug lines are written: making them costs.
[[nodiscard]] bool log_is_debug();

}  // namespace riverd::commands
