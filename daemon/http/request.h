#pragma once
/// What a handler gets and what it gives back. Handlers run on the worker pool: they may ask the store, and never see a
/// socket.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace riverd::http {

enum class Method : std::uint8_t { get, head, post, options, other };

/// What every answer may need of the configuration; replaced as a whole by a reload.
struct Site {
  std::string title;             ///< of the page and the feeds
  std::string base_url;          ///< absolute, without a slash at the end: public_url, else the listener's own address.
                                 ///< Never taken from a request.
  bool images = true;            ///< the page shows posts' images
  bool protect_reads = false;
  bool has_token = false;
  Time since{};                  ///< when this configuration came into force: what hangs on it alone has changed then
};

struct Parameter {
  std::string name;
  std::string value;
};

/// One request, owned: taken apart, decoded (percent-encoding, valid UTF-8, no NUL) and let through by the Host check.
struct Request {
  Method method = Method::get;  ///< HEAD reaches handlers as get
  std::string target;           ///< as sent, path and query
  std::string path;             ///< decoded
  std::vector<std::string> segments;  ///< of the path, each decoded by itself: "/a/b%2Fc" is {"a", "b/c"}
  std::vector<Parameter> query; ///< decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  ///< as sent, in order
  std::string body;
  bool signed_in = false;       ///< came with the token, or with the page's session cookie
  bool bearer = false;          ///< came with the token itself
  std::shared_ptr<const Site> site;  ///< never null

  /// The first value of a header field (name in any case), or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// The first value of a query parameter, or nothing.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

/// How long an answer may be given again for the same target without asking the handler.
enum class Keep : std::uint8_t {
  none,          ///< not at all
  second,        ///< for a second, and not past a move of seq: states that move without seq too
  until_change,  ///< until the store's seq moves past Response::seq
  until_reload,  ///< what never changes while this process runs with this configuration
};

/// An answer of a handler. The server adds Content-Length, Date, ETag (unless set here), Vary, gzip, security headers
/// (each unless set here), and turns it into a 304 or a HEAD where asked.
struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::shared_ptr<const std::string> body;  ///< may be null: empty
  std::vector<std::pair<std::string, std::string>> headers;
  std::string cache_control = "no-cache";
  std::optional<Time> last_modified;        ///< absent: since when this target was seen to show this body
  Keep keep = Keep::none;
  std::int64_t seq = 0;                     ///< the store's seq that the answer shows; 0: as it was before the handler ran

  Response() = default;
  Response(unsigned code, std::string type, std::string text)
      : status(code), content_type(std::move(type)), body(std::make_shared<const std::string>(std::move(text))) {}
};

}  // namespace riverd::http
