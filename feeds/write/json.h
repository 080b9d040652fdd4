#pragma once
/// Posts as JSON (contract 1.3). Every key always present; the output is valid UTF-8 whatever the post holds.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/post.h"

namespace riverd::feeds::write {

/// A source that carried a post, as the `sources` key lists it.
struct SourceRef {
  std::string name;
  std::optional<std::string> title;
  std::optional<std::string> url;
};

/// What only a store knows of a post. Left out of the JSON where absent (`riverd parse`).
struct Kept {
  std::int64_t seq = 0;
  std::vector<SourceRef> sources;
};

/// Appends a JSON string with its quotes (RFC 8259, section 7); bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends one post as a JSON object.
void append_json(std::string& out, const Post& post, const Kept* kept = nullptr);

/// Appends the `feed` object of `riverd parse`.
void append_json(std::string& out, const FeedInfo& feed);

/// The whole of what `riverd parse` prints, {"feed":{...},"posts":[...],"warnings":[...]} and a line feed, handed to `write` in
/// pieces of some posts each: it is never in memory whole.
void parse_json(const Normalised& document, const std::function<void(std::string_view)>& write);

}  // namespace riverd::feeds::write
