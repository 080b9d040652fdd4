#include "daemon/commands/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <exception>
#include <functional>
#include <iostream>
#include <string>

#include "config/config.h"
#include "config/nearest.h"
#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/serve.h"
#include "daemon/commands/update.h"
#include "feeds/content/url.h"

namespace riverd::commands {
namespace {

/// What each says of an argument that cannot be one; nothing where it can. CLI11 itself takes "-5" and "0x10" for counts, and
/// one that is too large for another one.
std::string not_a_count(const std::string& text) {
  constexpr std::size_t kMostDigits = 18;
  const bool good = !text.empty() && text.size() <= kMostDigits && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return good ? "" : "\"" + text + "\" is no number of posts";
}

std::string not_a_url(const std::string& text) {
  return text.empty() || feeds::content::resolve(text, "") ? "" : "\"" + text + "\" is no http or https URL";
}

std::string not_a_name(const std::string& text) {
  const auto checked = config::check_name(text);
  return checked ? "" : checked.error().message();
}

/// The command line as a tree, and what the command it names is told.
class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "riverd " RIVERD_VERSION, "Print the version and exit");
    app_.get_formatter()->column_width(34);
    add_serve();
    add_update();
    add_parse();
    add_article();
    add_check();
    add_import();
    add_add();
    add_export();
    add_sources();
    add_query();
    add_vacuum();
    add_backup();
  }

  int run(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return answer(error);
    }
    return command_();
  }

 private:
  /// --help and --version are results; all else is a mistake in the command line.
  int answer(const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream messages;
    const bool asked = app_.exit(error, out, messages) == 0;
    if (asked) return print(out.str());
    complain(what_is_wrong(error));
    complain("run \"riverd --help\" or \"riverd COMMAND --help\" for how to use it");
    return kUsage;
  }

  /// CLI11 would tell a command that is none as one that is missing.
  std::string what_is_wrong(const CLI::ParseError& error) const {
    const auto rest = app_.remaining();
    if (!app_.get_subcommands().empty() || rest.empty()) return error.what();
    const std::string& word = rest.front();
    std::string message = (word.starts_with('-') ? "unknown option \"" : "unknown command \"") + word + "\"";
    std::vector<std::string> known = {"--help", "--version"};
    for (const auto* command : app_.get_subcommands({})) known.push_back(command->get_name());
    const auto hint = config::nearest(word, std::vector<std::string_view>(known.begin(), known.end()));
    if (!hint.empty()) message += "; did you mean \"" + std::string(hint) + "\"?";
    return message;
  }

  CLI::App* add(const std::string& name, const std::string& description, std::function<int()> command) {
    auto* sub = app_.add_subcommand(name, description);
    sub->callback([this, command = std::move(command)] { command_ = command; });
    return sub;
  }

  static CLI::Option* add_config(CLI::App* sub, std::string& file) {
    return sub->add_option("--config", file, "The TOML file to read")->type_name("FILE");
  }

  void add_serve() {
    auto* sub = add("serve", "Run the daemon", [this] { return run_serve(serve_); });
    add_config(sub, serve_.config)->required();
  }

  void add_update() {
    auto* sub = add("update", "Poll every source once now, print a summary, and exit", [this] { return run_update(update_); });
    add_config(sub, update_.config)->required();
    sub->add_flag("--json", update_.json, "Print the summary as JSON");
    sub->add_flag("--due", update_.due, "Only the sources that are due");
    add_list(sub, "--source", update_.sources, "Only this source; may be repeated", "NAME");
  }

  void add_parse() {
    auto* sub = add("parse", "Read one feed document and print it as JSON", [this] { return run_parse(parse_); });
    sub->add_option("FILE", parse_.file, "The document; - for standard input")->required()->type_name("");
    sub->add_option("--base", parse_.base, "The URL it came from: relative URLs resolve against it")->type_name("URL")->check(not_a_url);
    sub->add_option("--content-type", parse_.content_type, "Its Content-Type")->type_name("TYPE");
    auto* config = add_config(sub, parse_.config);
    auto* source = sub->add_option("--source", parse_.source, "Apply this source's tags and rules")->type_name("NAME");
    config->needs(source);
    source->needs(config);
  }

  void add_check() {
    auto* sub = add("check", "Validate a config", [this] { return run_check(check_); });
    add_config(sub, check_.config)->required();
    sub->add_flag("--resolved", check_.resolved, "Print the config in force, secrets redacted");
  }

  void add_article() {
    auto* sub = add("article", "Read one article page and print its article", [this] { return run_article(article_); });
    sub->add_option("FILE", article_.file, "The page; - for standard input")->required()->type_name("");
    sub->add_option("--url", article_.url, "Where it came from: relative URLs resolve against it")->type_name("URL")->check(not_a_url);
    add_choice(sub, "--format", article_.format, {"json", "md", "html"})->description("json (default), md or html");
  }

  void add_import() {
    auto* sub = add("import", "Add the feeds of an OPML or newsboat list to the config", [this] { return run_import(import_); });
    add_config(sub, import_.config)->required();
    sub->add_option("OPML", import_.file, "The list; - for standard input")->required()->type_name("");
    sub->add_flag("--dry-run", import_.dry_run, "Print what would be added, change nothing");
  }

  void add_add() {
    auto* sub = add("add", "Find the feed of a page, show it, and add it to the config", [this] { return run_add(add_); });
    add_config(sub, add_.config)->required();
    sub->add_option("URL", add_.url, "Of a feed, or of a page that names one")->required()->type_name("");
    sub->add_option("--name", add_.name, "The source's name")->type_name("NAME")->check(not_a_name);
    add_list(sub, "--category", add_.categories, "Put its posts into this category; may be repeated", "NAME");
    add_list(sub, "--tag", add_.tags, "Give its posts this tag; may be repeated", "TAG");
    sub->add_flag("--dry-run", add_.dry_run, "Print what would be added, change nothing");
  }

  void add_export() {
    auto* sub = add("export", "Write the river to files", [this] { return run_export(export_); });
    add_config(sub, export_.config)->required();
    add_choice(sub, "--format", export_.format, {"hexo", "opml", "json", "atom", "rss"})
        ->description("hexo (a folder of Markdown posts), opml (the sources), json (JSON Feed), atom or rss")
        ->required();
    sub->add_option("--out", export_.out, "Where to: a folder for hexo, else a file; - for standard output")
        ->required()
        ->type_name("PATH");
    sub->add_flag("--delete", export_.delete_gone, "hexo: delete exported posts that are gone");
    sub->add_option("--limit", export_.limit, "At most so many posts, the newest; 0, the default: all")->type_name("N")->check(not_a_count);
    add_filters(sub, export_.filters);
  }

  void add_sources() {
    auto* sub = add("sources", "Show the sources and their health", [this] { return run_sources(sources_); });
    add_config(sub, sources_.config)->required();
    sub->add_flag("--failing", sources_.failing, "Only those that fail or are gone");
    sub->add_flag("--json", sources_.json, "Print JSON");
  }

  void add_query() {
    auto* sub = add("query", "Show posts of the river", [this] { return run_query(with_words()); });
    add_config(sub, query_.config)->required();
    sub->add_option("WORDS", query_words_, "Full text, as --q")->type_name("");
    add_filters(sub, query_.filters);
    sub->add_option("--limit", query_.limit, "At most so many posts (20); 0: all")->type_name("N")->check(not_a_count);
    sub->add_flag("--content", query_.content, "Show the whole text");
    sub->add_flag("--json", query_.json, "Print JSON");
  }

  QueryOptions with_words() {
    for (const auto& word : query_words_) query_.filters.q += (query_.filters.q.empty() ? "" : " ") + word;
    return query_;
  }

  void add_vacuum() {
    auto* sub = add("vacuum", "Give the store's free space back", [this] { return run_vacuum(maintain_config_); });
    add_config(sub, maintain_config_)->required();
  }

  void add_backup() {
    auto* sub = add("backup", "Copy the store while it is in use", [this] { return run_backup(maintain_config_, backup_file_); });
    add_config(sub, maintain_config_)->required();
    sub->add_option("OUT", backup_file_, "Where the copy goes; an older copy there is replaced")->required()->type_name("");
  }

  static void add_filters(CLI::App* sub, Filters& filters) {
    add_list(sub, "--source", filters.sources, "Only posts of this source; may be repeated", "NAME");
    add_list(sub, "--category", filters.categories, "Only posts in this category; may be repeated", "NAME");
    add_list(sub, "--tag", filters.tags, "Only posts with this tag; may be repeated", "TAG");
    add_list(sub, "--author", filters.authors, "Only posts by this author; may be repeated", "NAME");
    sub->add_option("--q", filters.q, "Full text: words, \"phrases\", -without, prefix*")->type_name("TEXT");
    sub->add_option("--since", filters.since, "Only posts from then on: 2024-09-18, RFC 3339, or 7d (ago)")->type_name("TIME");
    sub->add_option("--until", filters.until, "Only posts before then")->type_name("TIME");
  }

  static void add_list(CLI::App* sub, const std::string& name, std::vector<std::string>& into, const std::string& description,
                       const std::string& type) {
    sub->add_option(name, into, description)->type_name(type)->allow_extra_args(false);
  }

  static CLI::Option* add_choice(CLI::App* sub, const std::string& name, std::string& into, const std::vector<std::string>& choices) {
    return sub->add_option(name, into)->check(CLI::IsMember(choices))->type_name("FORMAT");
  }

  CLI::App app_{"Polls RSS, Atom and JSON feeds, keeps each story once, and serves the merged stream.", "riverd"};
  std::function<int()> command_;
  ServeOptions serve_;
  UpdateOptions update_;
  ParseOptions parse_;
  ArticleOptions article_;
  CheckOptions check_;
  ImportOptions import_;
  AddOptions add_;
  ExportOptions export_;
  SourcesOptions sources_;
  QueryOptions query_;
  std::vector<std::string> query_words_;
  std::string maintain_config_;
  std::string backup_file_;
};

}  // namespace

int run(int argc, char** argv) {
  try {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files fails a write, as a full disk does
    return CommandLine().run(argc, argv);
  } catch (const std::bad_alloc&) {
    complain("out of memory");
  } catch (const std::exception& error) {
    complain(std::string("internal error: ") + error.what());
  } catch (...) {
    complain("internal error");
  }
  return kInternal;
}

}  // namespace riverd::commands
