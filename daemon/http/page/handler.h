#pragma once
/// The web page's requests: asks the store what a page shows, and renders it.

#include <functional>

#include "base/time.h"
#include "daemon/http/page.h"
#include "storage/store.h"

namespace riverd::http {

/// The handler of `/`, `/posts/{id}`, `/sources`, `/sign-in`, `/assets/*` and `/favicon.ico`; a 404 page for the rest.
///   store   outlives the handler
///   clock   the wall time, for "today" and "5 min ago"
/// Every page has a Content-Security-Policy without unsafe-inline, and is whole without its script.
[[nodiscard]] PageHandler make_page_handler(storage::Store& store, std::function<Time()> clock);

}  // namespace riverd::http
