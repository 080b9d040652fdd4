#pragma once
/// A response made ready to send: its header text and body as shared, immutable bytes, its validators, and the header of
/// the 304 that stands for it. Made once on a worker, sent any number of times from the network thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "daemon/http/request.h"

namespace riverd::http {

struct Answer {
  unsigned status = 200;
  std::string head;      ///< header fields, each with CRLF; without status line, Date, Connection, CORS and the last CRLF
  std::string head_304;  ///< the same of the 304; empty where no 304 is possible
  std::shared_ptr<const std::string> body;  ///< never null
  std::string etag;      ///< with its quotes; empty: none
  std::optional<Time> changed;  ///< what If-Modified-Since is compared with
  bool provisional = false;     ///< made in the second of that change: the Last-Modified it states is a second early
  Keep keep = Keep::none;
  std::int64_t seq = 0;

  /// Memory that keeping it costs, about.
  [[nodiscard]] std::size_t bytes() const { return sizeof *this + head.size() + head_304.size() + body->size() + 64; }
};

/// Conditions of a request (RFC 9110, 13.1), as views into it.
struct Conditions {
  std::string_view if_none_match;
  bool has_if_none_match = false;
  std::string_view if_modified_since;
};

/// Since when a body of this digest has been what is shown (Witness::saw).
using Since = std::function<Time(std::string_view digest)>;

/// Finishes a response: ETag from a digest of the body, gzip where asked, security headers.
///   want_gzip   the client takes gzip
///   now         the time of the answer; also what stands in for a missing last_modified where nobody knows better
///   since       dates an answer without last_modified; may be empty
[[nodiscard]] std::shared_ptr<const Answer> make_answer(Response response, bool want_gzip, Time now, const Since& since = {});

/// Whether a 304 is the right answer: If-None-Match (list, weak, `*`) before If-Modified-Since.
[[nodiscard]] bool not_modified(const Answer& answer, const Conditions& conditions);

/// Whether a header value or name has what could break out of it; such a field is left out.
[[nodiscard]] bool is_safe_field(std::string_view text);

}  // namespace riverd::http
