#pragma once
/// Who may: the bearer token, the page's session, and what guessing costs. Belongs to the network thread.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "daemon/http/settings.h"

namespace riverd::http {

/// What a request brought along.
struct Credentials {
  bool tried_token = false;  ///< had an Authorization field
  bool bearer = false;       ///< and it is the token
  bool session = false;      ///< a session cookie that is ours and has not run out
  [[nodiscard]] bool signed_in() const { return bearer || session; }
};

/// Whether `given` is the token; takes the same time for every wrong one. Never where no token is configured.
[[nodiscard]] bool is_token(const Settings& settings, std::string_view given);

/// Looks at the Authorization and Cookie fields.
[[nodiscard]] Credentials credentials(const Settings& settings, std::string_view authorization, std::string_view cookie,
                                      Time now);

/// The value of Set-Cookie that starts a session of 30 days (HttpOnly, SameSite=Strict), or ends it. A session holds no
/// state here: it is its end, signed with a key derived from the token, so a new token ends every session.
[[nodiscard]] std::string session_cookie(const Settings& settings, Time now);
[[nodiscard]] std::string ended_session_cookie();

/// Slows guessing down, by address: each wrong token is answered later than the one before, and no more than a few are
/// waited for at a time.
class Throttle {
 public:
  using Clock = std::chrono::steady_clock;

  /// Whether a wrong token from this address is worth an answer of its own; otherwise 429.
  [[nodiscard]] bool may_try(std::string_view address) const;

  /// A wrong token came: answer it after this long, then call answered().
  [[nodiscard]] std::chrono::milliseconds failed(const std::string& address, Clock::time_point now);
  void answered(const std::string& address);

 private:
  struct Guesser {
    unsigned failures = 0;
    unsigned waiting = 0;
    Clock::time_point last;
  };
  void forget_old(Clock::time_point now);

  std::unordered_map<std::string, Guesser> guessers_;
};

}  // namespace riverd::http
