#include "feeds/content/images.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "feeds/content/url.h"

namespace riverd::feeds::content {
namespace {

constexpr std::size_t kLargestDataUrl = 32 * 1024;
constexpr std::size_t kMaxCandidates = 32;

constexpr std::array<Name, 5> kLazySources = {Name::data_src, Name::data_lazy_src, Name::data_original,
                                              Name::data_original_src, Name::data_lazy};
constexpr std::array<Name, 3> kSrcsets = {Name::data_srcset, Name::data_lazy_srcset, Name::srcset};

/// Addresses that answer with a pixel, whatever size the page gives it.
constexpr std::array<std::string_view, 8> kCounters = {
    "://feeds.feedburner.com/~r/",  "://pixel.wp.com/",
    "://stats.wordpress.com/b.gif", "://b.scorecardresearch.com/",
    "://www.google-analytics.com/", "://pixel.quantserve.com/",
    "://ad.doubleclick.net/",       "://rss.feedsportal.com/"};

struct Candidate {
  std::string url;
  std::string descriptor;
  double size = 0;
};

bool is_descriptor(std::string_view text) {
  if (text.size() < 2 || text.size() > 12) return false;
  const char unit = text.back();
  return (unit == 'w' || unit == 'x' || unit == 'h') &&
         std::all_of(text.begin(), text.end() - 1, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

double descriptor_size(std::string_view text) {
  double value = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c == '.') break;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::string_view take_word(std::string_view& text, std::string_view until) {
  const std::size_t end = std::min(text.find_first_of(until), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

void skip(std::string_view& text, std::string_view what) {
  text.remove_prefix(std::min(text.find_first_not_of(what), text.size()));
}

/// False for JSON, templates and the like, which some put where an address should be.
bool has_address_characters(std::string_view text) { return text.find_first_of("{}\"<>") == std::string_view::npos; }

/// Whether what an attribute of lazy loading holds can be the address of an image, not a ratio, a delay or a caption.
bool can_be_image(std::string_view value) {
  if (!has_address_characters(value)) return false;
  std::string_view path = value.substr(0, value.find_first_of("?#"));
  const auto is_letter = [](char c) { return is_html_letter(c); };
  if (path.find('/') != std::string_view::npos) return std::any_of(path.begin(), path.end(), is_letter);
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return false;
  path.remove_prefix(dot + 1);
  const std::string_view extension = path.substr(0, path.find_last_not_of(" \t\n\f\r") + 1);
  constexpr std::size_t kLongestExtension = 5;
  return !extension.empty() && extension.size() <= kLongestExtension && is_html_letter(extension.front()) &&
         std::all_of(extension.begin(), extension.end(), [](char c) { return is_html_letter(c) || (c >= '0' && c <= '9'); });
}

/// The candidates of a srcset (WHATWG HTML 4.8.4.3.10) whose URLs can be used.
std::vector<Candidate> read_srcset(std::string_view text, std::string_view base) {
  constexpr std::string_view kSpace = " \t\n\f\r";
  std::vector<Candidate> all;
  for (std::size_t n = 0; n < kMaxCandidates; ++n) {
    skip(text, " \t\n\f\r,");
    if (text.empty()) break;
    std::string_view url = take_word(text, kSpace);
    std::string_view descriptor;
    if (url.ends_with(',')) {
      while (url.ends_with(',')) url.remove_suffix(1);
    } else {
      skip(text, kSpace);
      descriptor = take_word(text, ",");
      descriptor = descriptor.substr(0, descriptor.find_first_of(kSpace));
    }
    auto resolved = has_address_characters(url) ? resolve(url, base) : std::nullopt;
    if (!resolved) continue;
    while (resolved->ends_with(',')) resolved->replace(resolved->size() - 1, 1, "%2C");
    Candidate candidate{*std::move(resolved), {}, 1};
    if (is_descriptor(descriptor)) {
      candidate.descriptor = descriptor;
      candidate.size = descriptor_size(descriptor);
    }
    all.push_back(std::move(candidate));
  }
  return all;
}

std::vector<Candidate> candidates(const Attributes& attributes, std::string_view base) {
  for (const Name name : kSrcsets) {
    if (!attributes.has(name)) continue;
    auto found = read_srcset(attributes.value(name), base);
    if (!found.empty()) return found;
  }
  return {};
}

std::string written(const std::vector<Candidate>& all) {
  std::string out;
  for (const Candidate& candidate : all) {
    if (!out.empty()) out += ", ";
    out += candidate.url;
    if (!candidate.descriptor.empty()) out.append(" ").append(candidate.descriptor);
  }
  return out;
}

/// The first bytes of base64; enough for a picture's header.
std::string base64_head(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, 48)) {
    const std::size_t digit =
        std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").find(c);
    if (digit == std::string_view::npos) break;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>((bits >> count) & 0xFF);
  }
  return out;
}

/// Whether a GIF or PNG is of one pixel: what stands where a lazy image will be.
bool is_one_pixel(std::string_view head) {
  const auto byte = [&](std::size_t i) { return i < head.size() ? static_cast<unsigned char>(head[i]) : 0U; };
  if (head.starts_with("GIF8")) return byte(6) + 256 * byte(7) <= 1 && byte(8) + 256 * byte(9) <= 1;
  if (!head.starts_with("\x89PNG")) return false;
  const auto number = [&](std::size_t i) {
    return byte(i) << 24 | byte(i + 1) << 16 | byte(i + 2) << 8 | byte(i + 3);
  };
  return number(16) <= 1 && number(20) <= 1;
}

/// data: URLs of raster images only, and only where they are base64 through and through.
std::optional<std::string> data_image(std::string_view url) {
  constexpr std::array<std::string_view, 6> kTypes = {"data:image/png;base64,",  "data:image/gif;base64,",
                                                      "data:image/jpeg;base64,", "data:image/jpg;base64,",
                                                      "data:image/webp;base64,", "data:image/avif;base64,"};
  if (url.size() > kLargestDataUrl) return std::nullopt;
  for (const auto type : kTypes) {
    if (!url.starts_with(type)) continue;
    const std::string_view data = url.substr(type.size());
    const bool clean = !data.empty() && std::all_of(data.begin(), data.end(), [](char c) {
      return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' || c == '/' ||
             c == '=';
    });
    if (!clean || is_one_pixel(base64_head(data))) return std::nullopt;
    return std::string(url);
  }
  return std::nullopt;
}

}  // namespace

std::optional<unsigned> pixels(std::string_view text) {
  skip(text, " \t\n");
  unsigned value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (digits == 5) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
  }
  std::string_view rest = text.substr(digits);
  skip(rest, " \t\n");
  return digits > 0 && (rest.empty() || rest.starts_with("px")) ? std::optional(value) : std::nullopt;
}

std::string style_property(std::string_view style, std::string_view property) {
  std::string lower;
  for (const char c : style.substr(0, 2048)) {
    if (!is_html_space(c)) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  for (std::size_t at = lower.find(property); at != std::string::npos; at = lower.find(property, at + 1)) {
    const std::size_t colon = at + property.size();
    if ((at > 0 && lower[at - 1] != ';') || colon >= lower.size() || lower[colon] != ':') continue;
    return lower.substr(colon + 1, lower.find(';', colon) - colon - 1);
  }
  return {};
}

bool is_tracking_pixel(const Attributes& attributes, std::string_view url) {
  for (const auto counter : kCounters) {
    if (url.substr(0, 64).find(counter) != std::string_view::npos) return true;
  }
  auto width = pixels(attributes.raw(Name::width));
  auto height = pixels(attributes.raw(Name::height));
  if (attributes.has(Name::style)) {
    const std::string style = attributes.value(Name::style);
    if (!width) width = pixels(style_property(style, "width"));
    if (!height) height = pixels(style_property(style, "height"));
  }
  if (!width && !height) return false;
  return width.value_or(1) <= 1 && height.value_or(1) <= 1;
}

std::optional<std::string> image_url(const Attributes& attributes, std::string_view base) {
  for (const Name name : kLazySources) {
    if (!attributes.has(name)) continue;
    const std::string value = attributes.value(name);
    if (!can_be_image(value)) continue;
    if (auto url = resolve(value, base)) return url;
  }
  std::string storage;
  const std::string_view src = attributes.view(Name::src, storage);
  if (src.find_first_not_of(" \t\n\f\r") != std::string_view::npos) {
    if (auto url = resolve(src, base)) return url;
    if (auto url = data_image(src)) return url;
  }
  const auto all = candidates(attributes, base);
  const auto best = std::max_element(all.begin(), all.end(),
                                     [](const Candidate& a, const Candidate& b) { return a.size < b.size; });
  return best == all.end() ? std::nullopt : std::optional(best->url);
}

std::string image_srcset(const Attributes& attributes, std::string_view base) {
  return written(candidates(attributes, base));
}

std::string resolve_srcset(std::string_view srcset, std::string_view base) {
  return written(read_srcset(srcset, base));
}

}  // namespace riverd::feeds::content
