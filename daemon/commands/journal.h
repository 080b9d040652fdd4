#pragma once
/// The journal's own protocol: an entry is a set of fields (systemd.journal-fields(7)), so that `journalctl SOURCE=lwn` finds
/// what happened to one source.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riverd::commands {

using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

/// Whether standard error is the journal's stream (systemd.exec(5), JOURNAL_STREAM): then no line needs a time.
[[nodiscard]] bool error_output_is_journal();

/// Whether the journal takes entries with fields on this machine.
[[nodiscard]] bool journal_takes_fields();

/// The entry of one message, a `NAME=value` a field: MESSAGE, PRIORITY (0 to 7, syslog(3)), SYSLOG_IDENTIFIER, and each of
/// `fields` under its name in capitals. Empty values are left out; the names of several sources ("a,b") are a field each.
[[nodiscard]] std::vector<std::string> journal_entry(int priority, std::string_view message, Fields fields);

/// Sends an entry (sd_journal_sendv(3)). Returns whether the journal took it.
bool send_to_journal(const std::vector<std::string>& entry) noexcept;

}  // namespace riverd::commands
