#pragma once
/// The commands of `riverd` (contract 1.2): what each is told, and the exit status it answers with. A command writes its
/// result to standard output and everything else to standard error, and lets no exception out.

#include <string>

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

}  // namespace riverd::commands
