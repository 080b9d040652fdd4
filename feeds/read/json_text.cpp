#include "feeds/read/json_text.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>

#include "feeds/read/names.h"

namespace riverd::feeds::read {
namespace {

namespace json = boost::json;
constexpr std::size_t kMostValues = 131072;  // plus one for 16 bytes of text
constexpr std::size_t kDeepest = 64;

/// How many values there are, whether strings hold raw line breaks, and where the first value ends.
struct Shape {
  std::size_t values = 0;
  std::size_t end = std::string_view::npos;
  bool raw_breaks = false;
};

Shape shape_of(std::string_view text) {
  Shape shape;
  bool in_string = false;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
      else if (c == '\n' || c == '\r' || c == '\t') shape.raw_breaks = true;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == ',' || c == '[' || c == '{') ++shape.values;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && (depth == 0 || --depth == 0)) {
      shape.end = i + 1;
      break;
    }
  }
  return shape;
}

std::string escape_breaks(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\n') out += "\\n";
    else if (in_string && c == '\r') out += "\\r";
    else if (in_string && c == '\t') out += "\\t";
    else out += c;
    if (in_string && c == '\\' && i + 1 < text.size()) out += text[++i];
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

std::optional<json::value> parse_json(std::string_view text, Warnings& warnings) {
  const Shape shape = shape_of(text);
  if (shape.values > kMostValues + text.size() / 16) {
    warnings.add("too many JSON values");
    return std::nullopt;
  }
  if (!trim(text.substr(std::min(shape.end, text.size()))).empty()) warnings.add("text after the JSON value was ignored");
  text = text.substr(0, shape.end);
  auto value = parse(text);
  if (value || !shape.raw_breaks) return value;
  warnings.add("line breaks in JSON strings were escaped");
  return parse(escape_breaks(text));
}

std::string text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return {text->data(), text->size()};
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
