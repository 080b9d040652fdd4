#include "daemon/articles/robots.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace riverd::articles {
namespace {

constexpr std::size_t kMostPatterns = 10'000;
constexpr std::size_t kLongestTarget = 4096;  // of a page's path and query: what is behind is not compared
constexpr double kLongestDelay = 1e6;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

/// The product token at the front of a user-agent line: "riverd" of "riverd/1.0 (+https://...)".
std::string_view token_of(std::string_view value) {
  if (value.starts_with('*')) return value.substr(0, 1);
  std::size_t n = 0;
  while (n < value.size() &&
         ((lower(value[n]) >= 'a' && lower(value[n]) <= 'z') || value[n] == '_' || value[n] == '-'))
    ++n;
  return value.substr(0, n);
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool is_unreserved(unsigned char c) {
  return (c >= '0' && c <= '9') ||
         (lower(static_cast<char>(c)) >= 'a' && lower(static_cast<char>(c)) <= 'z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

/// Octets as RFC 9309 (2.2.2) compares them: unreserved characters plain, others that are encoded in upper
/// case, what is no printable ASCII encoded.
std::string comparable(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  const auto encode = [&out](unsigned char c) { out.append({'%', kHex[c >> 4U], kHex[c & 15U]}); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      const auto octet = static_cast<unsigned char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      is_unreserved(octet) ? out.push_back(static_cast<char>(octet)) : encode(octet);
      i += 2;
    } else if (c <= ' ' || c >= 0x7F) {
      encode(c);
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Whether a pattern matches from the beginning of a target. Each piece between stars is found as early as it
/// can be, so positions only go forward.
bool matches(std::string_view pattern, std::string_view target) {
  const bool anchored = pattern.ends_with('$');
  if (anchored) pattern.remove_suffix(1);
  const auto star = pattern.find('*');
  if (!target.starts_with(pattern.substr(0, star))) return false;
  if (star == std::string_view::npos) return !anchored || target.size() == pattern.size();
  target.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  while (true) {
    const auto next = pattern.find('*');
    const std::string_view piece = pattern.substr(0, next);
    if (next == std::string_view::npos)
      return anchored ? target.ends_with(piece) : target.find(piece) != std::string_view::npos;
    const auto at = target.find(piece);
    if (at == std::string_view::npos) return false;
    target.remove_prefix(at + piece.size());
    pattern.remove_prefix(next + 1);
  }
}

}  // namespace

/// Goes through the lines once; what the two kinds of groups say is gathered side by side.
class RobotsReader {
 public:
  void line(std::string_view text) {
    text = text.substr(0, text.find('#'));
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view name = trimmed(text.substr(0, colon));
    const std::string_view value = trimmed(text.substr(colon + 1));
    if (same(name, "user-agent")) {
      agent(token_of(value));
    } else if (same(name, "allow") || same(name, "disallow")) {
      rule(value, same(name, "allow"));
    } else if (same(name, "crawl-delay")) {
      delay(value);
    }  // others (Sitemap) belong to no group and end none
  }

  [[nodiscard]] Robots take() { return std::move(named_ ? ours_ : all_); }

 private:
  void agent(std::string_view token) {
    if (in_rules_) for_us_ = for_all_ = false;
    in_rules_ = false;
    if (same(token, kRobotsToken)) named_ = for_us_ = true;
    if (token == "*") for_all_ = true;
  }

  void rule(std::string_view value, bool allow) {
    in_rules_ = true;
    if (value.empty()) return;  // matches nothing
    const auto add = [&](Robots& robots) {
      if (robots.patterns_.size() < kMostPatterns) robots.patterns_.push_back({comparable(value), allow});
    };
    if (for_us_) add(ours_);
    if (for_all_) add(all_);
  }

  void delay(std::string_view value) {
    in_rules_ = true;
    double seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error != std::errc() || !std::isfinite(seconds) || seconds < 0) return;
    const Seconds wait{static_cast<std::int64_t>(std::ceil(std::min(seconds, kLongestDelay)))};
    if (for_us_) ours_.crawl_delay_ = std::max(ours_.crawl_delay_.value_or(Seconds(0)), wait);
    if (for_all_) all_.crawl_delay_ = std::max(all_.crawl_delay_.value_or(Seconds(0)), wait);
  }

  Robots ours_, all_;
  bool named_ = false;    ///< a group names us
  bool in_rules_ = true;  ///< the next user-agent line begins a group
  bool for_us_ = false;
  bool for_all_ = false;
};

Robots Robots::parse(std::string_view body) {
  body = body.substr(0, kMostRobots);
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  RobotsReader reader;
  while (!body.empty()) {
    const auto end = std::min(body.find_first_of("\r\n"), body.size());
    reader.line(body.substr(0, end));
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return reader.take();
}

std::size_t Robots::bytes() const {
  std::size_t sum = sizeof *this;
  for (const Pattern& pattern : patterns_) sum += sizeof pattern + pattern.text.capacity();
  return sum;
}

bool Robots::allows(std::string_view target) const {
  if (target == "/robots.txt") return true;
  const std::string path = comparable(target.substr(0, kLongestTarget));
  std::size_t longest = 0;
  bool allowed = true;
  for (const Pattern& pattern : patterns_) {
    const std::size_t length = pattern.text.size();
    if (length < longest || (length == longest && (allowed || !pattern.allow))) continue;
    if (!matches(pattern.text, path)) continue;
    longest = length;
    allowed = pattern.allow;
  }
  return allowed;
}

std::string_view robots_target(std::string_view url) {
  const auto scheme = url.find("://");
  url.remove_prefix(scheme == std::string_view::npos ? 0 : scheme + 3);
  url = url.substr(0, url.find('#'));
  const auto path = url.find_first_of("/?");
  if (path == std::string_view::npos) return "/";
  return url.substr(path);
}

std::string robots_url(std::string_view url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) return {};
  const auto host = url.find("://") + 3;
  return std::string(url.substr(0, std::min(url.find_first_of("/?#", host), url.size()))) + "/robots.txt";
}

}  // namespace riverd::articles
