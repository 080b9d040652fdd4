#pragma once
/// The river as a folder of posts for a static site (Hexo's source/_posts).

#include <cstdint>
#include <string>
#include <unordered_set>

#include "base/result.h"
#include "storage/store.h"

namespace riverd::commands {

/// Writes posts as `ID.md` into a folder. The name never changes, whatever becomes of the title, and is safe on every file
/// system: 26 of the characters a-z and 2-7. A file that is as it should be is not touched.
class HexoFolder {
 public:
  /// Makes the folder where there is none. Errors: io.
  [[nodiscard]] static Result<HexoFolder> open(const std::string& path);

  /// Errors: io, no_space.
  [[nodiscard]] Result<void> write(storage::StoredPost post);

  /// Removes the posts that were not written through this object. Files that riverd did not write are left alone: a post's
  /// file is known by its name and by the id in its front matter. Errors: io.
  [[nodiscard]] Result<void> remove_others();

  [[nodiscard]] std::uint64_t posts() const { return ids_.size(); }
  [[nodiscard]] std::uint64_t changed() const { return changed_; }
  [[nodiscard]] std::uint64_t removed() const { return removed_; }

 private:
  explicit HexoFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::unordered_set<std::string> ids_;
  std::uint64_t changed_ = 0;
  std::uint64_t removed_ = 0;
};

}  // namespace riverd::commands
