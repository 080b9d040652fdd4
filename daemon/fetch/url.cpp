#include "daemon/fetch/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace riverd::fetch {
namespace {

constexpr std::size_t kMaxLength = 8192;

struct Cleanup {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};
using Handle = std::unique_ptr<CURLU, Cleanup>;

std::string part(CURLU* handle, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle, which, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<Url> take_apart(CURLU* handle, std::string_view original) {
  const auto invalid = [&](std::string_view why) {
    return Error(Errc::invalid, "use " + redacted(original) + ": " + std::string(why));
  };
  Url url;
  url.scheme = part(handle, CURLUPART_SCHEME);
  if (url.scheme != "http" && url.scheme != "https") return invalid("not an http or https URL");
  url.host = part(handle, CURLUPART_HOST);
  std::transform(url.host.begin(), url.host.end(), url.host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (url.host.empty()) return invalid("no host in the URL");
  url.port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const std::string user = part(handle, CURLUPART_USER, CURLU_URLDECODE);
  const std::string password = part(handle, CURLUPART_PASSWORD, CURLU_URLDECODE);
  if (!user.empty() || !password.empty()) url.user_info = user + ":" + password;
  curl_url_set(handle, CURLUPART_USER, nullptr, 0);
  curl_url_set(handle, CURLUPART_PASSWORD, nullptr, 0);
  curl_url_set(handle, CURLUPART_OPTIONS, nullptr, 0);
  curl_url_set(handle, CURLUPART_FRAGMENT, nullptr, 0);
  curl_url_set(handle, CURLUPART_HOST, url.host.c_str(), 0);
  url.text = part(handle, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
  if (url.text.empty()) return invalid("not a URL");
  return url;
}

Result<Url> parse(Handle handle, std::string_view text, unsigned flags) {
  const std::string copy(text);
  const auto fail = [&](std::string_view why) {
    return Error(Errc::invalid, "use " + redacted(text) + ": " + std::string(why));
  };
  if (!handle) return Error(Errc::internal, "no memory for a URL");
  if (text.size() > kMaxLength) return Error(Errc::invalid, "use a URL: longer than 8 KiB");
  if (has_control(text)) return fail("control characters in the URL");
  const CURLUcode code = curl_url_set(handle.get(), CURLUPART_URL, copy.c_str(), flags | CURLU_URLENCODE);
  if (code != CURLUE_OK) return fail(code == CURLUE_UNSUPPORTED_SCHEME ? "not an http or https URL" : "not a URL");
  return take_apart(handle.get(), text);
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

bool same_origin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

Result<Url> parse_url(std::string_view text) {
  return parse(Handle(curl_url()), trimmed(text), CURLU_PATH_AS_IS);
}

Result<Url> resolve_location(const Url& base, std::string_view location) {
  Handle handle(curl_url());
  if (!handle || curl_url_set(handle.get(), CURLUPART_URL, base.text.c_str(), CURLU_PATH_AS_IS) != CURLUE_OK) {
    return Error(Errc::invalid, "use " + base.text + ": not a URL");
  }
  return parse(std::move(handle), trimmed(location), 0);
}

std::string redacted(std::string_view url) {
  std::string out(url);
  std::size_t begin = out.find("//");
  begin = begin == std::string::npos ? 0 : begin + 2;
  const std::size_t end = std::min(out.find_first_of("/?#", begin), out.size());
  const std::size_t at = out.rfind('@', end);
  if (at != std::string::npos && at >= begin && at < end) out.erase(begin, at + 1 - begin);
  return out;
}

}  // namespace riverd::fetch
