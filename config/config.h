#pragma once
/// The TOML file as values (contract 1.5). Nothing here touches the network or the store.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "feeds/post.h"
#include "feeds/rules.h"

namespace riverd::config {

using Milliseconds = std::chrono::milliseconds;

enum class FullText : std::uint8_t { off, on, wait };

/// One [[source]]. Kept small: there may be a hundred thousand.
struct Source {
  std::string name;
  std::string url;  ///< as configured, without fragment and user:password@; absolute http(s)
  std::optional<std::string> title;
  std::string site_url;  ///< the website behind the feed, where the config says it; else empty
  std::vector<std::string> categories;
  std::vector<std::string> tags;
  bool enabled = true;
  FullText full_text = FullText::off;
  std::optional<Seconds> interval;       ///< a fixed interval that overrides the schedule
  std::uint32_t max_posts = 0;           ///< 0: all
  /// What few sources have, so that the others do not pay for it.
  struct Extra {
    std::map<std::string, std::string> headers;
    std::optional<std::string> user_agent;
    std::optional<std::string> basic_auth;  ///< user:password, also where the URL had it
    std::optional<std::string> proxy;
    feeds::RuleSet rules;
    std::optional<Seconds> keep;
  };
  std::shared_ptr<const Extra> extra;  ///< null: none of these
};

struct Server {
  std::string listen = "127.0.0.1:8380";  ///< host:port, [v6]:port or unix:PATH
  std::uint32_t socket_mode = 0660;       ///< of a Unix socket: who may connect
  std::string socket_group;               ///< that it belongs to; empty: riverd's own
  std::string token;                      ///< empty: no writes
  bool protect_reads = false;
  std::vector<std::string> hosts;         ///< Host names answered besides loopback's; "*" for any
  std::vector<std::string> cors_origins = {"*"};  ///< origins that may read; empty: none
  std::uint32_t max_connections = 1000;
  bool images = true;                     ///< the page shows posts' images
  std::string title = "riverd";           ///< of the page and the feeds
  std::optional<std::string> public_url;  ///< absolute URL of the river for feeds' self links; else relative to the request
};

struct Storage {
  std::string path = "var/riverd.db";
  std::optional<Seconds> keep;     ///< posts older than this are dropped, and do not come back
  std::uint64_t keep_posts = 0;    ///< at most so many posts; 0: no bound
};

struct Fetch {
  std::string user_agent;  ///< empty: riverd/VERSION (+URL)
  Milliseconds timeout{30'000};
  Milliseconds connect_timeout{10'000};
  std::uint64_t max_body = 16U << 20U;  ///< bytes, after decompression
  std::uint32_t concurrency = 256;
  std::uint32_t per_host = 2;
  bool allow_private_networks = false;
  std::optional<std::string> proxy;
};

struct Schedule {
  Seconds min_interval{3600};
  Seconds hinted_min_interval{600};
  Seconds max_interval{86'400};
  double budget = 24;  ///< requests a source and day over all sources; 0: only the intervals decide
};

struct Log {
  std::string level = "info";  ///< trace, debug, info, warn, error
};

struct Config {
  std::string file;  ///< the path it was read from
  Server server;
  Storage storage;
  Fetch fetch;
  Schedule schedule;
  Log log;
  feeds::RuleSet rules;  ///< for every source, before its own
  std::vector<Source> sources;
};

/// One mistake in a config, at a place a user can go to.
struct Diagnostic {
  std::string file;
  std::uint32_t line = 0;    ///< from 1
  std::uint32_t column = 0;  ///< from 1
  std::string message;
  /// `FILE:LINE:COL: message`
  [[nodiscard]] std::string text() const;
};

/// A config, or every mistake in it (not just the first).
struct Loaded {
  Config config;
  std::vector<Diagnostic> errors;
  std::vector<Diagnostic> warnings;
  [[nodiscard]] bool ok() const { return errors.empty(); }
};

/// Looks an environment variable up; nothing where it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process.
[[nodiscard]] Environment process_environment();

/// Reads and validates a config file, with all that it refers to (include, sources_dir, opml, token_file, ${ENV}, and the
/// systemd credential "riverd.token" where no token is configured). A file is at most 64 MiB.
/// Errors: not_found or io when the file itself cannot be read; mistakes inside are Loaded::errors, in order of place.
[[nodiscard]] Result<Loaded> load(const std::string& path, const Environment& environment = process_environment());

/// As load, from text that stands for `path` (what it refers to resolves against its folder).
[[nodiscard]] Loaded parse(std::string_view toml, const std::string& path,
                           const Environment& environment = process_environment());

/// What the config adds to the posts of one source: categories, tags, rules (the global ones, then its own), max_posts.
[[nodiscard]] feeds::Settings settings_of(const Config& config, const Source& source);

/// The config in force as TOML that loads again: every key with its value, included files and groups resolved, secrets
/// (token, passwords, header values) replaced by "***".
[[nodiscard]] std::string resolved(const Config& config);

/// Every key a config may have, as `section.key`, sorted: what the manual names.
[[nodiscard]] std::vector<std::string> known_keys();

/// `500ms`, `30s`, `10m`, `1h`, `7d`, and sums from large to small such as `1h30m`; at most 100 years. Errors: invalid.
[[nodiscard]] Result<Milliseconds> parse_duration(std::string_view text);

/// `16MiB`, `512KiB`, `1GiB`, `1000B`, `16MB`. Errors: invalid.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

/// How parse_duration and parse_size would be told the value again, in its largest whole unit.
[[nodiscard]] std::string duration_text(Milliseconds duration);
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// The name of a source without one: [a-z0-9-], at most 60 characters, derived from its URL's host, path and query.
[[nodiscard]] std::string derive_name(std::string_view url);

/// Checks the name of a source as a config gives it. Errors: invalid.
[[nodiscard]] Result<void> check_name(std::string_view name);

/// derive_name, made different from every name taken so far by -2, -3 and so on; the result counts as taken.
class NameGiver {
 public:
  void take(std::string_view name) { taken_.emplace(name); }
  [[nodiscard]] bool taken(std::string_view name) const { return taken_.contains(std::string(name)); }
  [[nodiscard]] std::string give(std::string_view url);

 private:
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, std::uint32_t> next_;  ///< by derived name: the suffix to try next
};

}  // namespace riverd::config
