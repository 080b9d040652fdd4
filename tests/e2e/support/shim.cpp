// clang-format off
/// Loaded before libc (LD_PRELOAD): gives the real binary names, routes, disks and clocks that a test thought up.
///
///   SHIM_HOSTS     name=address,address;*.suffix=address  what names resolve to; every other name to nothing;
///                  name=!20                               after 20 seconds nobody knows whether there is such a name
///   SHIM_ROUTES    address=address;...                    connections to the first go to the second
///   SHIM_CONNECTS  FILE                                   gets a line for each address that was connected to;
///                                                         only loopback is ever reached then
///   SHIM_DISK      at=N,do=kill|tear|power|eio|enospc,on=TEXT
///                                                         what befalls the Nth write or sync of files whose path
///                                                         has TEXT; without `at`, each one while SHIM_DISK_FLAG,
///                                                         a file, exists. tear: half of it is written, then it is
///                                                         killed; power: of what was written and not yet synced,
///                                                         any part is lost, in any order, and it is killed
///   SHIM_CLOCK     FILE                                   8 bytes, the seconds that the wall clock is ahead, and may
///                                                         be set ahead or back at any time
// clang-format on
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace {

template <class F>
F real(F, const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const auto end = std::min(text.find(at, from), text.size());
    if (end > from) parts.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

bool matches(const std::string& pattern, const std::string& name) {
  if (!pattern.starts_with('*')) return pattern == name;
  return name.ends_with(pattern.substr(1));
}

/// The value of the first `key=value` whose key matches; empty without one.
std::string look_up(const char* table, const std::string& name) {
  for (const auto& entry : split(variable(table), ';')) {
    const auto equals = entry.find('=');
    if (matches(entry.substr(0, equals), name)) return entry.substr(equals + 1);
  }
  return {};
}

void append(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  static auto* const write_it = real(&::write, "write");
  static_cast<void>(write_it(file, text.data(), text.size()));
  close(file);
}

// --- the network ---

std::string text_of(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET)
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  if (address->sa_family == AF_INET6)
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
  return text;
}

// --- the disk ---

struct Disk {
  long at = 0;
  std::string deed, on;
  Disk() {
    for (const auto& part : split(variable("SHIM_DISK"), ',')) {
      if (part.starts_with("at=")) at = std::atol(part.c_str() + 3);
      if (part.starts_with("do=")) deed = part.substr(3);
      if (part.starts_with("on=")) on = part.substr(3);
    }
  }
};

const Disk& disk() {
  static const Disk disk;
  return disk;
}

std::atomic<long> calls{0};

/// Signal handlers write, too: nothing may be allocated here.
bool is_watched(int file) {
  if (disk().on.empty()) return false;
  char link[32];
  char path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const auto length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = 0;
  return std::strstr(path, disk().on.c_str()) != nullptr;
}

/// Whether this call meets its fate; counts it.
bool is_fated(int file) {
  if (!is_watched(file)) return false;
  const long call = ++calls;
  if (disk().at != 0) return call == disk().at;
  const char* flag = std::getenv("SHIM_DISK_FLAG");
  return flag != nullptr && access(flag, F_OK) == 0;
}

/// What a write that is not yet synced went over: for a power cut, which may lose it.
struct Unsynced {
  int file;
  off64_t at;
  off64_t size;  ///< of the file, before
  std::string old;
};

std::mutex unsynced_mutex;
std::vector<Unsynced> unsynced;

void remember(int file, off64_t at, std::size_t length) {
  if (disk().deed != "power" || !is_watched(file)) return;
  struct stat64 status {};
  fstat64(file, &status);
  std::string old(length, '\0');
  const ssize_t had = pread64(file, old.data(), length, at);
  old.resize(had > 0 ? static_cast<std::size_t>(had) : 0);
  const std::lock_guard lock(unsynced_mutex);
  unsynced.push_back({file, at, status.st_size, std::move(old)});
}

void forget(int file) {
  const std::lock_guard lock(unsynced_mutex);
  std::erase_if(unsynced, [file](const Unsynced& write) { return write.file == file; });
}

void lose_unsynced() {
  static auto* const write_it = real(&::pwrite64, "pwrite64");
  static auto* const cut = reinterpret_cast<int (*)(int, off64_t)>(dlsym(RTLD_NEXT, "ftruncate64"));
  const std::lock_guard lock(unsynced_mutex);
  std::minstd_rand chance(static_cast<unsigned>(disk().at));
  for (auto write = unsynced.rbegin(); write != unsynced.rend(); ++write) {
    if (chance() % 3 == 0) continue;  // this one had reached the disk
    static_cast<void>(write_it(write->file, write->old.data(), write->old.size(), write->at));
    struct stat64 status {};
    fstat64(write->file, &status);
    // What stood behind the old end goes, unless a later write that is kept stands there.
    if (status.st_size > write->size && write == unsynced.rbegin())
      static_cast<void>(cut(write->file, write->size));
  }
}

/// The error of a fated call; does not return where the process dies.
int fate() {
  if (disk().deed == "power") lose_unsynced();
  if (disk().deed == "kill" || disk().deed == "tear" || disk().deed == "power") raise(SIGKILL);
  errno = disk().deed == "enospc" ? ENOSPC : EIO;
  return -1;
}

// --- the clock ---

std::int64_t ahead() {
  static const volatile std::int64_t* const seconds = [] {
    const int file = open(variable("SHIM_CLOCK").c_str(), O_RDONLY | O_CLOEXEC);
    void* const page =
        file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
    return page == MAP_FAILED ? nullptr : static_cast<const volatile std::int64_t*>(page);
  }();
  return seconds == nullptr ? 0 : *seconds;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  static auto* const next =
      reinterpret_cast<int (*)(clockid_t, timespec*)>(dlsym(RTLD_NEXT, "clock_gettime"));
  const int failed = next(clock, out);
  if (failed == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) out->tv_sec += ahead();
  return failed;
}

int gettimeofday(timeval* out, void*) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *out = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** out) {
  static auto* const next = real(&::getaddrinfo, "getaddrinfo");
  if (node == nullptr || variable("SHIM_HOSTS").empty()) return next(node, service, hints, out);
  addrinfo numeric = hints == nullptr ? addrinfo{} : *hints;
  numeric.ai_flags |= AI_NUMERICHOST;
  addrinfo** end = out;
  *out = nullptr;
  const std::string addresses = look_up("SHIM_HOSTS", node);
  if (addresses.starts_with('!')) {
    sleep(static_cast<unsigned>(std::atoi(addresses.c_str() + 1)));
    return EAI_AGAIN;
  }
  for (const auto& address : split(addresses.empty() ? node : addresses, ',')) {
    const int error = next(address.c_str(), service, &numeric, end);
    if (error == EAI_ADDRFAMILY) continue;
    if (error != 0) return error;
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return *out == nullptr ? EAI_NONAME : 0;
}

int connect(int file, const sockaddr* address, socklen_t length) {
  static auto* const next = real(&::connect, "connect");
  if (variable("SHIM_CONNECTS").empty() ||
      (address->sa_family != AF_INET && address->sa_family != AF_INET6)) {
    return next(file, address, length);
  }
  const std::string to = text_of(address);
  append(variable("SHIM_CONNECTS"), to + "\n");
  sockaddr_in route{};
  const std::string other = look_up("SHIM_ROUTES", to);
  if (!other.empty() && address->sa_family == AF_INET) {
    route = *reinterpret_cast<const sockaddr_in*>(address);
    inet_pton(AF_INET, other.c_str(), &route.sin_addr);
    return next(file, reinterpret_cast<const sockaddr*>(&route), sizeof route);
  }
  if (to.starts_with("127.") || to == "::1") return next(file, address, length);
  errno = ENETUNREACH;
  return -1;
}

ssize_t pwrite64(int file, const void* data, size_t size, off64_t offset) {
  static auto* const next = real(&::pwrite64, "pwrite64");
  if (is_fated(file)) {
    if (disk().deed == "tear") static_cast<void>(next(file, data, size / 2, offset));
    return fate();
  }
  remember(file, offset, size);
  return next(file, data, size, offset);
}

ssize_t pwrite(int file, const void* data, size_t size, off_t offset) {
  return pwrite64(file, data, size, offset);
}

ssize_t write(int file, const void* data, size_t size) {
  static auto* const next = real(&::write, "write");
  return is_fated(file) ? fate() : next(file, data, size);
}

int fsync(int file) {
  static auto* const next = real(&::fsync, "fsync");
  if (is_fated(file)) return fate();
  forget(file);
  return next(file);
}

int fdatasync(int file) {
  static auto* const next = real(&::fdatasync, "fdatasync");
  if (is_fated(file)) return fate();
  forget(file);
  return next(file);
}

int ftruncate64(int file, off64_t length) noexcept {
  static auto* const next = reinterpret_cast<int (*)(int, off64_t)>(dlsym(RTLD_NEXT, "ftruncate64"));
  return is_fated(file) ? fate() : next(file, length);
}

int ftruncate(int file, off_t length) noexcept {
  return ftruncate64(file, length);
}

}  // extern "C"
