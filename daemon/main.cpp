#include <fcntl.h>
#include <unistd.h>

#include "daemon/commands/cli.h"

namespace {

/// A database opened as descriptor 1 would be written over by the first message: no descriptor of ours gets those numbers.
/// They are opened the wrong way around, so that using one that was closed still fails.
void occupy_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) < 0) static_cast<void>(::open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY));
  }
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  return riverd::commands::run(argc, argv);
}
