#pragma once
/// The request target (RFC 9112, 3.2) taken apart, strictly: what is not well-formed is an error, never guessed.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/http/request.h"

namespace riverd::http {

struct Target {
  std::string_view authority;         ///< of the absolute form; it wins over the Host field. Views the text given.
  std::string path;                   ///< decoded; "*" of OPTIONS is "*"
  std::vector<std::string> segments;  ///< decoded one by one
  std::vector<Parameter> query;
};

/// Decodes a percent-encoded text. Errors: invalid for a broken escape, bytes that are no UTF-8, NUL.
///   plus_is_space   as HTML forms write queries
[[nodiscard]] Result<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// Origin form (`/path?query`), absolute form (`http://host/path?query`) and `*`. Dot segments, a fragment, control
/// characters in the path are errors, and so is what percent_decode refuses. At most 200 parameters.
///   culprit   where given, takes the name of the query parameter that broke
[[nodiscard]] Result<Target> parse_target(std::string_view target, std::string* culprit = nullptr);

/// `name=value&name=value`, of a query or a form. Empty pieces are skipped. The value of `q` is what a person typed, and no
/// search is an error: its NUL characters become spaces, its bytes that are no UTF-8 U+FFFD.
[[nodiscard]] Result<std::vector<Parameter>> parse_query(std::string_view query, std::string* culprit = nullptr);

}  // namespace riverd::http
