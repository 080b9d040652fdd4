#pragma once
/// Query parameters -> what the store is asked.

#include <boost/system/result.hpp>
#include <string>
#include <vector>

#include "daemon/http/request.h"
#include "storage/store.h"

namespace riverd::http {

/// A parameter that cannot be used, and why.
struct BadParameter {
  std::string name;
  std::string why;
};

using Filter = boost::system::result<storage::PostQuery, BadParameter>;

/// Reads limit, cursor, source, category, tag, author, q, since, until, order, after (contract 1.4). Repeats of source,
/// category, tag and author mean any of them; any other repeat is an error. An empty text filter (a form's empty field)
/// is none. Parameters of other names are ignored: readers and links add their own. `after` alone means order=arrival.
[[nodiscard]] Filter parse_filter(const std::vector<Parameter>& query);

/// `2024-09-18T18:37:16Z` with any offset, or a day, `2024-09-18`, which is its start in UTC.
[[nodiscard]] std::optional<Time> parse_since(std::string_view text);

/// The filter as a query again, percent-encoded, parameters in a fixed order, without limit, cursor and after: two
/// requests for the same posts have one text.
[[nodiscard]] std::string canonical_query(const storage::PostQuery& query);

/// Percent-encodes all but unreserved characters (RFC 3986, 2.3).
void append_percent_encoded(std::string& out, std::string_view text);

}  // namespace riverd::http
