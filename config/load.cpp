#include <dirent.h>
#include <glob.h>
#include <malloc.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <unordered_map>

#include "base/file.h"
#include "config/document.h"
#include "config/expand.h"
#include "config/sections.h"
#include "config/url.h"
#include "feeds/read/opml.h"

namespace riverd::config {
namespace {

constexpr std::size_t kMaxFile = 64U << 20U;
constexpr std::size_t kWorthTrimming = 4U << 20U;  // a tree of a smaller file is not worth asking the allocator

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {};
  return path.substr(0, std::max<std::size_t>(slash, 1));
}

/// Where a source stands, small enough to keep one a source.
struct Place {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// Reads the main file and all it refers to into one Config.
class Loader {
 public:
  explicit Loader(const Environment& environment) : environment_(environment) {}

  Loaded run(std::string_view text, const std::string& path) {
    loaded_.config.file = path;
    read_main(text, path);
    finish_names();
    use_credential();
    loaded_.config.sources.shrink_to_fit();
    sort_by_place(loaded_.errors);
    sort_by_place(loaded_.warnings);
    return std::move(loaded_);
  }

 private:
  /// The defaults and groups that hold for the sources of one file.
  struct Defaults {
    Source source;
    std::map<std::string, Source, std::less<>> groups;
  };

  Context context_of(const std::string& path) {
    files_.push_back(path);
    return {path, folder_of(path), environment_, loaded_.errors, loaded_.warnings};
  }

  void read_main(std::string_view text, const std::string& path) {
    auto context = context_of(path);
    const auto tree = parse_document(text, path, loaded_.errors);
    Defaults defaults;
    read_settings(tree, context);
    read_shared(tree, context, defaults);
    read_sources(tree, context, defaults);
    read_references(tree, context, defaults);
  }

  void read_settings(const toml::table& tree, Context& context) {
    static const Keys<Config> keys = {
        {"server", read_server}, {"storage", read_storage}, {"fetch", read_fetch},
        {"schedule", read_schedule}, {"log", read_log}, {"rules", read_rules},
        // Read by others, in the order that matters to them.
        {"source", [](const Value&, Config&) {}}, {"defaults", [](const Value&, Config&) {}},
        {"group", [](const Value&, Config&) {}}, {"include", [](const Value&, Config&) {}},
        {"sources_dir", [](const Value&, Config&) {}}, {"opml", [](const Value&, Config&) {}},
    };
    read_table(tree, "", keys, context, loaded_.config);
  }

  /// [defaults] and [group.NAME], over what holds already.
  void read_shared(const toml::table& tree, Context& context, Defaults& defaults) {
    if (const auto* node = tree.get("defaults")) {
      if (const auto* table = Value(*node, "", "defaults", context).table()) {
        SourceDraft draft;
        draft.source = defaults.source;
        read_defaults(*table, "defaults", context, draft);
        defaults.source = std::move(draft.source);
      }
    }
    const auto* node = tree.get("group");
    const auto* groups = node == nullptr ? nullptr : Value(*node, "", "group", context).table();
    if (groups == nullptr) return;
    for (const auto& [name, group] : *groups) {
      const auto* table = Value(group, "group", name.str(), context).table();
      if (table == nullptr) continue;
      SourceDraft draft;
      draft.source = defaults.source;
      read_defaults(*table, "group", context, draft);
      defaults.groups.insert_or_assign(std::string(name.str()), std::move(draft.source));
    }
  }

  void read_sources(const toml::table& tree, Context& context, const Defaults& defaults) {
    const auto* node = tree.get("source");
    if (node == nullptr) return;
    const auto* list = node->as_array();
    if (list == nullptr || std::ranges::any_of(*list, [](const toml::node& item) { return !item.is_table(); })) {
      return context.fail(node->source(), "source: expected tables; write each source under [[source]]");
    }
    loaded_.config.sources.reserve(loaded_.config.sources.size() + list->size());
    for (const auto& item : *list) read_one_source(*item.as_table(), context, defaults);
  }

  void read_one_source(const toml::table& table, Context& context, const Defaults& defaults) {
    SourceDraft draft;
    draft.source = starting_point(table, context, defaults);
    read_source(table, context, draft);
    const auto* name = table.get("name");
    const auto& at = (draft.named ? name->source() : table.source()).begin;
    add_source(std::move(draft), {static_cast<std::uint32_t>(files_.size() - 1), at.line, at.column});
  }

