#pragma once
/// Reading and normalising a small document in one step, as `riverd parse` does.

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "base/time.h"
#include "feeds/post.h"
#include "feeds/read/read.h"

namespace riverd::feeds::test {

inline Normalised parse(std::string_view document, const std::string& base = {}, const std::string& charset = {}) {
  read::Hints hints;
  hints.base = base;
  hints.charset = charset;
  const auto feed = read::read(document, hints);
  INFO(document);
  REQUIRE(feed.has_value());
  Settings settings;
  settings.keep_repeats = true;
  return normalise(*feed, settings);
}

inline std::string rss(std::string_view item, std::string_view channel = {}) {
  return R"(<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
    xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:m="http://search.yahoo.com/mrss/"
    xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom"
    xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:fb="http://rssnamespace.org/feedburner/ext/1.0"
    xmlns:h="http://www.w3.org/1999/xhtml"><channel>)" +
         std::string(channel) + "<item>" + std::string(item) + "</item></channel></rss>";
}

inline std::string atom(std::string_view entry, std::string_view feed = {}, std::string_view attributes = {}) {
  return R"(<feed xmlns="http://www.w3.org/2005/Atom" )" + std::string(attributes) + ">" + std::string(feed) + "<entry>" +
         std::string(entry) + "</entry></feed>";
}

inline Post only_post(const std::string& document, const std::string& base = {}) {
  auto parsed = parse(document, base);
  REQUIRE(parsed.posts.size() == 1);
  return std::move(parsed.posts.front());
}

inline std::string date_of(const std::optional<Time>& date) { return date ? rfc3339(*date) : "null"; }
inline std::string value_of(const std::optional<std::string>& value) { return value.value_or("null"); }

}  // namespace riverd::feeds::test
