#pragma once
/// JSON text to values, bounded, and reading members of whatever type they have.

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "feeds/read/warnings.h"

namespace riverd::feeds::read {

struct JsonDocument {
  boost::json::value value;
  bool breaks_off = false;      ///< the text ends inside the value, which has what was whole
  bool broken_element = false;  ///< and inside the last element of the object's last array, which has less than it should
};

/// Parses one value at the start of a text. Nothing when it is no JSON, or has more values than its size warrants.
[[nodiscard]] std::optional<JsonDocument> parse_json(std::string_view text, Warnings& warnings);

/// A member as text: strings as they are, numbers and booleans as written, anything else empty.
[[nodiscard]] std::string member_text(const boost::json::object& object, std::string_view name);

/// A member that is an object, an array, or null.
[[nodiscard]] const boost::json::object* member_object(const boost::json::object& object, std::string_view name);
[[nodiscard]] const boost::json::array* member_array(const boost::json::object& object, std::string_view name);

/// A value as member_text gives it.
[[nodiscard]] std::string text_of(const boost::json::value& value);

}  // namespace riverd::feeds::read
