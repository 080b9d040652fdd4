#pragma once
/// The commands of `riverd` (contract 1.2): what each is told, and the exit status it answers with. A command writes its
/// result to standard output and everything else to standard error, and lets no exception out.

#include <cstdint>
#include <string>
#include <vector>

namespace riverd::commands {

struct ParseOptions {
  std::string file;          ///< "-": standard input
  std::string base;          ///< relative URLs resolve against it; empty: the source's URL, where there is one
  std::string content_type;  ///< as HTTP gave it; its charset is a hint
  std::string config;        ///< with `source`: apply what this config adds to the source's posts
  std::string source;
};

/// One feed document in, JSON out (contract 1.3).
[[nodiscard]] int run_parse(const ParseOptions& options);

struct CheckOptions {
  std::string config;
  bool resolved = false;  ///< print the config in force, secrets redacted
};

/// Validates a config.
[[nodiscard]] int run_check(const CheckOptions& options);

struct ImportOptions {
  std::string config;
  std::string file;      ///< OPML or newsboat's urls file; "-": standard input
  bool dry_run = false;  ///< print the tables, change nothing
};

/// Adds a subscription list's feeds to the config as [[source]] tables, keeping the rest byte for byte.
[[nodiscard]] int run_import(const ImportOptions& options);

struct AddOptions {
  std::string config;
  std::string url;  ///< of a feed, or of a page that names one
  std::string name;
  std::vector<std::string> categories;
  std::vector<std::string> tags;
  bool dry_run = false;  ///< show the preview, change nothing
};

/// Finds the feed of a page, shows what is in it, and adds it to the config.
[[nodiscard]] int run_add(const AddOptions& options);

/// Which posts: the filters of the HTTP API (contract 1.4).
struct Filters {
  std::vector<std::string> sources;
  std::vector<std::string> categories;
  std::vector<std::string> tags;
  std::vector<std::string> authors;
  std::string q;
  std::string since;  ///< RFC 3339, a date, or a duration before now such as "7d"
  std::string until;
  bool operator==(const Filters&) const = default;
};

struct ExportOptions {
  std::string config;
  std::string format;         ///< hexo, opml, json, atom or rss
  std::string out;            ///< a folder for hexo, else a file; "-": standard output
  bool delete_gone = false;   ///< hexo: remove what riverd wrote of posts that are gone
  std::uint64_t limit = 0;    ///< at most so many posts; 0: all
  Filters filters;
};

/// Writes the river to files.
[[nodiscard]] int run_export(const ExportOptions& options);

struct SourcesOptions {
  std::string config;
  bool json = false;
  bool failing = false;  ///< only those that do not work
};

/// A table of the sources and their health.
[[nodiscard]] int run_sources(const SourcesOptions& options);

struct QueryOptions {
  std::string config;
  Filters filters;
  std::uint64_t limit = 20;
  bool json = false;     ///< as /api/v1/posts answers
  bool content = false;  ///< readable: the whole text of each post
};

/// The API's filters in the terminal.
[[nodiscard]] int run_query(const QueryOptions& options);

struct ArticleOptions {
  std::string file;             ///< "-": standard input
  std::string url;              ///< where the page came from
  std::string format = "json";  ///< json, md or html
};

/// One article page in, its article out.
[[nodiscard]] int run_article(const ArticleOptions& options);

/// Gives the store's free space back.
[[nodiscard]] int run_vacuum(const std::string& config);

/// A whole copy of the store, made while others use it.
///   file   a new one, or an older copy, which is replaced
[[nodiscard]] int run_backup(const std::string& config, const std::string& file);

}  // namespace riverd::commands
