#include "feeds/read/media.h"

#include <algorithm>
#include <charconv>

#include "feeds/content/text.h"
#include "feeds/read/links.h"

namespace riverd::feeds::read {
namespace {

constexpr std::size_t kMostEnclosures = 256;

std::optional<std::string> type_of(Xml element) {
  std::string type = content::fold_space(element.attribute("type"));
  if (type.empty() || type.size() > 200) return std::nullopt;
  return type;
}

}  // namespace

std::optional<std::int64_t> parse_length(std::string_view text) {
  text = trim(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

bool is_image(const std::optional<std::string>& type, std::string_view url) {
  if (type) return equals_ignoring_case(std::string_view(*type).substr(0, 6), "image/");
  const auto path = url.substr(0, url.find_first_of("?#"));
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return false;
  for (const std::string_view extension : {"jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "bmp"}) {
    if (equals_ignoring_case(path.substr(dot + 1), extension)) return true;
  }
  return false;
}

void Attachments::add(Enclosure enclosure) {
  if (enclosure.url.empty()) return;
  const auto known = std::find_if(enclosures_.begin(), enclosures_.end(),
                                  [&](const Enclosure& other) { return other.url == enclosure.url; });
  if (known == enclosures_.end()) {
    if (enclosures_.size() < kMostEnclosures) enclosures_.push_back(std::move(enclosure));
    return;
  }
  if (!known->type) known->type = std::move(enclosure.type);
  if (!known->length) known->length = enclosure.length;
}

void Attachments::add_enclosure(Xml element, const Scope& scope) {
  Enclosure enclosure;
  enclosure.url = read_url_attribute(element, "url", scope);
  if (enclosure.url.empty()) enclosure.url = read_url_attribute(element, "href", scope);
  if (enclosure.url.empty()) enclosure.url = read_url_attribute(element, "resource", scope);
  if (enclosure.url.empty()) enclosure.url = read_url_text(element, scope);
  enclosure.type = type_of(element);
  enclosure.length = parse_length(element.attribute("length"));
  add(std::move(enclosure));
}

void Attachments::add_media_content(Xml element, const Scope& scope) {
  Enclosure enclosure;
  enclosure.url = read_url_attribute(element, "url", scope);
  enclosure.type = type_of(element);
  enclosure.length = parse_length(element.attribute("fileSize"));
  const std::string medium = element.attribute("medium");
  const bool image = medium.empty() ? is_image(enclosure.type, enclosure.url) : equals_ignoring_case(medium, "image");
  if (image) offer_thumbnail(ThumbnailRank::media_image, enclosure.url);
  add(std::move(enclosure));
}

std::string Attachments::take_thumbnail() {
  const auto image = std::find_if(enclosures_.begin(), enclosures_.end(),
                                  [](const Enclosure& one) { return is_image(one.type, one.url); });
  if (image != enclosures_.end()) offer_thumbnail(ThumbnailRank::enclosure_image, image->url);
  return thumbnail_.take();
}

}  // namespace riverd::feeds::read
