#include "feeds/rules.h"

#include <catch2/catch.hpp>

using namespace riverd;
using namespace riverd::feeds;

namespace {

Post story() {
  Post post;
  post.title = "Sponsored: Ten clouds  to watch";
  post.tags = {"Cloud", "AWS", "ads"};
  post.categories = {"tech"};
  post.link = "https://example.org/cloud/ten";
  post.authors = {{"Ann Writer", std::nullopt, std::nullopt}, {std::nullopt, "bob@example.org", std::nullopt}};
  post.summary = "About clouds";
  return post;
}

/// Whether the post stays.
bool apply(const RuleSet& rules, Post& post) {
  const auto compiled = compile(rules);
  REQUIRE(compiled.has_value());
  for (const auto& rule : *compiled) {
    if (!rule(post)) return false;
  }
  return true;
}

bool kept(const RuleSet& rules) {
  auto post = story();
  return apply(rules, post);
}

}  // namespace

TEST_CASE("a post that meets an exclude rule is left out", "[rules][issue6]") {
  CHECK_FALSE(kept({.include = {}, .exclude = {{{Field::title, "^Sponsored"}}}, .titles = {}, .tags = {}, .categories = {}}));
  CHECK(kept({.include = {}, .exclude = {{{Field::title, "^sponsored"}}}, .titles = {}, .tags = {}, .categories = {}}));
}

TEST_CASE("every field can be looked at", "[rules][issue6]") {
  const auto [field, pattern] = GENERATE(table<Field, std::string>({
      {Field::title, "clouds"}, {Field::author, "^Ann"}, {Field::author, "@example"}, {Field::tag, "^ads$"},
      {Field::category, "tech"}, {Field::url, "/cloud/"}, {Field::content, "^About"}}));
  CAPTURE(pattern);
  RuleSet rules;
  rules.include = {{{field, pattern}}};
  CHECK(kept(rules));
  rules.include = {{{field, "no such thing"}}};
  CHECK_FALSE(kept(rules));
}

TEST_CASE("a rule with several fields asks for all of them, several rules for one", "[rules][issue6]") {
  RuleSet rules;
  rules.include = {{{Field::tag, "^AWS$"}, {Field::title, "nothing"}}};
  CHECK_FALSE(kept(rules));
  rules.include.push_back({{Field::tag, "^AWS$"}, {Field::title, "clouds"}});
  CHECK(kept(rules));
}

TEST_CASE("titles and tags are cleaned up after the filters looked at them", "[rules][issue6]") {
  RuleSet rules;
  rules.include = {{{Field::title, "^Sponsored"}}};
  rules.titles = {{"^Sponsored: *", ""}, {"(\\w+) clouds", "\\1 big clouds"}};
  rules.tags = {{"^ads$", ""}, {"(?i)^aws$", "Cloud"}};
  rules.categories = {{"tech", "technology"}};
  auto post = story();
  REQUIRE(apply(rules, post));
  CHECK(post.title == "Ten big clouds to watch");
  CHECK(post.tags == std::vector<std::string>{"Cloud"});
  CHECK(post.categories == std::vector<std::string>{"technology"});
}

TEST_CASE("a title is never rewritten to nothing", "[rules][issue6]") {
  RuleSet rules;
  rules.titles = {{".*", ""}};
  auto post = story();
  REQUIRE(apply(rules, post));
  CHECK(post.title == story().title);
}

TEST_CASE("patterns that RE2 does not have, and replacements that do not fit, are refused", "[rules][issue6]") {
  CHECK(check_pattern("(?i)\\bcloud\\b").has_value());
  CHECK(check_pattern("(").has_error());
  CHECK(check_pattern("(?<=a)b").has_error());
  CHECK(check_pattern(std::string(20'000, 'a')).has_error());
  CHECK(check_pattern("a{1000}{1000}{1000}").has_error());
  CHECK(check_rewrite({"(a)", "\\1\\0"}).has_value());
  CHECK(check_rewrite({"(a)", "\\2"}).has_error());
  RuleSet rules;
  rules.exclude = {{{Field::title, "["}}};
  CHECK(compile(rules).has_error());
}

TEST_CASE("a pattern that ruins backtracking matchers is fast", "[rules][issue6]") {
  RuleSet rules;
  rules.exclude = {{{Field::title, "^(a+)+$"}}};
  auto post = story();
  post.title = std::string(1'000'000, 'a') + "!";
  CHECK(apply(rules, post));
}
