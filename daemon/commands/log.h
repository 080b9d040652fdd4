#pragma once
/// The daemon's log on standard error: one line an event, `what happened key=value key=value`, the same keys everywhere
/// (source, url, status, ms, error). Under systemd lines carry the priority prefix and no time: the journal has both.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace riverd::commands {

/// Makes spdlog's default logger the one described above.
///   level   trace, debug, info, warn or error
void start_log(const std::string& level);
void set_log_level(const std::string& level);

using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

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
