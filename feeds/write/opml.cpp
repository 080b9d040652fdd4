#include "feeds/write/opml.h"

#include <deque>
#include <map>

#include "feeds/write/xml.h"

namespace riverd::feeds::write {
namespace {

struct Folder {
  std::string name;
  std::vector<const read::Subscription*> subscriptions;
  std::vector<Folder*> folders;  ///< in order of first appearance
  std::map<std::string_view, Folder*> by_name;
};

/// The folders of all subscriptions; a deque, so that they stay where they are while it grows.
class Tree {
 public:
  Tree() { folders_.emplace_back(); }

  void add(const read::Subscription& subscription) {
    Folder* folder = &folders_.front();
    for (const auto& category : subscription.categories) {
      auto& next = folder->by_name[category];
      if (next == nullptr) {
        next = &folders_.emplace_back();
        next->name = category;
        folder->folders.push_back(next);
      }
      folder = next;
    }
    folder->subscriptions.push_back(&subscription);
  }
  [[nodiscard]] const Folder& root() const { return folders_.front(); }

 private:
  std::deque<Folder> folders_;
};

/// Tags as OPML 2.0 writes them: separated by commas, none with a comma or slash of its own.
std::string tag_list(const std::vector<std::string>& tags) {
  std::string list;
  for (auto tag : tags) {
    for (char& c : tag) {
      if (c == ',' || c == '/') c = ' ';
    }
    if (!list.empty()) list += ',';
    list += tag;
  }
  return list;
}

void write_subscription(std::string& out, const read::Subscription& subscription) {
  const auto& name = subscription.title.empty() ? subscription.url : subscription.title;
  empty_element(out, "outline",
                {{"type", "rss"}, {"text", name}, {"title", name}, {"xmlUrl", subscription.url},
                 {"htmlUrl", subscription.site_url.value_or("")}, {"category", tag_list(subscription.tags)}});
}

/// Writes a folder's content, and that of the folders in it, without recursion.
void write_folders(std::string& out, const Folder& root) {
  struct Step {
    const Folder* folder;
    std::size_t next;
  };
  std::vector<Step> path = {{&root, 0}};
  for (const auto* subscription : root.subscriptions) write_subscription(out, *subscription);
  while (!path.empty()) {
    auto& [folder, next] = path.back();
    if (next == folder->folders.size()) {
      path.pop_back();
      if (!path.empty()) close_element(out, "outline");
      continue;
    }
    const auto* inner = folder->folders[next++];
    open_element(out, "outline", {{"text", inner->name}, {"title", inner->name}});
    out += '\n';
    for (const auto* subscription : inner->subscriptions) write_subscription(out, *subscription);
    path.push_back({inner, 0});
  }
}

}  // namespace

std::string opml(const std::string& title, const std::vector<read::Subscription>& subscriptions, std::optional<Time> created) {
  Tree tree;
  for (const auto& subscription : subscriptions) tree.add(subscription);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head>\n";
  text_element(out, "title", title);
  if (created) text_element(out, "dateCreated", http_date(*created));
  out += "</head>\n<body>\n";
  write_folders(out, tree.root());
  out += "</body>\n</opml>\n";
  return out;
}

}  // namespace riverd::feeds::write
