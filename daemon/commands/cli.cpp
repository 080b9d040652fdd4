#include "daemon/commands/cli.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <functional>
#include <iostream>
#include <string>

#include "daemon/commands/commands.h"
#include "daemon/commands/console.h"
#include "daemon/commands/exit.h"
#include "daemon/commands/serve.h"
#include "daemon/commands/update.h"

namespace riverd::commands {
namespace {

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
    add_check();
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
    complain(error.what());
    complain("run \"riverd --help\" or \"riverd COMMAND --help\" for how to use it");
    return kUsage;
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
    sub->add_option("--source", update_.sources, "Only this source; may be repeated")->type_name("NAME")->allow_extra_args(false);
  }

  void add_parse() {
    auto* sub = add("parse", "Read one feed document and print it as JSON", [this] { return run_parse(parse_); });
    sub->add_option("FILE", parse_.file, "The document; - for standard input")->required()->type_name("");
    sub->add_option("--base", parse_.base, "The URL it came from: relative URLs resolve against it")->type_name("URL");
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

  CLI::App app_{"Polls RSS, Atom and JSON feeds, keeps each story once, and serves the merged stream.", "riverd"};
  std::function<int()> command_;
  ServeOptions serve_;
  UpdateOptions update_;
  ParseOptions parse_;
  CheckOptions check_;
};

}  // namespace

int run(int argc, char** argv) {
  try {
    std::signal(SIGPIPE, SIG_IGN);
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
