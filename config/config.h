#pragma once
/// The TOML file as values (contract 1.5). Nothing here touches the network or the store.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace riverd::config {

using Milliseconds = std::chrono::milliseconds;

/// Include and exclude patterns (RE2 syntax) by field, and rewriting. Validated when the config is read.
struct Rules {
  struct Match {
    std::string field;    ///< title, author, tag, url or content
    std::string pattern;  ///< RE2
  };
  struct Rewrite {
    std::string pattern;
    std::string replacement;  ///< RE2 replacement: \0..\9; empty removes
  };
  std::vector<Match> include;  ///< where any is given, a post must match one
  std::vector<Match> exclude;  ///< a post that matches one is left out
  std::vector<Rewrite> titles;
  std::vector<Rewrite> tags;
  std::vector<Rewrite> categories;
  [[nodiscard]] bool empty() const {
    return include.empty() && exclude.empty() && titles.empty() && tags.empty() && categories.empty();
  }
};

enum class FullText : std::uint8_t { off, on, wait };

/// One [[source]]. Kept small: there may be a hundred thousand.
struct Source {
  std::string name;
  std::string url;  ///< as configured, without fragment; absolute http(s)
  std::optional<std::string> title;
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
    std::optional<std::string> basic_auth;  ///< user:password
    std::optional<std::string> proxy;
    Rules rules;
    std::optional<Seconds> keep;
  };
  std::shared_ptr<const Extra> extra;  ///< null: none of these
};

struct Server {
  std::string listen = "127.0.0.1:8380";  ///< host:port, [v6]:port or unix:PATH
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
  Rules rules;  ///< for every source, before its own
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

/// Reads and validates a config file, with all that it includes (include, sources_dir, OPML lists, token_file, ${ENV}).
/// Errors: not_found or io when the file itself cannot be read; mistakes inside are Loaded::errors.
[[nodiscard]] Result<Loaded> load(const std::string& path);

/// As load, from text that stands for `path` (includes resolve against it).
[[nodiscard]] Loaded parse(std::string_view toml, const std::string& path);

/// `500ms`, `30s`, `10m`, `1h`, `7d`, and sums such as `1h30m`. Errors: invalid.
[[nodiscard]] Result<Milliseconds> parse_duration(std::string_view text);

/// `16MiB`, `512KiB`, `1GiB`, `1000B`, `16MB`. Errors: invalid.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

/// The name of a source without one: [a-z0-9-], derived from its URL's host and path.
[[nodiscard]] std::string derive_name(std::string_view url);

}  // namespace riverd::config
