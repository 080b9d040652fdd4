#pragma once
/// The command line.

namespace riverd::commands {

/// Reads the command line and runs the command it names; the exit status of contract 1.2. Lets no exception out.
[[nodiscard]] int run(int argc, char** argv);

}  // namespace riverd::commands
