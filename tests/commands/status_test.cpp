#include "daemon/commands/status.h"

#include <catch2/catch.hpp>

#include "daemon/commands/journal.h"
#include "daemon/commands/log.h"

using namespace riverd;
using namespace riverd::commands;
using Strings = std::vector<std::string>;

TEST_CASE("the status line counts sources, failures and posts, in groups of three digits", "[service][issue6]") {
  storage::Totals totals;
  totals.sources = 312;
  totals.failing = 3;
  totals.posts = 18'421;
  http::PollHealth polling;
  CHECK(status_text(totals, polling) == "312 sources, 3 failing, 18 421 posts");
  totals = {};
  CHECK(status_text(totals, polling) == "0 sources, 0 failing, 0 posts");
  totals.sources = 100'000;
  totals.posts = 1'234'567'890;
  CHECK(status_text(totals, polling) == "100 000 sources, 0 failing, 1 234 567 890 posts");
}

TEST_CASE("the status line names what stands in the way", "[service][issue6]") {
  http::PollHealth polling;
  polling.ok = false;
  polling.detail = "polling is paused: the disk is full";
  CHECK(status_text(storage::Totals{}, polling) == "0 sources, 0 failing, 0 posts; polling is paused: the disk is full");
  CHECK(status_text(Error(Errc::io, "read: it broke"), http::PollHealth{}) == "the store is in trouble: read: it broke");
}

TEST_CASE("an entry of the journal has its priority and a field for each key", "[log][issue6]") {
  CHECK(journal_entry(4, "failing source=a", {{"source", "a"}, {"url", "https://example.org/?a=b"}, {"status", "404"}, {"ms", "12"}}) ==
        Strings{"MESSAGE=failing source=a", "PRIORITY=4", "SYSLOG_IDENTIFIER=riverd", "SOURCE=a", "URL=https://example.org/?a=b", "STATUS=404", "MS=12"});
}

TEST_CASE("sources that share a poll are a field each, and what is empty is none", "[log][issue6]") {
  CHECK(journal_entry(6, "m", {{"source", "a,b,c"}, {"url", ""}, {"error", "one, two\nthree"}}) ==
        Strings{"MESSAGE=m", "PRIORITY=6", "SYSLOG_IDENTIFIER=riverd", "SOURCE=a", "SOURCE=b", "SOURCE=c", "ERROR=one, two\nthree"});
}

TEST_CASE("a log line stays one line and moves no terminal, whatever a server says", "[log][issue6]") {
  CHECK(log_line("failing", {{"source", "a"}, {"error", "x\ny \x1b[31m\"q\""}, {"empty", ""}}) ==
        "failing source=a error=\"x\\ny \\x1b[31m\\\"q\\\"\"");
}