  static const Source& starting_point(const toml::table& table, Context& context, const Defaults& defaults) {
    const auto* node = table.get("group");
    if (node == nullptr) return defaults.source;
    const Value value(*node, "source", "group", context);
    const auto name = value.text();
    if (!name) return defaults.source;
    const auto found = defaults.groups.find(*name);
    if (found != defaults.groups.end()) return found->second;
    value.fail("there is no [group." + *name + "]");
    return defaults.source;
  }

  /// A source whose name is repeated is reported at once; one without a name gets it when all names are known.
  void add_source(SourceDraft draft, Place place) {
    if (draft.named) {
      const auto [known, fresh] = named_.try_emplace(draft.source.name, place);
      if (!fresh) {
        const auto& first = known->second;
        loaded_.errors.push_back({files_[place.file], place.line, place.column,
                                  "source.name: \"" + draft.source.name + "\" is the name of another source already, at " +
                                      files_[first.file] + ":" + std::to_string(first.line)});
      }
      names_.take(draft.source.name);
    }
    loaded_.config.sources.push_back(std::move(draft.source));
  }

  void finish_names() {
    for (auto& source : loaded_.config.sources) {
      if (source.name.empty()) source.name = names_.give(source.url);
    }
  }

  /// include, sources_dir and opml of the main file.
  void read_references(const toml::table& tree, Context& context, const Defaults& defaults) {
    if (const auto* node = tree.get("include")) each_path({*node, "", "include", context}, [&](const Value& value, const std::string& pattern) {
      for (const auto& file : matching(value, path_in(context.folder, pattern))) read_included(value, file, defaults);
    });
    if (const auto* node = tree.get("sources_dir")) {
      const Value value(*node, "", "sources_dir", context);
      if (const auto path = value.expanded()) read_folder(value, path_in(context.folder, *path), defaults);
    }
    if (const auto* node = tree.get("opml")) each_path({*node, "", "opml", context}, [&](const Value& value, const std::string& pattern) {
      for (const auto& file : matching(value, path_in(context.folder, pattern))) read_opml(value, file, defaults);
    });
  }

  template <class F>
  static void each_path(const Value& value, const F& use) {
    const auto* items = value.array("paths");
    if (items == nullptr) return;
    for (const auto& item : *items) {
      const auto part = value.part(item);
      if (const auto path = part.expanded()) use(part, *path);
    }
  }

  /// The files that a pattern names, sorted. A pattern without wildcards must name one.
  static std::vector<std::string> matching(const Value& value, const std::string& pattern) {
    if (pattern.find_first_of("*?[") == std::string::npos) return {pattern};
    glob_t found{};
    std::vector<std::string> result;
    if (::glob(pattern.c_str(), GLOB_ERR, nullptr, &found) == 0) {
      for (std::size_t i = 0; i < found.gl_pathc; ++i) result.emplace_back(found.gl_pathv[i]);
    } else if (result.empty()) {
      value.context().warnings.push_back({value.context().file, value.where().begin.line, value.where().begin.column,
                                          "no file matches " + pattern});
    }
    ::globfree(&found);
    return result;
  }

