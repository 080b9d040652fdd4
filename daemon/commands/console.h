#pragma once
/// What a command says: results to standard output, everything else to standard error.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/config.h"

namespace riverd::commands {

/// Writes a result to standard output and returns the exit status: done, or that of an I/O error, said on standard error
/// unless it is the reader of a pipe that has left.
[[nodiscard]] int print(std::string_view text);

/// One line on standard error: "riverd: " and the message, without control characters.
void complain(std::string_view message);

/// As complain, for what is none of our business but may be a mistake.
void warn(std::string_view message);

/// Complains and returns the exit status of the error.
[[nodiscard]] int fail(const Error& error);

/// A text from outside as one line for a terminal: control characters (C0, C1, also in UTF-8), direction overrides and
/// bytes that are no UTF-8 become U+FFFD, white space becomes a space.
[[nodiscard]] std::string printable(std::string_view text);

/// As printable, but newlines and tabs stay.
[[nodiscard]] std::string printable_lines(std::string_view text);

/// How many columns a printable text takes on a terminal, and its beginning of at most so many columns, with an ellipsis
/// where something was cut.
[[nodiscard]] std::size_t columns(std::string_view text);
[[nodiscard]] std::string cut_to_columns(std::string_view text, std::size_t most);

/// Whether standard output is a terminal, and its width (80 where unknown).
[[nodiscard]] bool output_is_terminal();
[[nodiscard]] std::size_t terminal_columns();

/// Said after a config was changed.
inline constexpr std::string_view kReloadHint =
    "a running riverd takes it with \"systemctl reload riverd\", or \"kill -HUP\" and its process id\n";

/// Loads a config for a command. Its mistakes and warnings go to standard error as FILE:LINE:COL: message.
/// Returns nothing when it cannot be used, with the exit status in `status`.
[[nodiscard]] std::optional<config::Config> load_config(const std::string& path, int& status);

/// The source of this name. Complains where there is none.
[[nodiscard]] const config::Source* find_source(const config::Config& config, std::string_view name);

}  // namespace riverd::commands
