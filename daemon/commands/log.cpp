#include "daemon/commands/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "daemon/commands/console.h"

namespace riverd::commands {
namespace {

/// Whether standard error is the journal's own stream (systemd.exec(5), JOURNAL_STREAM).
bool logs_to_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

/// `<N>` before a line is its priority to the journal (sd-daemon(3)).
class Priority final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    constexpr std::array<char, 7> kPriorities = {'7', '7', '6', '4', '3', '2', '6'};
    const char text[] = {'<', kPriorities[static_cast<std::size_t>(message.level)], '>'};
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
  auto logger = std::make_shared<spdlog::logger>("riverd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  if (logs_to_journal()) {
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

void log_debug(std::string_view what, Fields fields) {
  if (log_is_debug()) spdlog::default_logger_raw()->debug("{}", log_line(what, fields));
}
void log_info(std::string_view what, Fields fields) { spdlog::default_logger_raw()->info("{}", log_line(what, fields)); }
void log_warning(std::string_view what, Fields fields) { spdlog::default_logger_raw()->warn("{}", log_line(what, fields)); }
void log_error(std::string_view what, Fields fields) { spdlog::default_logger_raw()->error("{}", log_line(what, fields)); }

}  // namespace riverd::commands
