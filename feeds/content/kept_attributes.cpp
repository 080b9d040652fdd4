#include "feeds/content/kept_attributes.h"

#include <algorithm>
#include <array>

#include "feeds/content/images.h"
#include "feeds/content/output.h"
#include "feeds/content/text.h"
#include "feeds/content/url.h"

namespace riverd::feeds::content {
namespace {

constexpr std::size_t kLongestValue = 2000;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return text;
}

/// Text that a reader may see: folded, so that writing it again changes nothing.
void append_text_value(std::string& out, std::string_view name, Name attribute,
                       const Attributes& attributes) {
  if (!attributes.has(attribute)) return;
  const std::string value = excerpt(fold_space(attributes.value(attribute)), kLongestValue);
  if (!value.empty() || attribute == Name::alt) append_html_attribute(out, name, value);
}

/// A value of plain ASCII, as dates and languages are.
void append_token(std::string& out, std::string_view name, std::string_view value, std::size_t longest) {
  const bool plain =
      !value.empty() && value.size() <= longest && std::all_of(value.begin(), value.end(), [](char c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
               std::string_view("-_+:.,/ ;=*()").find(c) != std::string_view::npos;
      });
  if (plain) append_html_attribute(out, name, value);
}

void append_choice(std::string& out, std::string_view name, std::string value,
                   std::initializer_list<std::string_view> choices) {
  value = lower(std::move(value));
  if (std::find(choices.begin(), choices.end(), value) != choices.end())
    append_html_attribute(out, name, value);
}

void append_integer(std::string& out, std::string_view name, Name attribute, const Attributes& attributes,
                    int least, int most) {
  if (!attributes.has(attribute)) return;
  std::string_view text = attributes.raw(attribute);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto number = pixels(text);
  if (!number) return;
  const int value = negative ? -static_cast<int>(*number) : static_cast<int>(*number);
  if (value >= least && value <= most) append_html_attribute(out, name, std::to_string(value));
}

void append_flag(std::string& out, std::string_view name, Name attribute, const Attributes& attributes) {
  if (attributes.has(attribute)) append_html_attribute(out, name, "");
}

void append_cell_attributes(std::string& out, Tag tag, const Attributes& attributes) {
  append_integer(out, "colspan", Name::colspan, attributes, 2, 1000);
  append_integer(out, "rowspan", Name::rowspan, attributes, 2, 1000);
  std::string align = attributes.value(Name::align);
  if (align.empty() && attributes.has(Name::style)) {
    align = style_property(attributes.value(Name::style), "text-align");
  }
  append_choice(out, "align", std::move(align), {"left", "center", "right"});
  if (tag == Tag::th)
    append_choice(out, "scope", attributes.value(Name::scope), {"row", "col", "rowgroup", "colgroup"});
}

bool is_language_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' || c == '#' ||
           c == '.' || c == '_' || c == '-';
  });
}

/// The language that a class attribute names: language-x, lang-x, highlight-source-x, "brush: x".
std::string class_language(std::string_view classes) {
  constexpr std::array<std::string_view, 3> kPrefixes = {"language-", "lang-", "highlight-source-"};
  constexpr std::string_view kSpace = " \t\n\r\f";
  bool brush = false;
  for (std::size_t n = 0; n < 32; ++n) {
    classes.remove_prefix(std::min(classes.find_first_not_of(kSpace), classes.size()));
    if (classes.empty()) break;
    std::string_view word = classes.substr(0, classes.find_first_of(kSpace));
    classes.remove_prefix(word.size());
    if (const std::size_t semicolon = word.find(';'); semicolon != std::string_view::npos)
      word = word.substr(0, semicolon);
    if (word.starts_with("brush:")) {
      word.remove_prefix(6);
      brush = true;
      if (word.empty()) continue;
    }
    if (brush) return is_language_name(word) ? std::string(word) : std::string();
    for (const auto prefix : kPrefixes) {
      if (word.starts_with(prefix) && is_language_name(word.substr(prefix.size()))) {
        return std::string(word.substr(prefix.size()));
      }
    }
  }
  return {};
}

