#pragma once
// Another program's processor time over the same bytes, for benchmarks.

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace riverd::bench {

class OtherProgram {
 public:
  explicit OtherProgram(std::string name) : name_(std::move(name)) {}

  /// Seconds of user and system time that one run takes over `input` on its standard input; what it writes
  /// goes to /dev/null. Nothing where there is no such program, or it fails.
  [[nodiscard]] std::optional<double> seconds(std::string_view input) const {
    const int file = memfd_create("input", MFD_CLOEXEC);
    if (file < 0) return std::nullopt;
    const bool written = write(file, input.data(), input.size()) == static_cast<ssize_t>(input.size()) &&
                         lseek(file, 0, SEEK_SET) == 0;
    const auto spent = written ? run(file) : std::nullopt;
    close(file);
    return spent;
  }

 private:
  [[nodiscard]] std::optional<double> run(int input) const {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    std::string name = name_;
    const std::array<char*, 2> arguments = {name.data(), nullptr};
    pid_t child = 0;
    const bool started =
        posix_spawnp(&child, name_.c_str(), &actions, nullptr, arguments.data(), environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    rusage usage{};
    int status = 0;
    if (!started || wait4(child, &status, 0, &usage) != child || status != 0) return std::nullopt;
    const auto of = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
  }

  const std::string name_;
};

}  // namespace riverd::bench
