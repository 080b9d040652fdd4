#include "daemon/commands/log.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "daemon/commands/console.h"

namespace riverd::commands {
namespace {

/// syslog(3)'s priority for each level of spdlog.
int priority_of(spdlog::level::level_enum level) {
  constexpr std::array<int, 7> kPriorities = {7, 7, 6, 4, 3, 2, 6};
  return kPriorities[static_cast<std::size_t>(level)];
}

/// What log_line() was told of the message that this thread is logging: entries of the journal carry it as fields.
thread_local const Fields* current_fields = nullptr;

/// Each message as an entry with fields, whoever logs it. sd_journal_sendv may be called from any thread at once.
class JournalSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string_view text(message.payload.data(), message.payload.size());
    send_to_journal(journal_entry(priority_of(message.level), text, current_fields == nullptr ? Fields{} : *current_fields));
  }
  void flush_() override {}
};

/// `<N>` before a line is its priority to the journal (sd-daemon(3)).
class Priority final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const char text[] = {'<', static_cast<char>('0' + priority_of(message.level)), '>'};
    out.append(text, text + sizeof text);
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Priority>(); }
};

void append_value(std::string& line, std::string_view value) {
  const bool quote = value.find_first_of(" \"=\\") != std::string_view::npos ||
                     std::any_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (!quote) {
    line += printable(value);
    return;
  }
  line += '"';
  std::string escaped;
  for (const char c : value) {
    if (c == '"' || c == '\\') escaped += '\\';
    if (c == '\n') escaped += "\\n";
    else if (c == '\t') escaped += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned>(c));
      escaped += hex;
    } else {
      escaped += c;
    }
  }
  line += printable(escaped);  // DEL, C1 and what else moves a terminal
  line += '"';
}

}  // namespace

void start_log(const std::string& level) {
  if (error_output_is_journal() && journal_takes_fields()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("riverd", std::make_shared<JournalSink>()));
    return set_log_level(level);
  }
  auto logger = std::make_shared<spdlog::logger>("riverd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (error_output_is_journal()) {
    formatter->add_flag<Priority>('*').set_pattern("%*%v");
  } else {
    formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v");
  }
  logger->set_formatter(std::move(formatter));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
  set_log_level(level);
}

void set_log_level(const std::string& level) { spdlog::set_level(spdlog::level::from_str(level)); }

bool log_is_debug() { return spdlog::should_log(spdlog::level::debug); }

std::string log_line(std::string_view what, Fields fields) {
  std::string line = printable(what);
  for (const auto& [key, value] : fields) {
    if (value.empty()) continue;
    line += ' ';
    line += key;
    line += '=';
    append_value(line, value);
  }
  return line;
}

namespace {

void log_at(spdlog::level::level_enum level, std::string_view what, const Fields& fields) {
  auto* logger = spdlog::default_logger_raw();
  if (!logger->should_log(level)) return;
  const std::string line = log_line(what, fields);
  current_fields = &fields;
  logger->log(level, "{}", line);
  current_fields = nullptr;
}

}  // namespace

void log_debug(std::string_view what, Fields fields) { log_at(spdlog::level::debug, what, fields); }
void log_info(std::string_view what, Fields fields) { log_at(spdlog::level::info, what, fields); }
void log_warning(std::string_view what, Fields fields) { log_at(spdlog::level::warn, what, fields); }
void log_error(std::string_view what, Fields fields) { log_at(spdlog::level::err, what, fields); }

}  // namespace riverd::commands
