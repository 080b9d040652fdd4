#include "daemon/commands/hexo.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "feeds/write/front_matter.h"

namespace riverd::commands {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kIdLength = 26;
constexpr std::size_t kMaxPost = 64U << 20U;
constexpr std::string_view kSuffix = ".md";

bool is_id(std::string_view text) {
  return text.size() == kIdLength && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'); });
}

/// The id in the front matter of a post that riverd wrote; empty for any other file.
bool has_id(const std::string& text, std::string_view id) {
  if (!text.starts_with("---\n")) return false;
  const auto end = text.find("\n---\n", 3);
  const auto front_matter = std::string_view(text).substr(0, end);
  const auto at = front_matter.find("\nid: ");
  if (end == std::string::npos || at == std::string_view::npos) return false;
  const auto value = front_matter.substr(at + 5, front_matter.find('\n', at + 5) - at - 5);
  return value.find(id) != std::string_view::npos;
}

Error io_error(std::string_view action, const std::string& path, const std::error_code& code) {
  return {Errc::io, std::string(action) + " " + path + ": " + code.message()};
}

}  // namespace

Result<HexoFolder> HexoFolder::open(const std::string& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (!fs::is_directory(path, failed)) {
    return io_error("make the folder", path, failed ? failed : std::make_error_code(std::errc::not_a_directory));
  }
  return HexoFolder(path);
}

Result<void> HexoFolder::write(storage::StoredPost post) {
  const auto& id = post.post.id;
  if (!is_id(id)) return Error(Errc::internal, "the id \"" + id + "\" cannot name a file");
  if (!post.post.content) post.post.content = feeds::markdown(post.post);
  const auto text = feeds::write::post_markdown(post.post, post.sources);
  const auto file = path_ + '/' + id + std::string(kSuffix);
  ids_.insert(id);
  if (const auto old = read_file(file, kMaxPost); old && *old == text) return {};
  if (auto written = replace_file(file, text, Durable::no); !written) return written;
  ++changed_;
  return {};
}

Result<void> HexoFolder::remove_others() {
  std::error_code failed;
  std::vector<fs::path> gone;
  for (auto it = fs::directory_iterator(path_, failed); !failed && it != fs::directory_iterator(); it.increment(failed)) {
    const auto id = it->path().stem().string();
    if (it->path().extension() != kSuffix || !is_id(id) || ids_.contains(id) || it->is_symlink(failed)) continue;
    if (const auto text = read_file(it->path().string(), kMaxPost); text && has_id(*text, id)) gone.push_back(it->path());
  }
  if (failed) return io_error("read", path_, failed);
  for (const auto& path : gone) {
    if (!fs::remove(path, failed) && failed) return io_error("remove", path.string(), failed);
    ++removed_;
  }
  return {};
}

}  // namespace riverd::commands
