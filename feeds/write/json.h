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

struct AuthorView {
  std::optional<std::string_view> name;
  std::optional<std::string_view> email;
  std::optional<std::string_view> url;
};

struct EnclosureView {
  std::string_view url;
  std::optional<std::string_view> type;
  std::optional<std::int64_t> length;
};

/// A post as text that somebody else holds: a store shows its rows so, and nothing is copied between it and the JSON. Used
/// again for the next post, its lists keep their room.
struct PostView {
  std::string_view id;
  std::optional<std::int64_t> seq;  ///< none: no store's, and neither seq nor sources are written
  std::string_view title;
  std::optional<Time> date;
  std::optional<Time> updated;
  std::vector<std::string_view> tags;
  std::vector<std::string_view> categories;
  std::optional<std::string_view> thumbnail;
  std::optional<std::string_view> link;
  std::optional<std::string_view> guid;
  std::vector<AuthorView> authors;
  std::optional<std::string_view> summary;
  std::optional<std::string_view> content_html;
  std::optional<std::string_view> content;  ///< none: derived from content_html when it is written
  std::vector<EnclosureView> enclosures;
  std::optional<std::string_view> language;
  std::vector<const SourceRef*> sources;
};

/// What is seen of a post, which must outlive the view.
[[nodiscard]] PostView view_of(const Post& post, const Kept* kept = nullptr);

/// Appends a JSON string with its quotes (RFC 8259, section 7); bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends one post as a JSON object.
void append_json(std::string& out, const PostView& post);
void append_json(std::string& out, const Post& post, const Kept* kept = nullptr);

/// Appends the `feed` object of `riverd parse`.
void append_json(std::string& out, const FeedInfo& feed);

/// The whole of what `riverd parse` prints, {"feed":{...},"posts":[...],"warnings":[...]} and a line feed, handed to `write` in
/// pieces of some posts each: it is never in memory whole.
void parse_json(const Normalised& document, const std::function<void(std::string_view)>& write);

}  // namespace riverd::feeds::write