std::string own_language(const Attributes& attributes) {
  std::string language =
      attributes.has(Name::class_) ? class_language(attributes.value(Name::class_)) : std::string();
  if (language.empty() && attributes.has(Name::data_language))
    language = attributes.value(Name::data_language);
  return is_language_name(language) ? lower(language) : std::string();
}

}  // namespace

void append_global_attributes(std::string& out, const Attributes& attributes) {
  if (attributes.none()) return;
  append_text_value(out, "title", Name::title, attributes);
  const Name lang = attributes.has(Name::lang) ? Name::lang : Name::xml_lang;
  if (attributes.has(lang)) {
    const std::string value = attributes.value(lang);
    if (value.find_first_of(" :.,/;=*()+_") == std::string::npos) append_token(out, "lang", value, 35);
  }
  if (attributes.has(Name::dir))
    append_choice(out, "dir", attributes.value(Name::dir), {"ltr", "rtl", "auto"});
}

void append_size(std::string& out, const Attributes& attributes) {
  append_integer(out, "width", Name::width, attributes, 2, 99999);
  append_integer(out, "height", Name::height, attributes, 2, 99999);
}

void append_alternative(std::string& out, const Attributes& attributes) {
  append_text_value(out, "alt", Name::alt, attributes);
}

void append_image_sizes(std::string& out, const Attributes& attributes) {
  if (attributes.has(Name::sizes)) append_token(out, "sizes", fold_space(attributes.value(Name::sizes)), 400);
}

void append_source_attributes(std::string& out, Tag tag, const Attributes& attributes) {
  if (tag == Tag::track) {
    append_choice(out, "kind", attributes.value(Name::kind),
                  {"subtitles", "captions", "descriptions", "chapters"});
    append_token(out, "srclang", attributes.value(Name::srclang), 35);
    append_text_value(out, "label", Name::label, attributes);
    append_flag(out, "default", Name::default_, attributes);
    return;
  }
  append_image_sizes(out, attributes);
  append_token(out, "type", attributes.value(Name::type), 100);
  append_token(out, "media", fold_space(attributes.value(Name::media)), 200);
}

void append_url(std::string& out, std::string_view name, Name attribute, const Attributes& attributes,
                std::string_view base) {
  if (!attributes.has(attribute)) return;
  if (const auto url = resolve(attributes.value(attribute), base)) append_html_attribute(out, name, *url);
}

void append_code_language(std::string& out, Node element, const Attributes& attributes) {
  std::string language = own_language(attributes);
  if (language.empty() && element.tag() == Tag::pre && element.parent().tag() == Tag::div) {
    language = own_language(Attributes(element.parent().attributes()));
  }
  if (!language.empty()) append_html_attribute(out, "class", "language-" + language);
}

void append_kept_attributes(std::string& out, Tag tag, const Attributes& attributes, std::string_view base) {
  if (attributes.none()) return;
  append_global_attributes(out, attributes);
  switch (tag) {
    case Tag::blockquote:
    case Tag::q:
      append_url(out, "cite", Name::cite, attributes, base);
      return;
    case Tag::del:
    case Tag::ins:
      append_url(out, "cite", Name::cite, attributes, base);
      [[fallthrough]];
    case Tag::time:
      append_token(out, "datetime", attributes.value(Name::datetime), 64);
      return;
    case Tag::details:
      append_flag(out, "open", Name::open, attributes);
      return;
    case Tag::ol:
      append_integer(out, "start", Name::start, attributes, -99999, 99999);
      append_flag(out, "reversed", Name::reversed, attributes);
      if (const auto type = attributes.value(Name::type); type.size() == 1) {
        if (std::string_view("1aAiI").find(type) != std::string_view::npos)
          append_html_attribute(out, "type", type);
      }
      return;
    case Tag::li:
      append_integer(out, "value", Name::value, attributes, -99999, 99999);
      return;
    case Tag::td:
    case Tag::th:
      append_cell_attributes(out, tag, attributes);
      return;
    default:
      return;
  }
}

}  // namespace riverd::feeds::content
