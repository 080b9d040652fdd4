#pragma once
/// The hook of the web page: everything that is neither the API nor a feed goes through it.

#include <functional>

#include "daemon/http/request.h"

namespace riverd::http {

/// Answers GET (and HEAD) of `/`, `/sources`, assets and every other path that is not of the contract's API; for a path it
/// does not know, a 404. Also asked for `/sign-in` (the form; a failed attempt repeats it with status 401: see
/// sign_in_failed). The form posts `token` (and, where given, `next`, a path to return to) to `/sign-in` as
/// application/x-www-form-urlencoded; `POST /sign-out` ends the session. Both are answered by the server.
///
/// Runs on the worker pool, several at a time. With protect_reads it is asked for `/sign-in` and what is under
/// `/assets/` without a session; anything else only when signed in.
using PageHandler = std::function<Response(const Request&)>;

}  // namespace riverd::http
