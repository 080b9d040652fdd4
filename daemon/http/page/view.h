#pragma once
/// The web page as pure functions: what is to be shown in, HTML out. No store, no clock, no socket.
/// Every text is escaped here; Post::content_html alone is put in as it is, since it was sanitised.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "storage/store.h"

namespace riverd::http::page {

/// What the reader asked to see; also what makes a link to it.
struct Filter {
  std::vector<std::string> sources;
  std::vector<std::string> categories;
  std::vector<std::string> tags;
  std::vector<std::string> authors;
  std::string q;
  [[nodiscard]] bool empty() const {
    return sources.empty() && categories.empty() && tags.empty() && authors.empty() && q.empty();
  }
};

/// `PATH?source=a&q=b`, percent-encoded (RFC 3986); PATH alone where there is no filter and no cursor.
[[nodiscard]] std::string link_to(std::string_view path, const Filter& filter, std::string_view cursor = {});

/// What every page shares.
struct Site {
  std::string title;     ///< server.title
  bool images = true;    ///< server.images
  bool signed_in = false;  ///< shows a way to sign out
  Time now;
};

/// The river: the newest posts that fit the filter, and what there is to browse.
struct River {
  Filter filter;
  std::vector<storage::StoredPost> posts;
  std::optional<std::string> next_cursor;
  bool first_page = true;
  storage::Seq seq = 0;  ///< the store's newest seq as the posts were read: live events go on from there
  std::vector<storage::SourceView> sources;  ///< configured ones
  std::vector<storage::Count> categories;
  std::vector<storage::Count> tags;
};
[[nodiscard]] std::string render(const Site& site, const River& river);

/// One post, whole.
[[nodiscard]] std::string render(const Site& site, const storage::StoredPost& post);

/// The sources' health: what fails first, with its reason, and how many posts they published a day.
struct Health {
  std::vector<storage::SourceView> sources;
  std::vector<storage::Activity> activity;  ///< of those that published anything
  unsigned days = 30;                       ///< that it covers
  storage::Totals totals;
};
[[nodiscard]] std::string render(const Site& site, const Health& health);

/// A page that says what went wrong, or that something is not there.
[[nodiscard]] std::string render_problem(const Site& site, std::string_view headline, std::string_view detail);

/// The sign-in form.
///   next    the path to go on to
///   wrong   the last try failed
[[nodiscard]] std::string render_sign_in(const Site& site, std::string_view next, bool wrong);

}  // namespace riverd::http::page
