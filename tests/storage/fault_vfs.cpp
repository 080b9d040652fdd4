#include "fault_vfs.h"

#include <cstring>
#include <limits>

namespace riverd::storage::testing {
namespace {

std::atomic<int> g_calls{0};
std::atomic<int> g_from{std::numeric_limits<int>::max()};
std::atomic<int> g_until{std::numeric_limits<int>::max()};
std::atomic<int> g_code{SQLITE_IOERR};

sqlite3_vfs* g_real = nullptr;

/// An open file: ours first, the real one behind it in the same allocation.
struct File {
  sqlite3_file base;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* file(sqlite3_file* f) { return reinterpret_cast<File*>(f); }
sqlite3_file* real(sqlite3_file* f) { return file(f)->real(); }

int fault() {
  const int call = g_calls++;
  return call >= g_from && call < g_until ? g_code.load() : SQLITE_OK;
}

template <class Call>
int unless_faulty(Call&& call) {
  const int code = fault();
  return code != SQLITE_OK ? code : call();
}

sqlite3_io_methods methods() {
  sqlite3_io_methods m{};
  m.iVersion = 3;
  m.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
  m.xRead = [](sqlite3_file* f, void* to, int n, sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, n, at); };
  m.xWrite = [](sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
    return unless_faulty([=] { return real(f)->pMethods->xWrite(real(f), from, n, at); });
  };
  m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
    return unless_faulty([=] { return real(f)->pMethods->xTruncate(real(f), size); });
  };
  m.xSync = [](sqlite3_file* f, int flags) { return unless_faulty([=] { return real(f)->pMethods->xSync(real(f), flags); }); };
  m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); };
  m.xLock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); };
  m.xUnlock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); };
  m.xCheckReservedLock = [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); };
  m.xFileControl = [](sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); };
  m.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
  m.xDeviceCharacteristics = [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); };
  m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
  };
  m.xShmLock = [](sqlite3_file* f, int at, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), at, n, flags); };
  m.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
  m.xShmUnmap = [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); };
  m.xFetch = [](sqlite3_file*, sqlite3_int64, int, void** out) {
    *out = nullptr;
    return SQLITE_OK;
  };
  m.xUnfetch = [](sqlite3_file*, sqlite3_int64, void*) { return SQLITE_OK; };
  return m;
}

const sqlite3_io_methods g_methods = methods();
sqlite3_vfs g_vfs{};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out) {
  const int code = g_real->xOpen(g_real, name, real(f), flags, out);
  f->pMethods = real(f)->pMethods != nullptr ? &g_methods : nullptr;
  return code;
}

}  // namespace

FaultyDisk::FaultyDisk() {
  heal();
  g_real = sqlite3_vfs_find(nullptr);
  g_vfs = *g_real;
  g_vfs.zName = "faulty";
  g_vfs.szOsFile = g_real->szOsFile + static_cast<int>(sizeof(File));
  g_vfs.xOpen = open_file;
  sqlite3_vfs_register(&g_vfs, 1);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&g_vfs);
  sqlite3_vfs_register(g_real, 1);
}

void FaultyDisk::fail_after(int calls, int code, int times) {
  g_code = code;
  const int from = g_calls + calls;
  g_until = times > std::numeric_limits<int>::max() - from ? std::numeric_limits<int>::max() : from + times;
  g_from = from;
}

void FaultyDisk::heal() {
  g_from = std::numeric_limits<int>::max();
  g_until = std::numeric_limits<int>::max();
  g_calls = 0;
}

int FaultyDisk::calls() { return g_calls; }

}  // namespace riverd::storage::testing
