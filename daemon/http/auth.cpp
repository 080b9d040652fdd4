#include "daemon/http/auth.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "daemon/http/text.h"

namespace riverd::http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCookie = "riverd_session";
constexpr Seconds kSession = std::chrono::days{30};
constexpr unsigned kMostWaiting = 8;
constexpr std::size_t kMostGuessers = 10'000;
constexpr auto kForgetAfter = 60s;

std::string_view view(const std::array<std::uint8_t, 32>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// HMAC-SHA256 of a session's end.
std::string signature(const Settings& settings, std::string_view end) {
  const auto key = sha256("riverd session key\n" + settings.token);
  std::array<std::uint8_t, 32> mac{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(end.data()),
       end.size(), mac.data(), &length);
  return base32(mac.data(), mac.size());
}

bool is_session(const Settings& settings, std::string_view value, Time now) {
  if (settings.token.empty()) return false;
  const std::string_view end = next_piece(value, '.');
  const auto seconds = parse_number<std::int64_t>(end);
  if (!seconds || !equal_constant_time(value, signature(settings, end))) return false;
  return Time{Seconds{*seconds}} > now;
}

bool has_session(const Settings& settings, std::string_view cookies, Time now) {
  while (!cookies.empty()) {
    std::string_view value = trim(next_piece(cookies, ';'));
    if (next_piece(value, '=') == kCookie && is_session(settings, value, now)) return true;
  }
  return false;
}

}  // namespace

bool is_token(const Settings& settings, std::string_view given) {
  // Digests have one length, so not even the token's length shows in the time taken.
  return !settings.token.empty() && equal_constant_time(view(sha256(given)), view(sha256(settings.token)));
}

Credentials credentials(const Settings& settings, std::string_view authorization, std::string_view cookie, Time now) {
  Credentials out;
  if (!authorization.empty()) {
    out.tried_token = true;
    const bool is_bearer = equal_no_case(next_piece(authorization, ' '), "Bearer");
    out.bearer = is_bearer && is_token(settings, trim(authorization));
  }
  if (!cookie.empty()) out.session = has_session(settings, cookie, now);
  return out;
}

std::string session_cookie(const Settings& settings, Time now) {
  const std::string end = std::to_string((now + kSession).time_since_epoch().count());
  std::string out(kCookie);
  out += '=' + end + '.' + signature(settings, end);
  out += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(kSession.count());
  if (settings.secure_cookie) out += "; Secure";
  return out;
}

std::string ended_session_cookie() {
  return std::string(kCookie) + "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0";
}

bool Throttle::may_try(std::string_view address) const {
  const auto found = guessers_.find(std::string(address));
  return found == guessers_.end() || found->second.waiting < kMostWaiting;
}

std::chrono::milliseconds Throttle::failed(const std::string& address, Clock::time_point now) {
  if (guessers_.size() >= kMostGuessers) forget_old(now);
  Guesser& guesser = guessers_[address];
  if (now - guesser.last > kForgetAfter) guesser.failures = 0;
  guesser.last = now;
  ++guesser.waiting;
  const unsigned doubled = std::min(guesser.failures++, 4U);
  return 100ms * (1U << doubled);
}

void Throttle::answered(const std::string& address) {
  const auto found = guessers_.find(address);
  if (found != guessers_.end() && found->second.waiting > 0) --found->second.waiting;
}

void Throttle::forget_old(Clock::time_point now) {
  std::erase_if(guessers_, [now](const auto& each) {
    return each.second.waiting == 0 && now - each.second.last > kForgetAfter;
  });
  if (guessers_.size() < kMostGuessers) return;
  std::erase_if(guessers_, [](const auto& each) { return each.second.waiting == 0; });
}

}  // namespace riverd::http
