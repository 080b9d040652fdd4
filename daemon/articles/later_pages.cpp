#include "daemon/articles/later_pages.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "storage/pages.h"

namespace riverd::articles {
namespace {

constexpr std::uint32_t kHighest = 99;    // page numbers, not years or ids
constexpr std::size_t kLongestMark = 12;  // "/page/2/", "?seite=2"
constexpr std::string_view kMarks = "/?&=-_,.;";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool digit_at(std::string_view text, std::size_t at) {
  return at < text.size() && is_digit(text[at]);
}

/// What differs between two URLs: their ends after the common beginning and before the common end. Numbers
/// are not split.
struct Difference {
  std::string_view a, b;
};

Difference difference(std::string_view a, std::string_view b) {
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  if (digit_at(a, head) || digit_at(b, head)) {
    while (head > 0 && is_digit(a[head - 1])) --head;
  }
  std::size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
    ++tail;
  if ((tail < a.size() - head && is_digit(a[a.size() - 1 - tail])) ||
      (tail < b.size() - head && is_digit(b[b.size() - 1 - tail]))) {
    while (tail > 0 && is_digit(a[a.size() - tail])) --tail;
  }
  return {a.substr(head, a.size() - head - tail), b.substr(head, b.size() - head - tail)};
}

/// The one number of a short mark such as "/page/2"; nothing for anything longer or other.
std::optional<std::uint32_t> number_of(std::string_view mark) {
  if (mark.size() > kLongestMark) return std::nullopt;
  const auto first = std::find_if(mark.begin(), mark.end(), is_digit);
  if (first == mark.end()) return std::nullopt;
  std::uint32_t number = 0;
  const auto [end, error] =
      std::from_chars(mark.data() + (first - mark.begin()), mark.data() + mark.size(), number);
  if (error != std::errc() || number > kHighest || *first == '0') return std::nullopt;
  if (std::any_of(end, mark.data() + mark.size(), is_digit)) return std::nullopt;
  return number;
}

std::string_view without_end(std::string_view url) {
  url = url.substr(0, url.find('#'));
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

}  // namespace

bool continues(std::string_view current, std::string_view next, std::uint32_t number) {
  if (storage::page_host(current) != storage::page_host(next)) return false;
  const Difference d = difference(without_end(current), without_end(next));
  if (number_of(d.b) != number) return false;
  if (d.a.empty())
    return number == 2 && (kMarks.find(d.b.front()) != std::string_view::npos || d.b.ends_with('/'));
  return number_of(d.a) == number - 1;
}

bool same_article(const feeds::content::Article& first, const feeds::content::Article& later) {
  if (!first.title || !later.title) return true;
  return later.title->starts_with(*first.title) || first.title->starts_with(*later.title) ||
         later.title->ends_with(*first.title);
}

}  // namespace riverd::articles
