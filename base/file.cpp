#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

namespace riverd {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

enum class Action : std::uint8_t { read, write };

Error failed(Action action, const std::string& path, int code) {
  auto kind = Errc::io;
  if (action == Action::read && (code == ENOENT || code == ENOTDIR)) kind = Errc::not_found;
  if (code == ENOSPC || code == EDQUOT) kind = Errc::no_space;
  return {kind, std::string(action == Action::read ? "read " : "write ") + path + ": " + std::strerror(code)};
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

/// The file that a path leads to, through symbolic links; the path itself where nothing is there.
std::string real_path(const std::string& path) {
  char buffer[PATH_MAX];
  return ::realpath(path.c_str(), buffer) != nullptr ? std::string(buffer) : path;
}

/// Gives the new file what the old one had. An owner that may not be given away is no failure.
void take_over_attributes(int descriptor, const std::string& path) {
  struct stat old {};
  if (::stat(path.c_str(), &old) != 0) {
    const auto mask = ::umask(0);
    ::umask(mask);
    ::fchmod(descriptor, 0666 & ~mask);
    return;
  }
  if (::fchown(descriptor, old.st_uid, old.st_gid) != 0) errno = 0;
  ::fchmod(descriptor, old.st_mode & 07777);
}

/// Whether something is there that holds no text of its own to be replaced: a device, a pipe, a socket.
bool passes_on(const std::string& path) {
  struct stat there {};
  return ::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode);
}

Result<void> write_all(int descriptor, const std::string& name, std::string_view text, Durable durable) {
  if (auto written = write_descriptor(descriptor, name, text); !written) return written;
  if (durable == Durable::yes && ::fsync(descriptor) != 0) return failed(Action::write, name, errno);
  return {};
}

void sync_folder(const std::string& folder) {
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (open.get() >= 0) ::fsync(open.get());
}

}  // namespace

Result<std::string> read_descriptor(int descriptor, const std::string& name, std::size_t most) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return failed(Action::read, name, errno);
  if (S_ISDIR(status.st_mode)) return failed(Action::read, name, EISDIR);
  std::string text;
  if (S_ISREG(status.st_mode)) text.reserve(std::min(static_cast<std::size_t>(status.st_size), most) + 1);
  char buffer[1U << 16U];
  for (;;) {
    const auto count = ::read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(Action::read, name, errno);
    if (count == 0) return text;
    if (text.size() + static_cast<std::size_t>(count) > most) {
      return Error(Errc::too_large, "read " + name + ": larger than " + std::to_string(most >> 10U) + " KiB");
    }
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

Result<std::string> read_file(const std::string& path, std::size_t most) {
  if (path.find('\0') != std::string::npos) return Error(Errc::invalid, "a path cannot hold a NUL");
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return failed(Action::read, path, errno);
  return read_descriptor(file.get(), path, most);
}

Result<void> write_descriptor(int descriptor, const std::string& name, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(Action::write, name, errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> replace_file(const std::string& path, std::string_view text, Durable durable) {
  const auto target = real_path(path);
  if (passes_on(target)) {
    const Descriptor open(::open(target.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    return open.get() < 0 ? failed(Action::write, path, errno) : write_descriptor(open.get(), path, text);
  }
  // Hidden, and with no name that a program watching the folder would take for one of its own.
  auto temporary = folder_of(target) + "/.riverd-XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return failed(Action::write, path, errno);
  take_over_attributes(file.get(), target);
  auto done = write_all(file.get(), path, text, durable);
  if (done && ::rename(temporary.c_str(), target.c_str()) != 0) done = failed(Action::write, path, errno);
  if (!done) {
    ::unlink(temporary.c_str());
    return done;
  }
  if (durable == Durable::yes) sync_folder(folder_of(target));
  return {};
}

}  // namespace riverd
