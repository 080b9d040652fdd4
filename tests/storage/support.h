#pragma once
/// Helpers of the store's tests: a folder that goes away, posts by hand, polls as the daemon makes them.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/store.h"

namespace Catch {
/// A Result in a CHECK prints its error; what it holds need not be printable.
template <class T>
struct StringMaker<boost::system::result<T, riverd::Error>> {
  static std::string convert(const boost::system::result<T, riverd::Error>& result) {
    return result ? "a value" : "error: " + result.error().message();
  }
};
}  // namespace Catch

namespace riverd::storage::testing {

using namespace std::chrono_literals;

/// Noon of some day in 2024.
inline constexpr Time kNoon{Seconds(1'726'660'800)};

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "riverd-store-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::unique_ptr<Store> open(const std::string& path) {
  Options options;
  options.path = path;
  auto store = open_sqlite(options);
  if (!store) throw std::runtime_error(store.error().message());
  return std::move(*store);
}

/// An entry with what identity looks at; the rest can be set on the result.
struct Entry {
  std::string guid;
  std::string link;
  std::string title;
  std::optional<Time> date;
  std::string body = "words";
  bool guid_shared = false;
  bool link_shared = false;
  bool guid_global = false;
};

feeds::Post post_of(const Entry& entry);

inline ConfiguredSource source(const std::string& name, const std::string& url = {}) {
  ConfiguredSource source;
  source.name = name;
  source.url = url.empty() ? "https://" + name + ".example/feed" : url;
  source.request_key = std::hash<std::string>{}(source.url);
  return source;
}

/// Waits for record().
inline Result<Recorded> record(Store& store, PollOutcome outcome) {
  std::promise<Result<Recorded>> promise;
  auto result = promise.get_future();
  store.record(std::move(outcome), [&promise](Result<Recorded> recorded) { promise.set_value(std::move(recorded)); });
  return result.get();
}

/// A store with sources, polled by name with what their documents show.
class River {
 public:
  explicit River(std::vector<std::string> names) {
    std::vector<ConfiguredSource> sources;
    for (const auto& name : names) sources.push_back(testing::source(name));
    sync(sources);
  }
  Store& operator*() { return *store; }
  Store* operator->() { return store.get(); }

  void sync(const std::vector<ConfiguredSource>& sources);

  /// One poll that shows these entries; those stored as they are count as unchanged, as the daemon has it.
  Recorded poll(const std::string& name, const std::vector<Entry>& entries);
  Recorded poll_posts(const std::string& name, std::vector<feeds::Post> posts);

  /// All posts, newest first.
  std::vector<StoredPost> all(PostQuery query = {});
  std::vector<std::string> titles(PostQuery query = {});
  void reopen();

  Folder folder;
  std::unique_ptr<Store> store = testing::open(folder.file("riverd.db"));
  Time now = kNoon;
  FullText full_text = FullText::off;  ///< of the sources polled from now on
};

/// What SQLite's own checks and the counters say: empty when all is well.
std::string check_file(const std::string& path);

/// Runs SQL on the file, as another program would.
void execute(const std::string& path, const char* sql);

/// The one number that a statement on the file gives, as another program would ask.
int number_in(const std::string& path, const char* sql);

/// A store that tidies up whenever nothing waits; back when the statement gives at most `most`, or after 30 s.
std::unique_ptr<Store> open_to_tidy(const std::string& path, const char* sql, int most);

}  // namespace riverd::storage::testing
