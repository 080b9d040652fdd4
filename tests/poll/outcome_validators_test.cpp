/// POLITENESS 2 to 7 as far as they are decided between two requests.

#include <catch2/catch.hpp>

#include "tests/poll/outcome_support.h"

namespace riverd::poll::test {

TEST_CASE("validators come back byte for byte, whatever they look like", "[poll][validators]") {
  const std::string etag = GENERATE(R"("a b")", R"(W/"x-gzip")", "no-quotes", "\"caf\xC3\xA9\"", R"("""")");
  const std::string date = GENERATE("Mon, 05 Jan 2026 11:00:00 GMT", "yesterday", "0");
  Life life;
  life.get(ok("<a/>", etag, date));
  CHECK(life.next().etag == etag);
  CHECK(life.next().last_modified == date);
  CHECK(life.next().validator_url == life.terms.url);
}

TEST_CASE("a first request has no conditions", "[poll][validators]") {
  const Life life;
  CHECK(life.next().url == "https://example.org/feed");
  CHECK(life.next().etag.empty());
  CHECK(life.next().last_modified.empty());
}

TEST_CASE("only what was received is sent, and what the origin stops giving is dropped", "[poll][validators]") {
  Life life;
  life.get(ok("<a/>", "\"1\""));
  CHECK(life.next().etag == "\"1\"");
  CHECK(life.next().last_modified.empty());
  life.get(ok("<b/>", "", "Mon, 05 Jan 2026 11:00:00 GMT"));
  CHECK(life.next().etag.empty());
  CHECK(life.next().last_modified == "Mon, 05 Jan 2026 11:00:00 GMT");
  life.get(ok("<c/>"));
  CHECK(life.next().last_modified.empty());
  CHECK(life.next().validator_url.empty());
}

TEST_CASE("a 200 with the same body renews the validators", "[poll][validators]") {
  Life life;
  life.get(ok("<a/>", "\"1\""));
  const Settled again = life.get(ok("<a/>", "\"2\""));
  CHECK_FALSE(again.failed);
  CHECK(life.next().etag == "\"2\"");
  CHECK(life.state.not_modified == 1);
}

TEST_CASE("a 304 renews what it carries and keeps the rest", "[poll][validators]") {
  Life life;
  life.get(ok("<a/>", "\"1\"", "Mon, 05 Jan 2026 11:00:00 GMT"));
  fetch::Response fresh = answer(304);
  fresh.etag = "\"2\"";
  life.get(fresh);
  CHECK(life.next().etag == "\"2\"");
  CHECK(life.next().last_modified == "Mon, 05 Jan 2026 11:00:00 GMT");
}

TEST_CASE("nothing is taken from an error answer", "[poll][validators]") {
  const int status = GENERATE(404, 429, 500, 503);
  Life life;
  life.get(ok("<a/>", "\"good\""));
  fetch::Response bad = answer(status);
  bad.etag = "\"error\"";
  bad.last_modified = "now";
  bad.cache_control = "max-age=86400";
  life.get(bad);
  CHECK(life.next().etag == "\"good\"");
  CHECK(life.next().last_modified.empty());
}

TEST_CASE("nothing is taken from a 200 whose body could not be read, and it is read again next time", "[poll][validators]") {
  Life life;
  life.get(ok("<a/>", "\"good\""));
  life.unreadable = true;
  CHECK(life.get(ok("<html>", "\"page\"")).failed);
  CHECK(life.state.error == "an HTML page, not a feed");
  CHECK(life.next().etag == "\"good\"");
  CHECK_FALSE(body_is_known(life.state, body_hash("<html>")));
  CHECK(body_is_known(life.state, body_hash("<a/>")));
}

TEST_CASE("a body that breaks off is asked for anew", "[poll][validators]") {
  Life life;
  life.get(ok("<a/>", "\"good\""));
  life.breaks_off = true;
  CHECK_FALSE(life.get(ok("<a>", "\"half\"", "Mon, 05 Jan 2026 11:00:00 GMT")).failed);
  CHECK(life.next().etag.empty());
  CHECK(life.next().last_modified.empty());
  CHECK_FALSE(body_is_known(life.state, body_hash("<a>")));
  life.breaks_off = false;
  life.get(ok("<a></a>", "\"whole\""));
  CHECK(life.next().etag == "\"whole\"");
}

TEST_CASE("after a change of URL the first request is unconditional", "[poll][validators]") {
  Life life;
  life.get(ok("<a/>", "\"1\""));
  life.terms.url = "https://example.org/other";
  life.state.effective_url = life.terms.url;
  CHECK(life.next().url == "https://example.org/other");
  CHECK(life.next().etag.empty());
}

TEST_CASE("validators from behind a redirect are kept for the URL that gave them", "[poll][validators]") {
  Life life;
  fetch::Response moved = ok("<a/>", "\"far\"");
  moved.url = "https://cdn.example.net/feed";
  moved.hops = {{302, moved.url}};
  life.get(moved);
  CHECK(life.next().url == "https://example.org/feed");
  CHECK(life.next().validator_url == "https://cdn.example.net/feed");
  CHECK(life.next().etag == "\"far\"");
}

TEST_CASE("a 304 is a success", "[poll][validators]") {
  Life life;
  life.get(ok("<a/>", "\"1\""));
  life.get(answer(500));
  life.get(answer(500));
  CHECK(life.state.consecutive_failures == 2);
  life.now += kDay;
  const Settled settled = life.get(answer(304));
  CHECK_FALSE(settled.failed);
  CHECK(life.state.consecutive_failures == 0);
  CHECK(life.state.error.empty());
  CHECK(life.state.state == storage::State::ok);
  CHECK(life.state.not_modified == 1);
  CHECK(life.state.polls == 4);
  CHECK(life.state.last_success == life.now);
  CHECK_FALSE(life.state.failing_since);
}

TEST_CASE("a 304 that nobody asked for does not stick", "[poll][validators]") {
  Life life;
  fetch::Response odd = answer(304);
  odd.etag = "\"odd\"";
  const Settled settled = life.get(odd);
  CHECK(settled.failed);
  CHECK(life.state.error == "the server answered 304 (not modified) to a request without conditions");
  CHECK(life.next().etag.empty());
  CHECK(life.state.next_poll);
}

TEST_CASE("a body that is the same again needs no reading", "[poll][validators]") {
  Life life;
  life.get(ok("<a/>"));
  CHECK(body_is_known(life.state, body_hash("<a/>")));
  CHECK_FALSE(body_is_known(life.state, body_hash("<b/>")));
  CHECK(body_hash("") != 0);
}

}  // namespace riverd::poll::test