  void read_folder(const Value& value, const std::string& path, const Defaults& defaults) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), [](DIR* open) { return ::closedir(open); });
    if (!folder) return value.fail("cannot read the folder " + path);
    std::vector<std::string> files;
    while (const auto* entry = ::readdir(folder.get())) {
      const std::string name = entry->d_name;
      if (!name.starts_with('.') && (name.ends_with(".toml") || name.ends_with(".opml"))) files.push_back(path_in(path, name));
    }
    std::ranges::sort(files);
    for (const auto& file : files) {
      if (file.ends_with(".toml")) {
        read_included(value, file, defaults);
      } else {
        read_opml(value, file, defaults);
      }
    }
  }

  /// A file with [[source]], [defaults] and [group.NAME]; its defaults hold for itself only.
  void read_included(const Value& value, const std::string& path, Defaults defaults) {
    const auto text = read_file(path, kMaxFile);
    if (!text) return value.fail(text.error().message());
    auto context = context_of(path);
    const auto tree = parse_document(*text, path, loaded_.errors);
    for (const auto& [key, node] : tree) {
      if (key == "source" || key == "defaults" || key == "group") continue;
      context.fail(key.source(), "\"" + std::string(key.str().substr(0, 80)) + "\" belongs in " + loaded_.config.file +
                                     "; an included file has [[source]], [defaults] and [group.NAME] only");
    }
    read_shared(tree, context, defaults);
    read_sources(tree, context, defaults);
  }

  void read_opml(const Value& value, const std::string& path, const Defaults& defaults) {
    const auto text = read_file(path, kMaxFile);
    if (!text) return value.fail(text.error().message());
    auto list = feeds::read::read_subscriptions(*text);
    if (!list) return value.fail(list.error().during(path).message());
    files_.push_back(path);
    for (auto& subscription : list->subscriptions) add_subscription(std::move(subscription), defaults);
    for (auto& warning : list->warnings) loaded_.warnings.push_back({path, 1, 1, std::move(warning)});
  }

  void add_subscription(feeds::read::Subscription subscription, const Defaults& defaults) {
    SourceDraft draft;
    draft.source = defaults.source;
    const auto checked = check_url(subscription.url);
    if (!checked) return;
    draft.source.url = checked->url;
    if (checked->credentials) draft.extra().basic_auth = checked->credentials;
    if (!subscription.title.empty()) draft.source.title = std::move(subscription.title);
    if (auto site = check_url(subscription.site_url.value_or("")); site) draft.source.site_url = std::move(site->url);
    if (!subscription.categories.empty()) draft.source.categories = std::move(subscription.categories);
    if (!subscription.tags.empty()) draft.source.tags = std::move(subscription.tags);
    add_source(std::move(draft), {});
  }

  /// The token that systemd hands over (LoadCredential=riverd.token), where the config names none.
  void use_credential() {
    auto& server = loaded_.config.server;
    const auto folder = environment_("CREDENTIALS_DIRECTORY");
    if (!server.token.empty() || !folder || folder->empty()) return;
    if (auto token = read_secret(path_in(*folder, "riverd.token"))) server.token = *std::move(token);
  }

  void sort_by_place(std::vector<Diagnostic>& list) const {
    std::unordered_map<std::string_view, std::size_t> order;
    for (std::size_t i = 0; i < files_.size(); ++i) order.try_emplace(files_[i], i);
    const auto place = [&](const Diagnostic& d) { return std::tuple(order[d.file], d.line, d.column); };
    std::ranges::stable_sort(list, [&](const auto& a, const auto& b) { return place(a) < place(b); });
  }

  const Environment& environment_;
  Loaded loaded_;
  std::vector<std::string> files_;                ///< in the order read
  std::unordered_map<std::string, Place> named_;  ///< names that the config gives
  NameGiver names_;
};

}  // namespace

std::string Diagnostic::text() const {
  return file + ':' + std::to_string(line) + ':' + std::to_string(column) + ": " + message;
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): riverd never changes its environment
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Loaded parse(std::string_view toml, const std::string& path, const Environment& environment) {
  auto loaded = Loader(environment).run(toml, path);
  if (toml.size() > kWorthTrimming) ::malloc_trim(0);
  return loaded;
}

Result<Loaded> load(const std::string& path, const Environment& environment) {
  const auto text = read_file(path, kMaxFile);
  if (!text) return text.error();
  return parse(*text, path, environment);
}

feeds::Settings settings_of(const Config& config, const Source& source) {
  feeds::Settings settings;
  settings.categories = source.categories;
  settings.tags = source.tags;
  settings.max_posts = source.max_posts;
  const auto add = [&](const feeds::RuleSet& rules) {
    auto compiled = feeds::compile(rules);
    if (compiled) settings.rules.insert(settings.rules.end(), compiled->begin(), compiled->end());
  };
  add(config.rules);
  if (source.extra) add(source.extra->rules);
  return settings;
}

std::vector<std::string> known_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> names = {"include", "sources_dir", "opml"};
    append_setting_keys(names);
    append_source_keys(names);
    std::ranges::sort(names);
    return names;
  }();
  return keys;
}

}  // namespace riverd::config
