#include "feeds/rules.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>

#include "feeds/content/html.h"
#include "feeds/content/text.h"

namespace riverd::feeds {
namespace {

constexpr std::size_t kMaxPattern = 16U << 10U;
constexpr std::array<std::string_view, 6> kFields = {"title", "author", "tag", "category", "url", "content"};

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

Result<std::unique_ptr<RE2>> compile_pattern(std::string_view pattern) {
  if (pattern.size() > kMaxPattern) return Error(Errc::invalid, "the pattern is longer than 16 KiB");
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(2 << 20);
  auto compiled = std::make_unique<RE2>(piece(pattern), options);
  if (!compiled->ok()) return Error(Errc::invalid, "bad pattern: " + compiled->error());
  return compiled;
}

struct CompiledMatch {
  Field field;
  std::unique_ptr<RE2> pattern;
};

struct CompiledRewrite {
  std::unique_ptr<RE2> pattern;
  std::string replacement;
};

/// The text that content patterns see, made once a post and only where one asks.
class Words {
 public:
  explicit Words(const Post& post) : post_(post) {}
  const std::string& get() {
    if (!words_) words_ = post_.content_html ? content::plain_text(*post_.content_html) : post_.summary.value_or("");
    return *words_;
  }

 private:
  const Post& post_;
  std::optional<std::string> words_;
};

bool matches(const CompiledMatch& match, const Post& post, Words& words) {
  const auto found = [&](const std::string& text) { return RE2::PartialMatch(text, *match.pattern); };
  switch (match.field) {
    case Field::title: return found(post.title);
    case Field::url: return post.link && found(*post.link);
    case Field::content: return found(words.get());
    case Field::tag: return std::ranges::any_of(post.tags, found);
    case Field::category: return std::ranges::any_of(post.categories, found);
    case Field::author:
      return std::ranges::any_of(post.authors, [&](const Author& author) {
        return (author.name && found(*author.name)) || (author.email && found(*author.email));
      });
  }
  return false;
}

using CompiledCondition = std::vector<CompiledMatch>;

bool any_holds(const std::vector<CompiledCondition>& conditions, const Post& post, Words& words) {
  return std::ranges::any_of(conditions, [&](const CompiledCondition& condition) {
    return std::ranges::all_of(condition, [&](const CompiledMatch& match) { return matches(match, post, words); });
  });
}

std::string rewritten(const std::vector<CompiledRewrite>& rewrites, std::string text) {
  for (const auto& rewrite : rewrites) RE2::GlobalReplace(&text, *rewrite.pattern, piece(rewrite.replacement));
  return content::fold_space(text);
}

void rewrite_list(const std::vector<CompiledRewrite>& rewrites, std::vector<std::string>& list) {
  if (rewrites.empty()) return;
  std::vector<std::string> result;
  for (auto& item : list) {
    auto text = rewritten(rewrites, std::move(item));
    if (!text.empty() && std::ranges::find(result, text) == result.end()) result.push_back(std::move(text));
  }
  list = std::move(result);
}

struct Compiled {
  std::vector<CompiledCondition> include;
  std::vector<CompiledCondition> exclude;
  std::vector<CompiledRewrite> titles;
  std::vector<CompiledRewrite> tags;
  std::vector<CompiledRewrite> categories;

  bool apply(Post& post) const {
    Words words(post);
    if (!include.empty() && !any_holds(include, post, words)) return false;
    if (any_holds(exclude, post, words)) return false;
    if (!titles.empty()) {
      if (auto title = rewritten(titles, post.title); !title.empty()) post.title = std::move(title);
    }
    rewrite_list(tags, post.tags);
    rewrite_list(categories, post.categories);
    return true;
  }
};

Result<void> compile_conditions(const std::vector<Condition>& from, std::vector<CompiledCondition>& to) {
  for (const auto& condition : from) {
    auto& compiled = to.emplace_back();
    for (const auto& match : condition) {
      auto pattern = compile_pattern(match.pattern);
      if (!pattern) return pattern.error();
      compiled.push_back({match.field, std::move(*pattern)});
    }
  }
  return {};
}

Result<void> compile_rewrites(const std::vector<Rewrite>& from, std::vector<CompiledRewrite>& to) {
  for (const auto& rewrite : from) {
    auto pattern = compile_pattern(rewrite.pattern);
    if (!pattern) return pattern.error();
    to.push_back({std::move(*pattern), rewrite.replacement});
  }
  return {};
}

}  // namespace

std::string_view to_string(Field field) { return kFields[static_cast<std::size_t>(field)]; }

std::optional<Field> field_of(std::string_view name) {
  const auto found = std::ranges::find(kFields, name);
  if (found == kFields.end()) return std::nullopt;
  return static_cast<Field>(found - kFields.begin());
}

Result<void> check_pattern(std::string_view pattern) {
  auto compiled = compile_pattern(pattern);
  if (!compiled) return compiled.error();
  return {};
}

Result<void> check_rewrite(const Rewrite& rewrite) {
  auto compiled = compile_pattern(rewrite.pattern);
  if (!compiled) return compiled.error();
  std::string why;
  if (!(*compiled)->CheckRewriteString(piece(rewrite.replacement), &why)) {
    return Error(Errc::invalid, "bad replacement: " + why);
  }
  return {};
}

Result<std::vector<Rule>> compile(const RuleSet& rules) {
  std::vector<Rule> result;
  if (rules.empty()) return result;
  const auto compiled = std::make_shared<Compiled>();
  for (const auto& done : {compile_conditions(rules.include, compiled->include),
                           compile_conditions(rules.exclude, compiled->exclude),
                           compile_rewrites(rules.titles, compiled->titles), compile_rewrites(rules.tags, compiled->tags),
                           compile_rewrites(rules.categories, compiled->categories)}) {
    if (!done) return done.error();
  }
  result.emplace_back([compiled](Post& post) { return compiled->apply(post); });
  return result;
}

}  // namespace riverd::feeds
