#include "feeds/read/json_text.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>
#include <charconv>

#include "feeds/read/names.h"

namespace riverd::feeds::read {
namespace {

namespace json = boost::json;
constexpr std::size_t kMostValues = 131072;  // plus one for 16 bytes of text
constexpr std::size_t kDeepest = 64;

/// How many values there are, where the first one ends, and where the last whole member or element in it does.
struct Shape {
  std::size_t values = 0;
  std::size_t end = std::string_view::npos;
  std::size_t whole = 0;   ///< up to here the text can be closed by `closing`
  std::string closing;
  [[nodiscard]] bool breaks_off() const { return end == std::string_view::npos && whole != 0; }
  [[nodiscard]] bool in_element() const { return closing.size() > 2 && closing.substr(closing.size() - 2) == "]}"; }
};

Shape shape_of(std::string_view text) {
  Shape shape;
  std::string open;  // what closes the arrays and objects that are open
  std::size_t whole_depth = 0;
  bool in_string = false;
  const auto whole = [&](std::size_t at) {
    shape.whole = at;
    whole_depth = open.size();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == ',' || c == '[' || c == '{') ++shape.values;
    if (c == ',') whole(i);
    if (c == '[' || c == '{') open += c == '[' ? ']' : '}';
    if (c != ']' && c != '}') continue;
    if (!open.empty()) open.pop_back();
    whole(i + 1);
    if (!open.empty()) continue;
    shape.end = i + 1;
    break;
  }
  shape.closing.assign(open.rend() - static_cast<std::ptrdiff_t>(whole_depth), open.rend());
  return shape;
}

/// The UTF-16 unit of a \u escape at the start of a text; 0 where it is none.
unsigned unit_of(std::string_view text) {
  unsigned unit = 0;
  text = text.substr(0, 6);
  if (text.substr(0, 2) != "\\u") return 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), unit, 16);
  return error == std::errc() && end == text.data() + 6 ? unit : 0;
}

/// Appends the escape at the start of a text; half a character (a surrogate alone) as U+FFFD. Returns its length.
std::size_t append_escape(std::string& out, std::string_view text) {
  const bool surrogate = (unit_of(text) & 0xF800) == 0xD800;
  const bool pair = (unit_of(text) & 0xFC00) == 0xD800 && (unit_of(text.substr(6)) & 0xFC00) == 0xDC00;
  const std::size_t length = std::min<std::size_t>(pair ? 12 : surrogate ? 6 : 2, text.size());
  out += surrogate && !pair ? "\\ufffd" : text.substr(0, length);
  return length;
}

/// Raw line breaks in strings escaped, half characters replaced.
std::string repair_strings(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\n') out += "\\n";
    else if (in_string && c == '\r') out += "\\r";
    else if (in_string && c == '\t') out += "\\t";
    else if (in_string && c == '\\') i += append_escape(out, text.substr(i)) - 1;
    else out += c;
  }
  return out;
}

std::optional<json::value> parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDeepest;
  options.allow_comments = true;
  options.allow_trailing_commas = true;
  options.allow_invalid_utf8 = true;
  json::stream_parser parser({}, options);
  json::error_code error;
  parser.write(text.data(), text.size(), error);
  if (!error) parser.finish(error);
  if (error) return std::nullopt;
  return parser.release();
}

}  // namespace

std::optional<JsonDocument> parse_json(std::string_view text, Warnings& warnings) {
  const Shape shape = shape_of(text);
  if (shape.values > kMostValues + text.size() / 16) {
    warnings.add("too many JSON values");
    return std::nullopt;
  }
  std::string closed;
  if (shape.breaks_off()) {
    warnings.add("the document breaks off");
    text = closed = std::string(text.substr(0, shape.whole)) + shape.closing;
  } else if (shape.end < text.size()) {
    if (!trim(text.substr(shape.end)).empty()) warnings.add("text after the JSON value was ignored");
    text = text.substr(0, shape.end);
  }
  auto value = parse(text);
  if (!value) {
    value = parse(repair_strings(text));
    if (!value) return std::nullopt;
    warnings.add("JSON strings held raw line breaks or half characters");
  }
  return JsonDocument{std::move(*value), shape.breaks_off(), shape.breaks_off() && shape.in_element()};
}

std::string text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return {text->data(), text->size()};
  if (const double* number = value.if_double()) {
    std::array<char, 32> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), *number);
    return {digits.data(), error == std::errc() ? end : digits.data()};
  }
  if (value.is_number() || value.is_bool()) return json::serialize(value);
  return {};
}

std::string member_text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  return value == nullptr ? std::string() : text_of(*value);
}

const json::object* member_object(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* member_array(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  return value == nullptr ? nullptr : value->if_array();
}

}  // namespace riverd::feeds::read
