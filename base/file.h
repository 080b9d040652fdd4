#pragma once
/// Whole files: read within a bound, and replaced in one step.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace riverd {

/// Reads a whole file, pipe or device of at most `most` bytes. Errors: not_found, io (a folder, say), too_large, invalid (a
/// path with a NUL).
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t most);

/// As read_file, from an open descriptor that `name` stands for in messages. The descriptor stays open.
[[nodiscard]] Result<std::string> read_descriptor(int descriptor, const std::string& name, std::size_t most);

/// Writes all of text. Errors: io, no_space.
[[nodiscard]] Result<void> write_descriptor(int descriptor, const std::string& name, std::string_view text);

/// Whether a file must outlast a power cut: yes waits for the disk.
enum class Durable : std::uint8_t { no, yes };

/// Replaces a file, or makes it: readers see the old text or the new one, whole; where durable, also after a power cut.
/// A symbolic link is followed; permissions and, where allowed, the owner of a file that was there stay. A new one gets
/// 0666 less the umask. What is no file (a device, a pipe) is written to and stays. Errors: io, no_space.
[[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view text, Durable durable = Durable::yes);

}  // namespace riverd
