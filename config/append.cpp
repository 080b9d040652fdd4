#include "config/append.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <unordered_map>

#include "config/expand.h"
#include "config/url.h"
#include "feeds/content/text.h"
#include "feeds/content/url.h"

namespace riverd::config {
namespace {

constexpr std::size_t kLongestLabel = 200;

/// What two URLs of one feed have in common.
std::string feed_key(const std::string& url) {
  const auto resolved = feeds::content::resolve(url, "");
  return resolved ? feeds::content::canonical_link(*resolved) : url;
}

/// A text that a config takes as a title, category or tag; empty where nothing is left of it.
std::string label(std::string_view text) {
  return feeds::content::excerpt(feeds::content::fold_space(feeds::content::valid_utf8(text)), kLongestLabel);
}

std::string list(const std::vector<std::string>& items) {
  std::string result;
  for (const auto& item : items) {
    if (const auto text = label(item); !text.empty()) result += (result.empty() ? "" : ", ") + toml_string(text);
  }
  return result;
}

class Appender {
 public:
  Appender(std::string_view toml, const Config& config) : newline_(toml.find("\r\n") == std::string_view::npos ? "\n" : "\r\n") {
    result_.text = toml;
    for (const auto& source : config.sources) {
      names_.take(source.name);
      known_.try_emplace(feed_key(source.url), source.name);
    }
  }

  Result<void> add(const NewSource& source) {
    const auto checked = check_url(source.url);
    if (!checked) return checked.error();
    const auto key = feed_key(checked->url);
    if (const auto found = known_.find(key); found != known_.end()) {
      result_.there.push_back(found->second);
      return {};
    }
    if (names_.taken(source.name)) return Error(Errc::exists, "the name \"" + source.name + "\" is taken already");
    auto name = source.name.empty() ? names_.give(checked->url) : source.name;
    names_.take(name);
    write(source, name);
    known_.try_emplace(key, name);
    result_.names.push_back(std::move(name));
    return {};
  }

  Appended take() { return std::move(result_); }

 private:
  void write(const NewSource& source, const std::string& name) {
    auto& text = result_.text;
    if (!text.empty() && text.back() != '\n') text += newline_;
    if (!text.empty()) text += newline_;
    line("[[source]]");
    line("name = " + toml_string(name));
    line("url = " + toml_string(without_references(source.url)));
    if (const auto title = label(source.title); !title.empty()) line("title = " + toml_string(title));
    if (const auto site = check_url(source.site_url); site) line("site_url = " + toml_string(without_references(source.site_url)));
    if (const auto categories = list(source.categories); !categories.empty()) line("categories = [" + categories + "]");
    if (const auto tags = list(source.tags); !tags.empty()) line("tags = [" + tags + "]");
  }
  void line(const std::string& text) { result_.text.append(text).append(newline_); }

  const std::string newline_;
  NameGiver names_;
  std::unordered_map<std::string, std::string> known_;  ///< names of sources by feed_key()
  Appended result_;
};

}  // namespace

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result.append({'\\', c});
    } else if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      result += escape.data();
    } else {
      result += c;
    }
  }
  return result + '"';
}

Result<Appended> append_sources(std::string_view toml, const Config& config, const std::vector<NewSource>& sources,
                                const Environment& environment) {
  Appender appender(toml, config);
  for (const auto& source : sources) {
    if (auto added = appender.add(source); !added) return added.error();
  }
  auto result = appender.take();
  if (result.names.empty()) return result;
  const auto loaded = parse(result.text, config.file, environment);
  if (!loaded.ok()) return Error(Errc::config, "the config would not be valid any more: " + loaded.errors.front().text());
  return result;
}

}  // namespace riverd::config
