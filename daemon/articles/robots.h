#pragma once
/// robots.txt (RFC 9309): which pages of a host riverd may ask for. Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace riverd::articles {

/// The product token that groups are looked up by.
inline constexpr std::string_view kRobotsToken = "riverd";
/// How much of a robots.txt is read (RFC 9309, 2.5); what is behind is not there.
inline constexpr std::size_t kMostRobots = 500 * 1024;

class Robots {
 public:
  /// Everything may be asked for: a host without a robots.txt.
  Robots() = default;

  /// Reads a robots.txt, any bytes. The groups of our token count, all of them together; without one those of
  /// "*".
  [[nodiscard]] static Robots parse(std::string_view body);

  /// Whether a page may be asked for: the longest pattern that matches its path and query decides, Allow
  /// where two are as long. `target` is the path and query of its URL ("/" where empty). /robots.txt itself
  /// may always be.
  [[nodiscard]] bool allows(std::string_view target) const;

  /// What the host wants between two requests; none: it does not say. Not in the RFC, but widely used.
  [[nodiscard]] std::optional<Seconds> crawl_delay() const { return crawl_delay_; }

  /// About how much memory it takes.
  [[nodiscard]] std::size_t bytes() const;

 private:
  friend class RobotsReader;
  struct Pattern {
    std::string text;  ///< percent-encoding made comparable, '*' and a last '$' as they are
    bool allow = false;
  };
  std::vector<Pattern> patterns_;
  std::optional<Seconds> crawl_delay_;
};

/// The path and query of an absolute URL, without its fragment; "/" where it has none.
[[nodiscard]] std::string_view robots_target(std::string_view url);

/// Where the robots.txt of a URL's host is; empty for what is no http(s) URL.
[[nodiscard]] std::string robots_url(std::string_view url);

}  // namespace riverd::articles
